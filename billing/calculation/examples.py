"""The kinds of worked examples that the calculations answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from contracts.rules.calendar.period import japan_date
from contracts.rules.examples.evaluation import Evaluate, kind
from contracts.rules.examples.given import Day, Given, Moment, Quantity, WholeMonth, Yen
from contracts.rules.policy.base import Strict
from contracts.rules.policy.charging import ChargeKind, Fault, PaymentMethod
from contracts.rules.problems import refusal

from .charges import ChargeLine, charge_lines
from .damages import DamagesCap, damages_cap
from .deposit import Deposit, deposit
from .due import Due, Issue, due_on, due_rule, issue_by
from .interest import LateInterest, late_interest
from .invoice import Invoice, calculate
from .outage import Outage, OutageFacts, outage
from .prices import price_list_on
from .service import PricedBook
from .surcharge import Surcharge, surcharge
from .tax import Treatment


class LineGiven(Strict):
    """Either a product and its quantity, or an amount and how it is taxed."""

    product: str | None = None
    quantity: Quantity | None = None
    amount: Yen | None = None
    tax: Treatment | None = None

    @model_validator(mode="after")
    def _one_form(self) -> LineGiven:
        by_product = (self.product is not None, self.quantity is not None)
        by_amount = (self.amount is not None, self.tax is not None)
        if (by_product, by_amount) not in (((True, True), (False, False)), ((False, False), (True, True))):
            raise refusal("line_form")
        return self


class InvoiceGiven(Given):
    month: WholeMonth
    lines: tuple[LineGiven, ...]
    method: PaymentMethod | None = None
    issued_on: Day | None = None


class DueGiven(Given):
    month: WholeMonth
    charge: ChargeKind
    method: PaymentMethod | None = None
    debit_day: Annotated[int, Field(strict=True, ge=1, le=31)] | None = None


class IssueGiven(Given):
    month: WholeMonth


class LateInterestGiven(Given):
    amount: Yen
    due_on: Day
    paid_on: Day


class SurchargeGiven(Given):
    evaded_net: Yen
    on: Day


class OutageGiven(Given):
    known_at: Moment
    restored_at: Moment
    fault: Fault
    monthly_fee: Yen
    paid_last_12_months: Yen | None = None


class MonthlyFee(Strict):
    month: WholeMonth
    fee: Yen


class DamagesCapGiven(Given):
    on: Day
    history: tuple[MonthlyFee, ...]
    started_on: Day | None = None

    @model_validator(mode="after")
    def _each_month_once(self) -> DamagesCapGiven:
        months = [entry.month for entry in self.history]
        if len(set(months)) < len(months):
            raise refusal("month_twice", at="history")
        return self


class DepositGiven(Given):
    monthly_total: Yen
    ids: Quantity


def _invoice(book: PricedBook, given: InvoiceGiven) -> Invoice:
    items: dict[str, int] = {}
    amounts: list[ChargeLine] = []
    for line in given.lines:
        if line.product is not None:
            items[line.product] = items.get(line.product, 0) + (line.quantity or 0)
        elif line.tax is not None:
            amounts.append(ChargeLine(amount=line.amount or 0, tax=line.tax))
    lines: tuple[ChargeLine, ...] = ()
    if items:
        lines = charge_lines(book.policy, price_list_on(book.price_lists, given.month.last), items)
    return calculate(book, (*lines, *amounts), given.month, given.method)


def _due(book: PricedBook, given: DueGiven) -> Due:
    rule = due_rule(book.policy.charging, given.charge, given.method)
    return due_on(rule, given.month, book.calendars_on(given.month.last), given.debit_day)


def _issue(book: PricedBook, given: IssueGiven) -> Issue:
    return issue_by(book.policy.charging, given.month)


def _late_interest(book: PricedBook, given: LateInterestGiven) -> LateInterest:
    return late_interest(book.policy.charging.late_interest, given.amount, given.due_on, given.paid_on)


def _surcharge(book: PricedBook, given: SurchargeGiven) -> Surcharge:
    return surcharge(book.policy.charging, given.evaded_net, given.on)


def _outage(book: PricedBook, given: OutageGiven) -> Outage:
    return outage(
        book.policy.charging,
        OutageFacts(
            known_at=given.known_at,
            restored_at=given.restored_at,
            fault=given.fault,
            monthly_fee=given.monthly_fee,
            paid_last_12_months=given.paid_last_12_months,
        ),
    )


def _damages_cap(book: PricedBook, given: DamagesCapGiven) -> DamagesCap:
    fees = {entry.month: entry.fee for entry in given.history}
    return damages_cap(book.policy.charging, given.on, fees, given.started_on)


def _deposit(book: PricedBook, given: DepositGiven) -> Deposit:
    return deposit(book.policy.charging, given.monthly_total, given.ids)


BILLING_KINDS: dict[str, Evaluate[PricedBook]] = {
    "invoice": kind(InvoiceGiven, lambda given: given.month.last, _invoice),
    "due": kind(DueGiven, lambda given: given.month.last, _due),
    "issue": kind(IssueGiven, lambda given: given.month.last, _issue),
    "late_interest": kind(LateInterestGiven, lambda given: given.due_on, _late_interest),
    "surcharge": kind(SurchargeGiven, lambda given: given.on, _surcharge),
    "outage": kind(OutageGiven, lambda given: japan_date(given.known_at), _outage),
    "damages_cap": kind(DamagesCapGiven, lambda given: given.on, _damages_cap),
    "deposit": kind(DepositGiven, lambda given: None, _deposit),
}
