"""The application form: what was typed stays, and what is sent twice arrives once."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import Application
from tests.browser.people import fill, press
from tests.browser.words import ja

SERVICE = "simpleconnect"


@pytest.fixture
def sign_in_window(catalog, address, organisation, user, signed_in):
    """Sign a window's person in as the organisation's."""

    def sign(page: Page) -> Page:
        session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
        return page

    return sign


def fill_in(page: Page) -> None:
    page.goto(reverse("contracts:application-new", args=[SERVICE]))
    fill(
        page,
        {
            "quantity_id": "１２",
            "quantity_recording": "3",
            "particular_phone": "０３－００００－００００",
            "particular_contract_contact": "総務部 山田 花子",
            "wanted_start_on": "2026-10-01",
        },
    )
    page.locator('[name="payment_method"][value="debit"]').check()


def test_what_was_typed_stays_when_something_is_wrong(sign_in_window, windows):
    page = sign_in_window(windows.open())
    fill_in(page)
    fill(page, {"quantity_recording": "たくさん"})
    press(page, "Check what you entered")

    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(2)
    expect(page.locator('[name="quantity_id"]')).to_have_value("１２")
    expect(page.locator('[name="quantity_recording"]')).to_have_value("たくさん")
    expect(page.locator('[name="particular_contract_contact"]')).to_have_value("総務部 山田 花子")
    expect(page.locator('[name="wanted_start_on"]')).to_have_value("2026-10-01")
    expect(page.locator('[name="payment_method"][value="debit"]')).to_be_checked()

    summary.get_by_role("link").first.click()
    expect(page.locator('[name="quantity_recording"]')).to_be_focused()
    fill(page, {"quantity_recording": "３"})
    page.locator('[name="consent"]').check()
    press(page, "Check what you entered")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Check your application"))
    expect(page.get_by_role("main")).to_contain_text("12 ID")

    page.get_by_role("link", name=ja("Back to change it")).click()
    expect(page.locator('[name="particular_contract_contact"]')).to_have_value("総務部 山田 花子")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_sends_one_application(scripts, sign_in_window, windows):
    page = sign_in_window(windows.open(scripts=scripts))
    fill_in(page)
    page.locator('[name="consent"]').check()
    press(page, "Check what you entered")
    page.get_by_role("button", name=ja("Send the application")).dblclick()
    expect(page.locator(".reception__number")).to_be_visible()
    assert [application.number for application in Application.objects.all()] == [
        page.locator(".reception__number").inner_text()
    ]
