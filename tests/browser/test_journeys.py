"""The life of a contract, from signing up to the invoice's PDF, under the terms of each service."""

from datetime import timedelta

import pdfplumber
import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import Contract, Service, TermsVersion
from portal.organisations.roles import StaffRole
from tests.browser.people import action, fill, mails_to, press, sign_in, sign_in_staff, sign_up
from tests.browser.services import FIRST_MONTHS, FirstMonth
from tests.browser.words import ja

CUSTOMER = "hanako@customer.example"


@pytest.mark.parametrize("first", FIRST_MONTHS, ids=str)
def test_from_sign_up_to_the_invoice(first: FirstMonth, catalog, clock, windows, details, make_staff):
    clock.move_to(first.applied_at)
    customer = windows.open()
    sign_up(customer, CUSTOMER, details)
    version = read_terms(customer, first)
    number = apply(customer, first, version)
    assert any(number in text for text in mails_to(CUSTOMER))

    clock.move_to(first.applied_at + timedelta(days=1))
    reception = windows.open()
    sign_in_staff(reception, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    contract = accept(reception, number)
    start(reception, contract, first, version)
    assert any(contract in text for text in mails_to(CUSTOMER))

    clock.move_to(first.billed_at)
    call_command("bill", first.month, verbosity=0)
    sign_in(customer, CUSTOMER)
    see_contract(customer, contract, first)
    see_invoice(customer, first)
    check_pdf(customer, first, details.name)


def read_terms(page: Page, first: FirstMonth) -> TermsVersion:
    """Find the service and read its terms in force."""
    service = Service.objects.get(slug=first.service)
    version = TermsVersion.objects.in_force(service, first.applied_at.date())
    address = reverse("contracts:terms-version", args=[first.service, version.name])
    main = page.get_by_role("main")
    page.goto(reverse("contracts:service-list"))
    main.get_by_role("link", name=service.name, exact=True).click()
    main.locator(f'a[href="{address}"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text(version.terms.title)
    expect(page.locator(".terms__article").first).to_be_visible()
    main.get_by_role("link", name=service.name, exact=True).click()
    main.get_by_role("link", name=ja("Apply"), exact=True).click()
    return version


def apply(page: Page, first: FirstMonth, version: TermsVersion) -> str:
    """Fill in what the policy asks for, check it, send it; gives the reception number."""
    fill(page, {f"quantity_{product}": number for product, number in first.quantities.items()})
    fill(page, {f"particular_{asked.key}": "本社 受付" for asked in version.policy.application.fields})
    fill(page, {"wanted_start_on": str(first.wanted_start_on)})
    page.locator(f'[name="payment_method"][value="{first.payment_method}"]').check()
    page.locator('[name="consent"]').check()
    press(page, "Check what you entered")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Check your application"))
    for product in first.quantities:
        expect(page.get_by_role("main")).to_contain_text(version.policy.product(product).name.ja)
    expect(page.get_by_role("main")).to_contain_text("本社 受付")
    press(page, "Send the application")
    return page.locator(".reception__number").inner_text()


def accept(page: Page, application: str) -> str:
    """Staff find the application in the queue and accept it; gives the contract's number."""
    page.goto(reverse("admin:contracts_application_changelist"))
    page.get_by_role("link", name=application, exact=True).click()
    action(page, "Accept").click()
    press(page, "Accept")
    contract = Contract.objects.get(application__number=application)
    told = ja(
        "Application %(number)s is accepted: contract %(contract)s.",
        number=application,
        contract=contract.number,
    )
    expect(page.get_by_text(told)).to_be_visible()
    return contract.number


def start(page: Page, contract: str, first: FirstMonth, version: TermsVersion) -> None:
    """Do what the terms ask for between acceptance and the start of service."""
    page.goto(reverse("admin:contracts_contract_changelist"))
    page.get_by_role("link", name=contract, exact=True).click()
    registration = action(page, "Complete the registration")
    notice = action(page, "Issue the activation notice")
    formation = version.policy.formation
    if formation.formed_by == "registration":
        registration.click()
        press(page, "Complete the registration")
    if formation.service_start.rule == "activation_notice":
        notice.click()
        fill(page, {"start_on": str(first.starts_on)})
        press(page, "Issue the notice")
    expect(page.get_by_role("heading", level=1)).to_contain_text(contract)
    expect(registration).to_have_count(0)
    expect(notice).to_have_count(0)


def see_contract(page: Page, contract: str, first: FirstMonth) -> None:
    """The contract with its days, contents and next deadlines, the articles behind them one click away."""
    page.goto(reverse("home"))
    page.get_by_role("main").locator(
        f'a[href="{reverse("contracts:contract-detail", args=[contract])}"]'
    ).click()
    print(page.get_by_role("main").inner_text())


def see_invoice(page: Page, first: FirstMonth) -> None:
    """The invoice in the list and with its lines, as on paper."""
    page.goto(reverse("billing:invoice-list"))
    page.get_by_role("link", name=first.number, exact=True).click()
    print(page.get_by_role("main").inner_text())


def check_pdf(page: Page, first: FirstMonth, recipient: str) -> None:
    """Download the PDF and read it as the customer's accounting would."""
    with page.expect_download() as download:
        page.get_by_role("link", name=ja("Download the PDF")).click()
    assert download.value.suggested_filename == f"{first.number}.pdf"
    with pdfplumber.open(download.value.path()) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
    print(text)
