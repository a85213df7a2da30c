"""Going through the steps of an application."""

from collections.abc import Mapping

from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import TermsVersion
from contracts.rules.policy.particulars import CONTACTS, OF_CONTACTS, OF_THE_ORDER, PHONES
from tests.browser.people import fill, press
from tests.browser.words import ja

PERSON, PHONE, WORDS = "総務部 山田 花子", "03-0000-0000", "本社 受付"
EMAIL = "hanako@yamada.example"


def go_to_step(page: Page, service: str, step: str) -> None:
    page.goto(reverse("contracts:application-step", args=[service, step]))


def go_on(page: Page) -> None:
    """Save the step and go to the next one."""
    press(page, "Save and continue")


def fill_company(page: Page, version: TermsVersion) -> None:
    for asked in version.policy.application.fields:
        if asked.key not in (*OF_CONTACTS, *OF_THE_ORDER):
            if asked.key == "sales_agent" and page.locator('[name="agent"]').count():
                continue  # one is chosen there
            fill(page, {f"particular_{asked.key}": PHONE if asked.key in PHONES else WORDS})


def fill_contacts(page: Page, version: TermsVersion) -> None:
    for asked in version.policy.application.fields:
        name = f"particular_{asked.key}"
        if asked.key in CONTACTS:
            fill(page, {f"{name}_name": PERSON, f"{name}_phone": PHONE})
            if version.policy.writes_to(asked.key):
                fill(page, {f"{name}_email": EMAIL})
        elif asked.key in OF_CONTACTS:
            fill(page, {name: WORDS})


def fill_order(page: Page, version: TermsVersion, quantities: Mapping[str, str], payment_method: str) -> None:
    fill(page, {f"quantity_{product}": number for product, number in quantities.items()})
    for asked in version.policy.application.fields:
        if asked.key in OF_THE_ORDER:
            fill(page, {f"particular_{asked.key}": WORDS})
    page.locator(f'[name="payment_method"][value="{payment_method}"]').check()


def consent(page: Page, version: TermsVersion) -> None:
    """From after the order to the page on which everything is checked."""
    if version.policy.application.documents:
        go_on(page)
    page.locator('[name="consent"]').check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Check your application"))
