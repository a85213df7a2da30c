"""Two of the provider's people: what one proposes, the other sends back or approves."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import SpecialPrice
from contracts.models import Contract, ExampleLife, Service
from contracts.publishing.drafts import create_draft, edit_draft_policy
from portal.approvals.models import Proposal
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.browser.people import fill, press, sign_in_staff
from tests.browser.services import at
from tests.browser.windows import PHONE, Windows
from tests.browser.words import ja


@pytest.fixture
def contract(catalog, clock, organisation) -> Contract:
    """Runs since October; it is 24 November."""
    contract = scenes.running(Service.objects.get(slug="ct-e1"), {"line": 2, "seat": 5}, organisation)
    clock.move_to(at(2026, 11, 24))
    return contract


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("buchou@provider.example", StaffRole.MANAGER, display_name="部長 二郎")


def open_what_waits(page: Page) -> None:
    """From the first page by its number of proposals to the one that waits."""
    page.goto(reverse("admin:index"))
    page.locator('a[href*="/proposal/?state__exact=waits"]').last.click()
    page.locator('#result_list a[href*="/change/"]').first.click()
    expect(page.get_by_role("columnheader", name=ja("Before"))).to_be_visible()


def test_a_special_price_is_sent_back_changed_and_approved(contract, windows: Windows, manager, make_staff):
    keiri = windows.open()
    sign_in_staff(keiri, make_staff("keiri@provider.example", StaffRole.BILLING, display_name="経理 一郎"))
    keiri.goto(reverse("admin:billing_specialprice_set_price"))
    fill(
        keiri,
        {
            "contract": contract.number,
            "product": "seat",
            "unit_price": "３，０００",
            "starts_on": "2026-12-01",
            "reason": "3年契約の値引き",
        },
    )
    press(keiri, "Propose")
    expect(keiri.get_by_text(ja("It waits for the approval of a second person:"))).to_be_visible()

    buchou = windows.open(PHONE)
    sign_in_staff(buchou, manager)
    buchou.goto(reverse("admin:approvals_proposal_change", args=[Proposal.objects.get().pk]))
    expect(buchou.get_by_text("3,000円")).to_be_visible()
    press(buchou, "Send back")
    expect(buchou.get_by_role("alert")).to_contain_text(ja("Say what is to be changed."))
    fill(buchou, {"comment": "1割引きまでにしてください"})
    press(buchou, "Send back")
    expect(buchou.get_by_text(ja("Sent back"), exact=True)).to_be_visible()
    assert not SpecialPrice.objects.exists()

    keiri.goto(reverse("admin:index"))
    expect(keiri.get_by_text("1割引きまでにしてください")).to_be_visible()
    keiri.goto(reverse("admin:approvals_proposal_change", args=[Proposal.objects.get().pk]))
    keiri.get_by_role("link", name=ja("Change it and propose it again")).click()
    expect(keiri.locator('[name="reason"]')).to_have_value("3年契約の値引き")
    expect(keiri.locator('[name="starts_on"]')).to_have_value("2026-12-01")
    fill(keiri, {"unit_price": "4500"})
    press(keiri, "Propose")
    expect(keiri.get_by_text(ja("It waits for the approval of a second person:"))).to_be_visible()

    open_what_waits(buchou)
    expect(buchou.get_by_text("4,500円")).to_be_visible()
    press(buchou, "Approve and carry out")
    expect(buchou.get_by_text(ja("Approved"), exact=True)).to_be_visible()
    price = SpecialPrice.objects.get()
    assert (price.unit_price, price.set_by.email) == (4_500, "keiri@provider.example")


def test_terms_are_proposed_by_one_and_published_by_another(contract, windows: Windows, manager, make_staff):
    ExampleLife.objects.all().delete()  # to play them takes a while
    editor = make_staff("yakkan@provider.example", StaffRole.TERMS, display_name="約款 三郎")
    last = contract.service.versions.latest("effective_on")
    draft = create_draft(contract.service, name="2027-04-01", terms=last.terms, source="", staff=editor)
    policy = last.policy_source.replace(f'version = "{last.name}"', 'version = "2027-04-01"', 1)
    policy = policy.replace(f"on = {last.effective_on}", "on = 2027-04-01", 1)
    draft = edit_draft_policy(draft, policy, seen_hash=draft.content_hash, staff=editor)

    yakkan = windows.open()
    sign_in_staff(yakkan, editor)
    yakkan.goto(reverse("admin:contracts_termsversion_publish", args=[draft.pk]))
    press(yakkan, "Propose")
    expect(yakkan.get_by_text("部長 二郎の承認を待っています")).to_be_visible()
    draft.refresh_from_db()
    assert draft.published_at is None

    buchou = windows.open()
    sign_in_staff(buchou, manager)
    open_what_waits(buchou)
    expect(buchou.get_by_text("2027年4月1日")).to_be_visible()
    press(buchou, "Approve and carry out")
    expect(buchou.get_by_text(ja("Approved"), exact=True)).to_be_visible()
    draft.refresh_from_db()
    assert draft.published_at is not None
