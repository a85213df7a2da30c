"""Staff enter what came on paper: an application of a new customer up to the post; a fax in time."""

import re
from functools import partial

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import Application, Contract, ContractRequest, Posting, Service
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.browser.people import action, fill, press
from tests.browser.services import at
from tests.browser.words import ja
from tests.scenes import PDF

pytestmark = pytest.mark.thorough

SCAN = {"name": "申込書.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def reception(window_of, make_staff):
    """Open a window in which somebody of the reception is signed in already."""
    return partial(window_of, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))


def came_by(page: Page, channel: str, day: str, time: str, sender: str) -> None:
    page.locator(f'[name="receipt-channel"][value="{channel}"]').check()
    fill(page, {"receipt-at_0": day, "receipt-at_1": time, "receipt-sender": sender})


def test_a_paper_application_of_a_new_customer_leads_to_an_acceptance_in_the_post(catalog, clock, reception):
    clock.move_to(at(2026, 11, 24))
    page = reception()
    page.goto(reverse("admin:contracts_application_enter_application"))
    page.locator('[name="receipt-service"]').select_option(label=str(Service.objects.get(slug="ct-e1")))
    came_by(page, "letter", "2026-11-20", "15:30", "佐藤 次郎")
    press(page, "Next")
    expect(page.get_by_text(ja("New: it is registered from the paper"))).to_be_visible()
    fill(
        page,
        {
            "customer-name": "佐藤商店",
            "kana": "サトウショウテン",
            "postal_code": "530-0001",
            "address": "大阪府大阪市北区梅田1-1-1",
            "quantity_line": "1",
            "quantity_seat": "2",
            "wanted_start_on": "2027-01-01",
        },
    )
    for field in page.locator('input[type="text"][name^="particular_"], textarea[name^="particular_"]').all():
        name = field.get_attribute("name") or ""
        field.fill("06-0000-0000" if "phone" in name or name.endswith("fax") else "佐藤 次郎")
    for field in page.locator('input[type="tel"][name^="particular_"]').all():
        field.fill("06-0000-0000")
    page.locator('[name="consent"]').check()
    press(page, "See what follows")
    expect(page.get_by_text(ja("None: all goes out by post"))).to_be_visible()
    expect(page.get_by_text("民事訴訟法228条")).to_be_visible()
    page.locator('[name="paper"]').set_input_files(SCAN)
    press(page, "Record it")
    application = Application.objects.get()
    expect(page).to_have_url(re.compile(reverse("admin:contracts_application_change", args=[application.pk])))
    expect(page.get_by_text("佐藤 次郎").first).to_be_visible()
    action(page, "Accept").click()
    press(page, "Accept")
    contract = Contract.objects.get()
    page.goto(reverse("admin:contracts_posting_changelist"))
    action(page, "Make a print file").click()
    press(page, "Make it")
    posting = Posting.objects.get()
    page.goto(reverse("admin:contracts_posting_change", args=[posting.pk]))
    expect(page.get_by_text(f"{posting.number}.pdf")).to_be_visible()
    action(page, "Record as posted").click()
    press(page, "Record as posted")
    expect(page.get_by_text(ja("Posted"), exact=True).first).to_be_visible()
    contract.refresh_from_db()
    assert contract.acceptance_sent_at


def test_a_fax_in_time_is_entered_two_days_later_and_the_customer_sees_how_it_came(
    catalog, clock, reception, window_of, user, organisation
):
    contract = scenes.running(Service.objects.get(slug="ct-e1"), {"line": 2, "seat": 5}, organisation)
    clock.move_to(at(2026, 12, 2))
    page = reception()
    page.goto(reverse("admin:contracts_contract_change", args=[contract.pk]))
    action(page, "Enter what came on paper or by telephone").click()
    page.locator('[name="receipt-kind"]').select_option("cancellation")
    came_by(page, "fax", "2026-11-30", "16:59", "山田 花子")
    press(page, "Next")
    fill(page, {"wanted_on": "2026-12-31"})
    press(page, "See what follows")
    expect(page.get_by_text("2026年12月31日").first).to_be_visible()
    page.locator('[name="paper"]').set_input_files(SCAN)
    press(page, "Record it")
    asked = ContractRequest.objects.get()
    assert (asked.status, str(asked.decided.ends_on)) == ("submitted", "2026-12-31")
    customer = window_of(user)
    customer.goto(reverse("contracts:contract-request-detail", args=[asked.number]))
    expect(customer.get_by_text("FAX（2026年11月30日 16:59受付")).to_be_visible()
