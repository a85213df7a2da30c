"""Services of the catalog, and operations that are carried through to the e-mails they send."""

import pytest

from contracts.models import Service
from tests.billing_scene import load_service


@pytest.fixture
def progoffice(db) -> Service:
    """Formed by application; starts by activation notice."""
    return load_service("progoffice")


@pytest.fixture
def ct_e1(db) -> Service:
    """Formed by acceptance; starts on the first of the wanted month."""
    return load_service("ct-e1")


@pytest.fixture
def partner_cloud(db) -> Service:
    """Formed when the acceptance mail is sent; starts on the wanted date."""
    return load_service("partner-cloud-e")


@pytest.fixture
def simpleconnect(db) -> Service:
    """Formed by registration; charged from the first of the next month."""
    return load_service("simpleconnect")
