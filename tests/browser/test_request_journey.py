"""A customer ends a contract: the deadline follows the chosen day, staff accept, the end stands there."""

from functools import partial

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import Contract, ContractRequest, Service
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.browser.people import action, fill, mails_to, press, sign_in_staff
from tests.browser.services import at
from tests.browser.words import ja

SERVICE = "desknets"


@pytest.fixture
def contract(catalog, clock, organisation) -> Contract:
    """Runs since October; it is 24 November."""
    contract = scenes.running(Service.objects.get(slug=SERVICE), {"user": 10}, organisation)
    clock.move_to(at(2026, 11, 24))
    return contract


@pytest.fixture
def customer(window_of, user):
    """Open a window in which the customer is signed in already."""
    return partial(window_of, user)


def choose_cancellation(page: Page, contract: Contract) -> None:
    page.goto(reverse("contracts:contract-detail", args=[contract.number]))
    page.get_by_role("main").get_by_role("link", name=ja("Cancellation"), exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Cancellation"))


def test_a_customer_cancels_and_sees_the_end_once_staff_accept(contract, customer, windows, user, make_staff):
    page = customer()
    choose_cancellation(page, contract)
    verdict = page.locator(".verdict")
    expect(page.locator(".panel").first.locator('time[datetime="2026-12-31"]')).to_be_visible()

    fill(page, {"wanted_on": "2026-11-30"})
    expect(verdict).to_contain_text("解約希望日 2026年11月30日：2026年11月20日までの申請が必要です")
    expect(verdict).to_contain_text("2026年12月31日に繰り下がります")
    fill(page, {"wanted_on": "2027-02-10"})
    expect(verdict).to_contain_text("解約希望日 2027年2月28日：2027年2月19日までの申請が必要です")
    verdict.locator("summary").click()
    expect(verdict.locator(".decision__step").first).to_be_visible()

    press(page, "Check what you entered")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Check your request"))
    page.get_by_role("button", name=ja("Send the request")).dblclick()
    expect(page.get_by_text(ja("We have received your request."))).to_be_visible()
    request = ContractRequest.objects.get()
    assert any(request.number in text for text in mails_to(user.email))

    staff = windows.open()
    sign_in_staff(staff, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    staff.goto(reverse("admin:contracts_contractrequest_change", args=[request.pk]))
    action(staff, "Accept").click()
    press(staff, "Accept")
    expect(staff.get_by_role("heading", level=1)).to_contain_text(request.number)

    page.reload()
    expect(page.get_by_text(ja("The provider has accepted this request."))).to_be_visible()
    page.goto(reverse("contracts:contract-detail", args=[contract.number]))
    expect(page.locator('.facts time[datetime="2027-02-28"]').first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_address_of_a_successor_follows_its_postal_code(scripts, contract, customer, organisation):
    contract = scenes.running(Service.objects.get(slug="ct-e1"), {"line": 2, "seat": 5}, organisation)
    page = customer(scripts=scripts)
    page.goto(reverse("contracts:contract-request-new", args=[contract.number, "succession"]))
    press(page, "Add another successor")
    fill(page, {"successors-1-postal_code": "１０６００３２"})
    if not scripts:
        page.locator('button[name="look_up"][value="successors-1-"]').click()
    expect(page.locator('[name="successors-1-address"]')).to_have_value("東京都港区六本木")
    expect(page.locator('[name="successors-0-address"]')).to_have_value("")


def test_a_customer_without_scripts_checks_the_day_with_a_button(contract, customer):
    page = customer(scripts=False)
    choose_cancellation(page, contract)
    fill(page, {"wanted_on": "2026-11-30"})
    press(page, "Check this day")
    expect(page.locator(".verdict")).to_contain_text("2026年12月31日に繰り下がります")
    press(page, "Check what you entered")
    press(page, "Send the request")
    expect(page.get_by_text(ja("We have received your request."))).to_be_visible()
    assert ContractRequest.objects.get().decision["ends_on"] == "2026-12-31"
