"""Contracts stand alone: what billing adds to them comes through one point, and is missed nowhere."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import reverse

from billing import templatetags
from contracts.extensions import registered
from contracts.extensions.panels import Panel, Slot
from contracts.extensions.registered import Extension

ROOT = Path(settings.BASE_DIR)
PLACES = ("contracts", "templates/contracts", "templates/admin/contracts")
FILES = [
    file for place in PLACES for file in (ROOT / place).rglob("*") if file.suffix in (".py", ".html", ".txt")
]
TAGS_OF_BILLING = "|".join(file.stem for file in Path(templatetags.__path__[0]).glob("[a-z]*.py"))
NAMES_BILLING = re.compile(
    rf"\b(?:from|import) billing\b|['\"/]billing[./:]|{{% load [^%]*\b(?:{TAGS_OF_BILLING})\b"
)


@pytest.fixture
def alone(monkeypatch):
    """Contracts to which nobody adds anything."""
    monkeypatch.setattr(registered, "_registered", [])


def test_no_page_and_no_module_of_contracts_names_billing():
    assert len(FILES) > 200
    assert [str(file.relative_to(ROOT)) for file in FILES if NAMES_BILLING.search(file.read_text())] == []


def test_every_slot_of_the_pages_is_filled():
    assert [slot for slot in Slot if not any(slot in one.panels for one in registered._registered)] == []


def test_a_slot_shows_what_is_registered_for_it(alone):
    def panel(name: str) -> Panel:
        return Panel("components/icon.html", {"name": name})

    registered.register(Extension(panels={Slot.OPEN_DEBTS: panel}))
    page = Template('{% load slots %}{% slot "open_debts" "warning" %}|{% slot "forecast" "x" "y" %}')
    assert page.render(Context()) == panel("warning").rendered() + "|"
    assert "svg" in panel("warning").rendered()


def test_a_slot_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="contract money"):
        Template('{% load slots %}{% slot "contract money" %}').render(Context())


def test_the_contracts_pages_do_without_billing(alone, contract, as_yamada):
    page = as_yamada.get(reverse("contracts:contract-detail", args=[contract.number]))
    assert contract.number in page.content.decode()
    assert reverse("billing:invoice-list") not in page.content.decode().split("<main")[1]
    assert as_yamada.get(reverse("contracts:contract-list")).status_code == 200
    service = as_yamada.get(reverse("contracts:service-detail", args=[contract.service.slug]))
    assert "¥" not in service.content.decode()


def test_without_billing_no_monthly_fee_is_known(alone, contract):
    assert registered.monthly_fee(contract, None) is None
