"""A customer moves; months later an auditor finds who changed the address, from what to what."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contracts.models import Contract, Service
from portal.audit.models import AuditEntry
from portal.organisations.models import Organisation, User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.browser.people import fill, press, sign_in_staff
from tests.browser.services import at
from tests.browser.windows import PHONE, Windows
from tests.browser.words import ja

pytestmark = pytest.mark.thorough

NEW = "東京都千代田区千代田1-1"


@pytest.fixture
def contract(catalog, clock, organisation) -> Contract:
    """Runs since October; it is 24 November."""
    contract = scenes.running(Service.objects.get(slug="simpleconnect"), {"id": 1}, organisation)
    clock.move_to(at(2026, 11, 24))
    return contract


@pytest.fixture
def auditor(make_staff) -> User:
    return make_staff("kansa@provider.example", StaffRole.AUDITOR, display_name="監査 三郎")


def test_an_auditor_finds_who_changed_an_address(contract, clock, window_of, windows: Windows, user, auditor):
    before = contract.organisation.address
    moving = window_of(user, PHONE)
    moving.goto(reverse("contracts:company-move"))
    fill(moving, {"postal_code": "100-0001", "address": NEW, "starts_on": "2026-11-24"})
    moving.get_by_label(ja("No, it stays as it is")).check()
    press(moving, "See what follows")
    press(moving, "Send all reports")
    expect(moving.get_by_role("heading", level=1)).to_have_text(ja("Company details"))
    assert Organisation.objects.get().address == NEW

    clock.move_to(at(2027, 3, 10))
    kansa = windows.open()
    sign_in_staff(kansa, auditor)
    kansa.locator("#content").get_by_role("link", name="操作記録").click()
    kansa.locator("#searchbar").fill(f"{contract.organisation.name} {user.display_name}")
    kansa.locator("#searchbar").press("Enter")
    row = kansa.get_by_role("row").filter(has_text=ja("The organisation changed its details."))
    expect(row).to_have_count(1)
    expect(row).to_contain_text(user.display_name)
    expect(row).to_contain_text(f"{before} → {NEW}")
    row.get_by_role("link").first.click()
    expect(kansa.get_by_text(NEW).first).to_be_visible()
    expect(kansa.locator("form button[name='_save'], a.deletelink")).to_have_count(0)

    kansa.goto(reverse("admin:organisations_organisation_change", args=[contract.organisation_id]))
    expect(kansa.locator("[name='address']")).to_have_count(0)
    assert AuditEntry.objects.filter(actor=auditor).exclude(action__startswith="account").count() == 0
