"""A month is billed on the pages: one calculates and submits it, another approves it."""

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import BillingRun
from contracts.models import Provider
from tests.browser.people import action, fill, press
from tests.browser.words import ja


def calculate(page: Page, provider: Provider, month: str) -> BillingRun:
    """Have a month calculated; the page then shows its preview."""
    page.goto(reverse("admin:billing_billingrun_changelist"))
    action(page, "Bill a month").click()
    page.locator('[name="provider"]').select_option(label=str(provider))
    fill(page, {"month": month})
    press(page, "Calculate the preview")
    expect(page.get_by_text(re.compile("^発行済み：[0-9]+件。請求なし："))).to_be_visible()
    return BillingRun.objects.latest("pk")


def submit(page: Page) -> None:
    """Put to a second person what the page shows calculated."""
    action(page, "Submit for approval").click()
    press(page, "Submit for approval")
    expect(page.get_by_text(ja("The run waits for the approval of a second person."))).to_be_visible()


def approve(page: Page, run: BillingRun) -> None:
    """The second person looks at the run and approves it; its one invoice is issued, drawn and e-mailed."""
    page.goto(reverse("admin:billing_billingrun_changelist"))
    page.get_by_role("link", name=run.month.strftime("%Y-%m")).click()
    action(page, "Approve and issue").click()
    press(page, "Approve and issue")
    expect(page.get_by_text("1 / 1")).to_have_count(3)
