from datetime import UTC, datetime

import pytest
import time_machine

from portal.organisations.roles import StaffRole
from tests.billing_scene import load_priced_service
from tests.scenes import suzuki, yamada


@pytest.fixture(autouse=True)
def in_november_2026():
    with time_machine.travel(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def ct_e1(db):
    yamada()
    suzuki()
    return load_priced_service("ct-e1")


@pytest.fixture
def first(make_staff):
    return make_staff("first@provider.example", StaffRole.MANAGER)


@pytest.fixture
def second(make_staff):
    return make_staff("second@provider.example", StaffRole.MANAGER)
