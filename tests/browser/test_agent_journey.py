"""A sales agent takes in an application on paper, accepts it, and ends the contract as its customer asks."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.applications.activation import issue_activation_notice
from contracts.models import Application, Contract, ContractRequest, Service
from tests import scenes
from tests.agent_scene import desk_of
from tests.browser.people import fill, press
from tests.browser.services import at
from tests.browser.words import ja
from tests.scenes import PDF

pytestmark = pytest.mark.thorough

SCAN = {"name": "申込書.pdf", "mimeType": "application/pdf", "buffer": PDF}


def came_by_fax(page: Page, day: str) -> None:
    page.locator('[name="receipt-channel"][value="fax"]').check()
    fill(page, {"receipt-at_0": day, "receipt-at_1": "15:00", "receipt-sender": "佐藤 次郎"})


def test_from_a_paper_application_to_the_end_of_the_contract(catalog, clock, window_of):
    clock.move_to(at(2026, 11, 24))
    minato = Service.objects.get(slug="progoffice").agents.get(key="minato")
    page = window_of(scenes.owner_of(desk_of(minato)))
    page.goto("/")
    page.get_by_role("link", name=ja("Sales agent's desk")).first.click()
    page.get_by_role("link", name=ja("Enter an application from paper")).click()
    came_by_fax(page, "2026-11-20")
    press(page, "Next")
    fill(
        page,
        {
            "customer-name": "佐藤商店",
            "kana": "サトウショウテン",
            "postal_code": "530-0001",
            "address": "大阪府大阪市北区梅田1-1-1",
            "quantity_user": "3",
        },
    )
    for field in page.locator('[name^="particular_"]').all():
        name = field.get_attribute("name") or ""
        if not name.endswith("email"):
            field.fill("06-0000-0000" if name.endswith(("phone", "fax")) else "佐藤 次郎")
    page.locator('[name="consent"]').check()
    press(page, "See what follows")
    page.locator('[name="paper"]').set_input_files(SCAN)
    press(page, "Record it")
    application = Application.objects.get()
    expect(page).to_have_url(re.compile(reverse("contracts:desk-application", args=[application.number])))
    press(page, "Accept")
    expect(page.get_by_text(minato.name).first).to_be_visible()
    application.refresh_from_db()
    assert (application.status, application.decided_for) == ("accepted", minato)
    contract = Contract.objects.get()
    issue_activation_notice(contract, scenes.staff_member(), scenes.day("2026-12-01"), at(2026, 11, 25))
    clock.move_to(at(2026, 12, 2))
    page.goto(reverse("contracts:desk-contract", args=[contract.number]))
    page.get_by_role("link", name=ja("Enter a request from paper")).click()
    page.locator('[name="receipt-kind"]').select_option("cancellation")
    came_by_fax(page, "2026-12-01")
    press(page, "Next")
    fill(page, {"wanted_on": "2027-06-30"})
    press(page, "See what follows")
    page.locator('[name="paper"]').set_input_files(SCAN)
    press(page, "Record it")
    asked = ContractRequest.objects.get()
    expect(page).to_have_url(re.compile(reverse("contracts:desk-request", args=[asked.number])))
    press(page, "Accept")
    expect(page.get_by_text(ja("Request %(number)s is accepted.") % {"number": asked.number})).to_be_visible()
    contract.refresh_from_db()
    assert str(contract.ends_on) == "2027-06-30"
