"""The life of a contract, from signing up to the invoice's PDF, under the terms of each service."""

import re
from datetime import timedelta

import pdfplumber
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import BillingRun
from contracts.models import Contract, Provider, Service, TermsVersion
from portal.organisations.roles import StaffRole
from tests.browser.applying import PERSON, consent, fill_company, fill_contacts, fill_order, go_on
from tests.browser.months import approve, calculate, submit
from tests.browser.people import action, fill, mails_to, press, sign_in, sign_in_staff, sign_up
from tests.browser.services import FIRST_MONTHS, FirstMonth
from tests.browser.words import ja

CUSTOMER = "hanako@customer.example"


# Two of the services each time, the others with what takes longer.
JOURNEYS = [
    *FIRST_MONTHS[:2],
    *(pytest.param(first, marks=pytest.mark.thorough) for first in FIRST_MONTHS[2:]),
]


@pytest.mark.parametrize("first", JOURNEYS, ids=str)
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
    contract = accept(reception, number, version)
    start(reception, contract, first, version)
    assert any(contract in text for text in mails_to(CUSTOMER))

    clock.move_to(first.billed_at)
    accounting = windows.open()
    sign_in_staff(accounting, make_staff("keiri@provider.example", StaffRole.BILLING))
    run = submit_month(accounting, first, version.service.provider)
    manager = windows.open()
    sign_in_staff(manager, make_staff("sekinin@provider.example", StaffRole.MANAGER))
    approve(manager, run)
    assert any(first.number in text for text in mails_to(CUSTOMER))

    sign_in(customer, CUSTOMER)
    see_contract(customer, contract, first, version)
    see_invoice(customer, first, version)
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
    """Fill in what the policy asks for, step by step, check it, send it; gives the reception number."""
    fill_company(page, version)
    go_on(page)
    fill_contacts(page, version)
    go_on(page)
    fill_order(page, version, first.quantities, first.payment_method)
    fill(page, {"wanted_start_on": str(first.wanted_start_on)})
    go_on(page)
    consent(page, version)
    for product in first.quantities:
        expect(page.get_by_role("main")).to_contain_text(version.policy.product(product).name.ja)
    expect(page.get_by_role("main")).to_contain_text(PERSON)
    press(page, "Send the application")
    return page.locator(".reception__number").inner_text()


def accept(page: Page, application: str, version: TermsVersion) -> str:
    """Staff find the application, check what the terms want checked, accept; gives the contract's number."""
    page.goto(reverse("admin:contracts_application_changelist"))
    page.get_by_role("link", name=application, exact=True).click()
    checks = [one for one in version.policy.checks_before("application") if one.when == "always"]
    if checks:
        action(page, "Record checks").first.click()
        for check in checks:
            page.locator(f'[name="result_{check.kind}"]').select_option("clear")
        press(page, "Record")
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
    expect(page.locator(".sheet-title")).to_contain_text(contract)
    expect(registration).to_have_count(0)
    expect(notice).to_have_count(0)


def submit_month(page: Page, first: FirstMonth, provider: Provider) -> BillingRun:
    """Have the month calculated, then put it to a second person."""
    run = calculate(page, provider, first.month)
    expect(page.get_by_role("row").last).to_contain_text(f"{first.gross:,}")
    submit(page)
    return run


def see_contract(page: Page, contract: str, first: FirstMonth, version: TermsVersion) -> None:
    """The contract with its days, contents and next deadline, and the article behind it one click away."""
    address = reverse("contracts:contract-detail", args=[contract])
    main = page.get_by_role("main")
    main.locator(f'a[href="{address}"]').click()
    expect(main.locator(f'time[datetime="{first.starts_on}"]').first).to_be_visible()
    for product in first.lines:
        expect(main).to_contain_text(version.policy.product(product).name.ja)
    deadline = main.locator(".deadline", has=page.locator(f'time[datetime="{first.cancel_by}"]')).first
    deadline.locator("summary").click()
    citation = deadline.locator(".decision__articles a").first
    article = citation.get_attribute("href").partition("#")[2]
    citation.click()
    expect(page.locator(f"#{article}")).to_be_in_viewport()


def see_invoice(page: Page, first: FirstMonth, version: TermsVersion) -> None:
    """The invoice in the list, and with the reasons of its amounts."""
    page.goto(reverse("billing:invoice-list"))
    page.get_by_role("link", name=first.number, exact=True).click()
    main = page.get_by_role("main")
    for product, amount in first.lines.items():
        name = re.compile("^" + re.escape(version.policy.product(product).name.ja))
        row = main.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
        expect(row.locator("td").last).to_have_text(f"¥{amount:,}")
    expect(main.locator(f'time[datetime="{first.due_on}"]').first).to_be_visible()


def check_pdf(page: Page, first: FirstMonth, recipient: str) -> None:
    """Download the PDF and read it as the customer's accounting would."""
    with page.expect_download() as download:
        page.get_by_role("link", name=ja("Download the PDF")).click()
    assert download.value.suggested_filename == f"{first.number}.pdf"
    with pdfplumber.open(download.value.path()) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
    due = first.due_on
    for stated in (
        f"請求書番号 {first.number}",
        f"登録番号 {first.registration_number}",
        f"{recipient} 御中",
        f"お支払期日 {due.year}年{due.month}月{due.day}日",
        f"10％対象 {first.net:,} {first.tax:,}",
        f"合計（税込） {first.gross:,}円",
    ):
        assert stated in text
    for amount in first.lines.values():
        assert re.search(rf" {amount:,}$", text, re.MULTILINE)
