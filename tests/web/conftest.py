"""A portal on 2026-11-20 with customers, staff of each role, and contracts of 山田商事."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from contracts.models import Application, Contract, Service
from portal.organisations.models import Organisation, User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service

NOW = "2026-11-20 10:00"
ALL_SERVICES = ("ct-e1", "desknets", "partner-cloud-e", "progoffice", "simpleconnect")


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(scenes.at(NOW), tick=False) as clock:
        yield clock


@pytest.fixture(scope="module")
def priced_ct_e1(made_once) -> Service:
    return load_priced_service("ct-e1")


@pytest.fixture
def ct_e1(priced_ct_e1, db) -> Service:
    """Formed by acceptance, starts with the wanted month; terms without samples, prices shown with tax."""
    return scenes.again(priced_ct_e1)


@pytest.fixture
def progoffice() -> Service:
    """Formed by application, starts by an activation notice."""
    return load_priced_service("progoffice")


@pytest.fixture
def simpleconnect() -> Service:
    """Formed by registration; sample prices."""
    return load_priced_service("simpleconnect")


@pytest.fixture
def yamada() -> Organisation:
    return scenes.yamada()


@pytest.fixture
def as_yamada(yamada, signed_in) -> Client:
    return signed_in(scenes.owner_of(yamada))


@pytest.fixture
def as_suzuki(signed_in) -> Client:
    """Somebody of another organisation."""
    return signed_in(scenes.owner_of(scenes.suzuki()))


@pytest.fixture
def staff(make_staff) -> Callable[[StaffRole], User]:
    return lambda role: make_staff(f"{role.name.lower()}@provider.example", role)


@pytest.fixture
def as_reception(staff, signed_in) -> Client:
    return signed_in(staff(StaffRole.RECEPTION))


@pytest.fixture
def application(ct_e1) -> Application:
    """Sent and not decided."""
    return scenes.apply(ct_e1, {"line": 2, "seat": 3}, scenes.at("2026-11-18"))


@pytest.fixture
def contract(ct_e1) -> Contract:
    """Runs since October."""
    applied = scenes.apply(
        ct_e1, {"line": 2}, scenes.at("2026-09-10"), wanted_start_on=scenes.day("2026-10-01")
    )
    return scenes.accept(applied, scenes.at("2026-09-11"))
