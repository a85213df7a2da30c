"""A person keeps their own account: a passkey is set up and used, a session ended elsewhere, the end."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from portal.organisations.accounts.models import SignIn
from portal.organisations.models import User
from tests.browser.accessibility import barriers
from tests.browser.people import fill, mails_to, press, sign_in
from tests.browser.windows import PHONE, Windows
from tests.browser.words import ja
from tests.conftest import PASSWORD

pytestmark = pytest.mark.thorough


@pytest.fixture
def windows(clock, address: str, browser: Browser, transactional_db) -> Iterator[Windows]:
    """As for other journeys, but under a name: browsers make no passkeys for the number of a machine."""
    cache.clear()
    windows = Windows(browser, address.replace("127.0.0.1", "localhost"))
    yield windows
    windows.close()
    assert not windows.complaints


def with_passkeys(page: Page) -> None:
    """Give the window a device that asks for a finger, and knows it."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    able = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    asking = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**able, **asking}})


def follow(page: Page, label: str) -> None:
    page.get_by_role("main").get_by_role("link", name=ja(label), exact=True).first.click()


def titled(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(ja(title))


def test_a_passkey_is_set_up_and_signs_in_without_a_password(windows, user):
    page = windows.open()
    with_passkeys(page)
    sign_in(page, user.email)
    page.goto(reverse("account"))
    follow(page, "Set up")
    titled(page, "Passkeys and second factor")
    follow(page, "Add a passkey")
    fill(page, {"password": PASSWORD})
    press(page, "Confirm")
    titled(page, "Add a passkey")
    fill(page, {"name": "会社のパソコン"})
    press(page, "Add this passkey")
    titled(page, "Recovery codes")
    page.goto(reverse("mfa_index"))
    expect(page.get_by_role("strong")).to_have_text("会社のパソコン")
    assert barriers(page) == []

    page.context.clear_cookies()
    page.goto(reverse("account_login"))
    press(page, "Sign in with a passkey")
    expect(page).not_to_have_url(re.compile(re.escape(reverse("account_login"))))
    page.goto(reverse("account_sign_ins"))
    expect(page.get_by_role("main")).to_contain_text(ja("Passkey"))
    assert SignIn.objects.first().means == SignIn.Means.PASSKEY

    page.context.clear_cookies()
    sign_in(page, user.email)
    titled(page, "Two-factor authentication")
    press(page, "Use a passkey")
    expect(page).not_to_have_url(re.compile(re.escape(reverse("mfa_authenticate"))))
    assert SignIn.objects.first().means == SignIn.Means.SECOND_PASSKEY


def test_a_session_is_ended_from_another_device(windows, user):
    here, phone = windows.open(), windows.open(PHONE)
    sign_in(here, user.email)
    sign_in(phone, user.email)
    here.goto(reverse("account_sessions"))
    assert barriers(here) == []
    here.get_by_role("button", name=re.compile("^" + ja("End the session"))).click()
    expect(here.get_by_text(ja("You are signed in nowhere else."))).to_be_visible()
    phone.goto(reverse("account"))
    titled(phone, "Sign in")
    expect(phone.get_by_text(ja("This session was ended. Please sign in again."))).to_be_visible()


def test_an_account_is_closed(windows, user, organisation):
    page, address = windows.open(PHONE), user.email
    sign_in(page, user.email)
    page.goto(reverse("account"))
    follow(page, "Close the account …")
    titled(page, "Closing the account")
    assert barriers(page) == []
    fill(page, {"password": PASSWORD})
    press(page, "Close the account for good")
    titled(page, "Your account is closed")
    assert User.objects.get().closed_at
    assert any("アカウントを閉鎖しました" in text for text in mails_to(address))
    page.goto(reverse("account_login"))
    fill(page, {"login": address, "password": PASSWORD})
    press(page, "Sign in")
    titled(page, "Sign in")
