"""A customer with four contracts moves: one form, four requests, each with its own deadline and article."""

from functools import partial

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.applications.acceptance import deliver_acceptance
from contracts.models import Contract, ContractRequest, Service
from portal.organisations.models import Organisation
from tests import scenes
from tests.browser.people import fill, mails_to, press
from tests.browser.services import at
from tests.browser.words import ja

pytestmark = pytest.mark.thorough

HELD = {
    "ct-e1": {"line": 2, "seat": 5},
    "partner-cloud-e": {"base": 1},
    "simpleconnect": {"id": 1},
    "progoffice": {"user": 3},
}
NEW = "東京都千代田区千代田1-1"


@pytest.fixture
def contracts(catalog, clock, organisation) -> list[Contract]:
    """Four that run since October; it is 1 December, and what was accepted has gone out."""
    found = []
    for slug, held in HELD.items():
        contract = scenes.running(Service.objects.get(slug=slug), held, organisation)
        if contract.formed_on is None:
            deliver_acceptance(contract, at(2026, 9, 10))
        found.append(contract)
    clock.move_to(at(2026, 12, 1))
    return found


@pytest.fixture
def customer(window_of, user):
    """Open a window in which the customer is signed in already."""
    return partial(window_of, user)


def report_move(page: Page) -> None:
    page.goto(reverse("home"))
    page.get_by_text(ja("User menu")).first.locator("xpath=ancestor::summary").click()
    page.get_by_role("link", name=ja("Company details")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Company details"))
    page.get_by_role("main").get_by_role("link", name=ja("Report a move")).first.click()
    fill(page, {"postal_code": "100-0001", "address": NEW, "starts_on": "2026-12-05"})
    page.get_by_label(ja("No, it stays as it is")).check()
    press(page, "See what follows")


def test_a_move_reported_once_goes_to_four_contracts_each_by_its_own_terms(contracts, customer, user):
    page = customer()
    report_move(page)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("第12条第2項")
    expect(rows.nth(0)).to_contain_text("2026年12月4日")
    expect(rows.nth(1)).to_contain_text("第10条第1項")
    expect(rows.nth(1)).to_contain_text("期限を過ぎていますが、届出は受け付けられます")
    expect(rows.nth(2)).to_contain_text("期限の定めはありません")
    assert not ContractRequest.objects.exists()

    page.get_by_role("button", name=ja("Send all reports")).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Company details"))
    sent = ContractRequest.objects.order_by("pk")
    assert [one.contract for one in sent] == contracts
    for one in sent:
        expect(page.get_by_role("main")).to_contain_text(one.number)
        assert any(one.number in text for text in mails_to(user.email))
    expect(page.get_by_text(ja("Coming changes"))).to_be_visible()
    assert Organisation.objects.get().address != NEW
