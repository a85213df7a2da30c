"""What happens in the lives of contracts, as customers and staff meet it on the pages.

A line of ct-e1 is 5,000 yen a month, and so is a seat; an ID of simpleconnect is 8,000. Tax is 10 %.
"""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from billing.differences.listing import list_changed
from billing.models import Invoice
from billing.runs.bill import bill
from contracts.models import Contract, ContractRequest, Service
from contracts.requests.decide import accept_request
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from portal.approvals.models import Proposal
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.browser.months import approve, calculate, submit
from tests.browser.people import action, fill, press
from tests.browser.words import ja

DECEMBER, JANUARY, FEBRUARY = Month(2026, 12), Month(2027, 1), Month(2027, 2)


class Office:
    """The provider's people, each in a window that is signed in at the moment at which it is opened."""

    def __init__(self, window_of: Callable[..., Page], make_staff: Callable[..., User]) -> None:
        self._window_of = window_of
        self._reception = make_staff("uketsuke@provider.example", StaffRole.RECEPTION)
        self._billing = make_staff("keiri@provider.example", StaffRole.BILLING)
        self._manager = make_staff("buchou@provider.example", StaffRole.MANAGER)

    @property
    def reception(self) -> Page:
        return self._window_of(self._reception)

    @property
    def billing(self) -> Page:
        return self._window_of(self._billing)

    @property
    def manager(self) -> Page:
        return self._window_of(self._manager)


@pytest.fixture
def office(window_of, make_staff) -> Office:
    return Office(window_of, make_staff)


@pytest.fixture
def seats(catalog, clock, organisation) -> Contract:
    """Two lines and five seats of ct-e1, from 1 November."""
    service = Service.objects.get(slug="ct-e1")
    applied = scenes.apply(
        service,
        {"line": 2, "seat": 5},
        scenes.at("2026-10-01"),
        organisation=organisation,
        wanted_start_on=date(2026, 11, 1),
    )
    return scenes.accept(applied, scenes.at("2026-10-02"))


def billed(contract: Contract, month: Month, on: str) -> Invoice:
    """A month's invoice, issued on a day."""
    bill(contract.service.provider, month, scenes.day(on))
    return Invoice.objects.charging().get(contract=contract, month=month.first)


def ask(page: Page, contract: Contract, kind: str, **typed: str) -> ContractRequest:
    """Fill in the form of a request, check what it says, and send it."""
    page.goto(reverse("contracts:contract-request-new", args=[contract.number, kind]))
    if product := typed.pop("product", ""):
        page.locator(f'[name="product"][value="{product}"]').check()
    fill(page, typed)
    press(page, "Check what you entered")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Check your request"))
    press(page, "Send the request")
    expect(page.get_by_text(ja("We have received your request."))).to_be_visible()
    return ContractRequest.objects.latest("pk")


def accept(page: Page, request: ContractRequest) -> None:
    page.goto(reverse("admin:contracts_contractrequest_change", args=[request.pk]))
    action(page, "Accept").click()
    press(page, "Accept")
    expect(page.get_by_role("heading", level=1)).to_contain_text(request.number)


def choose(page: Page, label: str) -> None:
    """Choose something that staff can do, also where it stands among the further actions."""
    link = action(page, label).first
    if not link.is_visible():
        page.locator("a", has_text=ja("More actions")).click()
    link.click()


def charged(page: Page, text: str) -> Locator:
    """The line of an invoice that says so; the reasons of its amount have a row of their own below it."""
    lines = page.get_by_role("main").get_by_role("row").filter(has=page.get_by_role("rowheader"))
    return lines.filter(has_text=text)


def invoice_page(page: Page, invoice: Invoice) -> None:
    page.goto(reverse("billing:invoice-detail", args=[invoice.number]))
    expect(page.get_by_role("heading", level=1)).to_contain_text(invoice.number)


def pay(page: Page, invoice: Invoice, amount: str, on: str, reference: str) -> None:
    """Staff record what came in for an invoice."""
    page.goto(reverse("admin:billing_invoice_change", args=[invoice.pk]))
    action(page, "Record a payment").click()
    fill(page, {"paid_on": on, "amount": amount, "reference": reference})
    press(page, "Record")
    expect(page.get_by_role("heading", level=1)).to_contain_text(invoice.number)


def approve_proposal(page: Page) -> None:
    """The second person approves what waits."""
    waiting = Proposal.objects.get(state=Proposal.State.WAITS)
    page.goto(reverse("admin:approvals_proposal_change", args=[waiting.pk]))
    press(page, "Approve and carry out")
    expect(page.get_by_text(ja("Approved"), exact=True)).to_be_visible()


def test_a_cancellation_that_nobody_decides_ends_the_contract_on_its_day(
    seats, clock, window_of, user, office
):
    clock.move_to(scenes.at("2026-11-30 23:50"))
    customer = window_of(user)
    request = ask(customer, seats, "cancellation", wanted_on="2026-12-15")
    main = customer.get_by_role("main")
    expect(main).to_contain_text("契約は2026年12月31日に終了します。")
    expect(main).to_contain_text("承諾を必要としません")
    customer.goto(reverse("contracts:contract-detail", args=[seats.number]))
    expect(customer.locator('.facts time[datetime="2026-12-31"]').first).to_be_visible()
    billed(seats, DECEMBER, "2026-12-01")

    clock.move_to(scenes.at("2027-01-05 10:00"))
    customer = window_of(user)
    customer.goto(reverse("contracts:contract-request-detail", args=[request.number]))
    expect(customer.get_by_role("heading", level=1)).to_contain_text("受付済み")
    expect(customer.get_by_role("link", name=ja("Withdraw this request"))).to_have_count(0)
    customer.goto(reverse("contracts:contract-detail", args=[seats.number]))
    expect(customer.get_by_role("heading", level=1)).to_contain_text("終了")
    billing = office.billing
    calculate(billing, seats.service.provider, str(JANUARY))
    expect(billing.get_by_role("row").last).to_have_text(
        re.compile(r"合計\s+0\s+0\s+0\s+0\s+38,500\s+-38,500")
    )
    reception = office.reception
    reception.goto(reverse("work-queue"))
    expect(reception.get_by_role("link", name=request.number)).to_be_visible()
    accept(reception, request)
    reception.goto(reverse("work-queue"))
    expect(reception.get_by_role("link", name=request.number)).to_have_count(0)
    customer.goto(reverse("contracts:contract-request-detail", args=[request.number]))
    expect(customer.get_by_text(ja("The provider has accepted this request."))).to_be_visible()
    seats.refresh_from_db()
    assert str(seats.ends_on) == "2026-12-31"


@pytest.mark.thorough
def test_what_is_accepted_after_its_month_was_billed_is_charged_with_the_next(
    seats, clock, window_of, user, office
):
    clock.move_to(scenes.at("2026-11-02 10:00"))
    request = ask(window_of(user), seats, "quantity_up", product="line", quantity="4", wanted_on="2026-12-02")
    first = billed(seats, DECEMBER, "2026-12-01")

    clock.move_to(scenes.at("2027-01-05 10:00"))
    accept(office.reception, request)
    list_changed()  # as a worker does every few minutes
    billing = office.billing
    billing.goto(reverse("admin:billing_chargedifference_changelist"))
    expect(billing.locator("#result_list")).to_contain_text("10,000円 → 20,000円")
    run = calculate(billing, seats.service.provider, str(JANUARY))
    expect(billing.get_by_role("row").filter(has_text="2026-12")).to_contain_text("10,000 → 20,000")
    expect(billing.get_by_text("60,500").first).to_be_visible()
    submit(billing)
    approve(office.manager, run)

    second = Invoice.objects.charging().get(contract=seats, month=JANUARY.first)
    customer = window_of(user)
    invoice_page(customer, second)
    main = customer.get_by_role("main")
    later = charged(customer, "2026年12月")
    expect(later.locator("td").last).to_have_text("¥10,000")
    expect(later).to_contain_text(first.number)
    expect(main).to_contain_text("¥60,500")
    expect(main.locator(".money--total")).to_have_text("¥60,500")
    invoice_page(customer, first)
    expect(main.locator(".money--total")).to_have_text("¥38,500")


@pytest.mark.thorough
def test_down_and_up_in_one_month_is_charged_at_the_number_before(seats, clock, window_of, user, office):
    clock.move_to(scenes.at("2026-11-24 10:00"))
    customer = window_of(user)
    down = ask(customer, seats, "quantity_down", product="seat", quantity="3", wanted_on="2027-01-10")
    dates = customer.locator('[aria-labelledby="when"]')
    expect(dates).to_contain_text(re.compile(r"変更前の数量の課金終了日\s*2027年1月31日"))
    expect(dates).to_contain_text(re.compile(r"変更後の数量の課金開始日\s*2027年2月1日"))
    expect(dates).not_to_contain_text("終了日（2027年1月9日）の属する月")
    accept(office.reception, down)
    up = ask(customer, seats, "quantity_up", product="seat", quantity="4", wanted_on="2027-01-20")
    accept(office.reception, up)
    customer.goto(reverse("contracts:contract-detail", args=[seats.number]))
    expect(customer.locator('time[datetime="2027-01-31"]').first).to_be_visible()

    clock.move_to(scenes.at("2027-01-05 10:00"))
    billing = office.billing
    run = calculate(billing, seats.service.provider, str(JANUARY))
    submit(billing)
    approve(office.manager, run)
    customer = window_of(user)
    invoice_page(customer, Invoice.objects.charging().get(contract=seats, month=JANUARY.first))
    row = charged(customer, "シートライセンス")
    expect(row.locator("td").first).to_contain_text("5")
    expect(row.locator("td").last).to_have_text("¥25,000")
    expect(customer.locator(".money--total")).to_have_text("¥38,500")

    clock.move_to(scenes.at("2027-02-03 10:00"))
    invoice_page(window_of(user), billed(seats, FEBRUARY, "2027-02-03"))
    february = Invoice.objects.charging().get(contract=seats, month=FEBRUARY.first)
    assert (february.net, february.gross) == (30_000, 33_000)


@pytest.mark.thorough
def test_the_rest_of_an_underpayment_pays_the_invoice_and_the_days_between_cost_interest(
    catalog, clock, organisation, window_of, user, office
):
    contract = scenes.running(Service.objects.get(slug="simpleconnect"), {"id": 4}, organisation)
    invoice = billed(contract, Month(2026, 10), "2026-11-05")
    clock.move_to(scenes.at("2026-11-30 10:00"))
    pay(office.billing, invoice, "34760", "2026-11-30", "1130-1")

    clock.move_to(scenes.at("2026-12-01 10:00"))
    customer = window_of(user)
    invoice_page(customer, invoice)
    expect(customer.get_by_role("heading", level=1)).to_contain_text("期日超過")
    due = customer.locator('[aria-labelledby="due"]')
    expect(due.locator(".money--total")).to_have_text("¥35,200")
    expect(due).to_contain_text("¥34,760")
    expect(due).to_contain_text(re.compile(r"全額に足りない額\s*¥440"))

    clock.move_to(scenes.at("2026-12-15 10:00"))
    pay(office.billing, invoice, "440", "2026-12-15", "1215-1")
    customer = window_of(user)
    invoice_page(customer, invoice)
    expect(customer.get_by_role("heading", level=1)).to_contain_text("支払済")
    expect(customer.locator(".money--total")).to_have_text("¥0")
    paid = customer.locator('[aria-labelledby="payments"]')
    expect(paid.locator('time[datetime="2026-12-15"]').first).to_be_visible()
    billing = office.billing
    billing.goto(reverse("admin:billing_invoice_change", args=[invoice.pk]))
    choose(billing, "Charge late interest")
    press(billing, "Propose")
    expect(billing.get_by_role("status")).to_contain_text("承認を待っています")
    manager = office.manager
    approve_proposal(manager)
    expect(manager.get_by_text("197円").first).to_be_visible()  # 35,200 × 14.6 % × 14 ÷ 365


@pytest.mark.thorough
def test_an_invoice_issued_anew_keeps_what_was_paid_in_time_and_asks_for_the_rest_alone(
    seats, clock, window_of, user, office, make_user
):
    asked = ProductChangeData(product="line", quantity=4, wanted_on=date(2026, 12, 2))
    request = scenes.ask(seats, "quantity_up", asked, scenes.at("2026-11-02"))
    old = billed(seats, DECEMBER, "2026-12-10")
    clock.move_to(scenes.at("2026-12-28 10:00"))
    pay(office.billing, old, "38500", "2026-12-28", "1228-1")

    clock.move_to(scenes.at("2027-01-20 10:00"))
    accept_request(request, scenes.staff_member(), scenes.at("2027-01-20 10:00"))
    billing = office.billing
    billing.goto(reverse("admin:billing_invoice_change", args=[old.pk]))
    choose(billing, "Cancel and issue anew")
    fill(billing, {"reason": "外線の増設の承諾が遅れたため"})
    press(billing, "Propose")
    expect(billing.get_by_text(ja("It waits for the approval of a second person:"))).to_be_visible()
    approve_proposal(office.manager)

    old.refresh_from_db()
    new = Invoice.objects.get(replaces=old)
    customer = window_of(user)
    invoice_page(customer, new)
    expect(customer.get_by_role("heading", level=1)).not_to_contain_text("期日超過")
    due = customer.locator('[aria-labelledby="due"]')
    expect(due.locator(".money--total")).to_have_text("¥11,000")
    expect(due).not_to_contain_text("延滞利息")
    paid = customer.locator('[aria-labelledby="payments"]')
    expect(paid).to_contain_text("¥38,500")
    expect(paid.locator('time[datetime="2026-12-28"]')).to_be_visible()
    invoice_page(customer, old)
    expect(customer.get_by_role("link", name=ja("To the new invoice"))).to_be_visible()
