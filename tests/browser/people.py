"""What people do on the pages, as often as several tests need it."""

import re
from collections.abc import Mapping

from django.core import mail
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from portal.organisations.models import User
from portal.organisations.operations import OrganisationDetails
from tests.account_scene import code_now
from tests.browser.words import ja
from tests.conftest import PASSWORD

CODE = re.compile(r"^ +([0-9A-Z-]+)$", re.MULTILINE)


def press(page: Page, label: str) -> None:
    """Press the button that bears the label."""
    page.get_by_role("button", name=ja(label), exact=True).click()


def action(page: Page, label: str) -> Locator:
    """The link to something that staff can do with what they look at; an icon's name stands before it."""
    return page.get_by_role("link", name=re.compile(rf"(^|\s){re.escape(ja(label))}\s*$"))


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Type into fields, by their names."""
    for name, value in values.items():
        page.locator(f'[name="{name}"]').fill(value)


def mails_to(address: str) -> list[str]:
    """The texts of all mails to somebody, oldest first."""
    return [message.body for message in mail.outbox if address in message.to]


def sign_up(page: Page, email: str, details: OrganisationDetails) -> None:
    """From the front page to a registered organisation."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=ja("Create an account")).click()
    fill(page, {"email": email, "display_name": "山田 花子", "password1": PASSWORD, "password2": PASSWORD})
    press(page, "Send the confirmation code")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Confirm your e-mail address"))
    code = CODE.search(mails_to(email)[-1])
    assert code, mails_to(email)[-1]
    fill(page, {"code": code[1]})
    press(page, "Confirm")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Register your organisation"))
    fill(
        page,
        {
            "name": details.name,
            "kana": details.kana,
            "postal_code": details.postal_code,
            "address": details.address,
            "phone": details.phone,
        },
    )
    press(page, "Register")
    expect(page).to_have_url(re.compile(re.escape(reverse("home")) + "$"))
    expect(
        page.get_by_text(ja("Your organisation is registered. You can now apply for services."))
    ).to_be_visible()


def sign_in(page: Page, email: str) -> None:
    """With e-mail address and password, as far as that leads."""
    page.goto(reverse("account_login"))
    fill(page, {"login": email, "password": PASSWORD})
    press(page, "Sign in")
    expect(page).not_to_have_url(re.compile(re.escape(reverse("account_login"))))


def sign_in_staff(page: Page, staff: User) -> None:
    """With the second factor, up to the admin's first page."""
    page.goto(reverse("admin:index"))
    fill(page, {"login": staff.email, "password": PASSWORD})
    press(page, "Sign in")
    fill(page, {"code": code_now(staff)})
    press(page, "Sign in")
    expect(page).to_have_url(re.compile(re.escape(reverse("admin:index")) + "$"))
