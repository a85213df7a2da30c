"""The application: what was typed stays, follows the typing, and what is sent twice arrives once."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import Application, TermsVersion
from tests.browser.applying import consent, fill_company, fill_contacts, fill_order, go_on, go_to_step
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


def version_of(slug: str) -> TermsVersion:
    return TermsVersion.objects.get(service__slug=slug, effective_on__lte="2026-09-10")


def fill_in(page: Page) -> None:
    """Up to the page on which everything is checked."""
    version = version_of(SERVICE)
    page.goto(reverse("contracts:application-new", args=[SERVICE]))
    fill_company(page, version)
    go_on(page)
    fill_contacts(page, version)
    go_on(page)
    fill_order(page, version, {"id": "１２", "recording": "3"}, "debit")
    go_on(page)
    consent(page, version)


def test_what_was_typed_stays_when_something_is_wrong(sign_in_window, windows):
    page = sign_in_window(windows.open())
    go_to_step(page, SERVICE, "products")
    fill_order(page, version_of(SERVICE), {"id": "１２", "recording": "たくさん", "sip-phone": "x"}, "debit")
    fill(page, {"wanted_start_on": "2026-10-01"})
    go_on(page)

    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(2)
    expect(page.locator('[name="quantity_id"]')).to_have_value("１２")
    expect(page.locator('[name="quantity_recording"]')).to_have_value("たくさん")
    expect(page.locator('[name="wanted_start_on"]')).to_have_value("2026-10-01")
    expect(page.locator('[name="payment_method"][value="debit"]')).to_be_checked()

    summary.get_by_role("link").first.click()
    expect(page.locator('[name="quantity_recording"]')).to_be_focused()
    fill(page, {"quantity_recording": "３", "quantity_sip-phone": ""})
    press(page, "Back")
    expect(page.locator('[name="particular_contract_contact_name"]')).to_be_visible()
    go_to_step(page, SERVICE, "products")
    expect(page.locator('[name="quantity_recording"]')).to_have_value("３")


def test_a_draft_is_found_on_the_home_page_of_another_browser(sign_in_window, windows):
    page = sign_in_window(windows.open())
    page.goto(reverse("contracts:application-new", args=[SERVICE]))
    fill(page, {"address": "東京都港区芝公園9-9-9"})
    press(page, "Save and go on later")
    other = sign_in_window(windows.open())
    other.goto(reverse("home"))
    other.get_by_role("main").get_by_role("link", name=version_of(SERVICE).service.name).first.click()
    press(other, "Back")
    expect(other.locator('[name="address"]')).to_have_value("東京都港区芝公園9-9-9")


def test_the_address_follows_the_postal_code(sign_in_window, windows):
    page = sign_in_window(windows.open())
    go_to_step(page, SERVICE, "company")
    fill(page, {"postal_code": "１０６００３２"})
    expect(page.locator('[name="address"]')).to_have_value("東京都港区六本木")
    fill(page, {"address": "東京都港区六本木1-2-3"})
    press(page, "Look up the address")
    expect(page.locator('[name="address"]')).to_have_value("東京都港区六本木1-2-3")


def test_a_button_looks_the_address_up_where_no_script_does(sign_in_window, windows):
    page = sign_in_window(windows.open(scripts=False))
    go_to_step(page, SERVICE, "company")
    fill(page, {"postal_code": "106-0032", "address": ""})
    press(page, "Look up the address")
    expect(page.locator('[name="address"]')).to_have_value("東京都港区六本木")


def test_the_estimate_follows_the_quantities(sign_in_window, windows):
    page = sign_in_window(windows.open())
    go_to_step(page, SERVICE, "products")
    fill(page, {"quantity_id": "４"})
    panel = page.locator('[aria-labelledby="estimate"]')
    expect(panel).to_contain_text("¥32,000")
    expect(panel).to_contain_text("¥35,200")


def test_a_button_calculates_where_no_script_does(sign_in_window, windows):
    page = sign_in_window(windows.open(scripts=False))
    go_to_step(page, SERVICE, "products")
    fill(page, {"quantity_id": "4"})
    press(page, "Calculate")
    expect(page.locator('[aria-labelledby="estimate"]')).to_contain_text("¥35,200")


def test_beyond_the_standard_set_up_a_quotation_is_announced(sign_in_window, windows):
    page = sign_in_window(windows.open())
    go_to_step(page, "ct-e1", "products")
    fill(page, {"quantity_line": "6", "quantity_setup-standard": "1"})
    panel = page.locator('[aria-labelledby="estimate"]')
    expect(panel).to_contain_text(ja("Individual quotation"))
    fill(page, {"quantity_line": "5"})
    expect(panel).not_to_contain_text(ja("Individual quotation"))
    expect(panel).to_contain_text("¥300,000")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_sends_one_application(scripts, sign_in_window, windows):
    page = sign_in_window(windows.open(scripts=scripts))
    fill_in(page)
    expect(page.get_by_role("main")).to_contain_text("12 ID")
    page.get_by_role("button", name=ja("Send the application")).dblclick()
    expect(page.locator(".reception__number")).to_be_visible()
    assert [application.number for application in Application.objects.all()] == [
        page.locator(".reception__number").inner_text()
    ]


def test_two_windows_send_one_application(sign_in_window, windows):
    page, other = (sign_in_window(windows.open()) for _window in range(2))
    fill_in(page)
    other.goto(reverse("contracts:application-confirm", args=[SERVICE]))
    for window in (page, other):
        press(window, "Send the application")
        expect(window.locator(".reception__number")).to_be_visible()
    assert Application.objects.count() == 1
