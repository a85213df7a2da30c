"""The policy's rules on money: their schema. Billing computes with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from contracts.problems.reasons import Reason, UnknownError
from contracts.rules.calendar.deadline import Adjust, CalendarName
from contracts.rules.policy.base import ListedReason, LocalText, Rule, Strict
from contracts.rules.problems import refusal

Rounding = Literal["floor", "ceiling", "half_up"]
PaymentMethod = Literal["transfer", "debit"]
ChargeKind = Literal["usage", "calls", "initial"]
Fault = Literal["ordinary", "gross", "customer", "external"]
DayOfMonth = Annotated[int, Field(ge=1, le=31)]


class ProrationRule(Rule):
    """How part of a month is charged. Every 約款 known so far charges whole calendar months."""

    rule: Literal["none"]


class TaxRule(Rule):
    """Rounding of tax, once per rate and document, and the day whose rate counts."""

    rounding: Rounding
    rate_day: Literal["closing_date"]
    inclusive_shown: bool = False


class DebitWindow(Strict):
    """The days of the month among which the provider names its direct debit day."""

    from_day: DayOfMonth
    to_day: DayOfMonth
    named_day: DayOfMonth

    @model_validator(mode="after")
    def _in_order(self) -> DebitWindow:
        if not self.from_day <= self.named_day <= self.to_day:
            raise refusal("named_day")
        return self


class DueRule(Rule):
    """When a charge of a month is due: a day of that month or a later one, moved off closed days.

    Without `day` or `window` it is the last day of the month.
    """

    months_after: Annotated[int, Field(ge=0, le=12)]
    day: DayOfMonth | None = None
    window: DebitWindow | None = None
    adjust: Adjust = "none"
    calendars: tuple[CalendarName, ...] = ()

    @model_validator(mode="after")
    def _one_day(self) -> DueRule:
        if self.day is not None and self.window is not None:
            raise refusal("day_or_window")
        if (self.adjust == "none") != (not self.calendars):
            raise refusal("adjust_without_calendars")
        return self


class IssueRule(Rule):
    """By which day the invoices of a month are issued: a day of that month or a later one."""

    months_after: Annotated[int, Field(ge=0, le=12)]
    day: DayOfMonth


class InvoiceDeliveryRule(Rule):
    """How customers get their invoices by e-mail: with the PDF `attached`, or with a link to it alone."""

    attached: bool


class LateInterestRule(Rule):
    """Simple interest by days, from the day after the due date to the day before payment."""

    percent_a_year: Decimal
    days_in_year: Literal[365]
    rounding: Rounding

    @field_validator("percent_a_year", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        if isinstance(value, float):
            raise refusal("rate_as_text")
        return value


class UnderpaymentRule(Rule):
    """What a payment below the invoiced amount is: no payment until all has come in, or a payment in part."""

    rule: Literal["not_paid", "partial"]


class AppropriationRule(Rule):
    """What a payment meets first that is too little for a claim and its late interest (民法490条).

    Without the rule the law counts: interest before principal (民法489条1項).
    """

    first: Literal["principal", "interest"]


class SetOffRule(Rule):
    """The terms let both sides set off equal amounts, with a written statement."""


class UnpaidGround(Rule):
    """What an overdue debt lets the provider do, and from when.

    The time counts from the day after the due date (民法140条); without `after_months` the ground stands from
    that day itself.
    """

    leads_to: Literal["suspension", "termination"]
    text: LocalText
    after_months: Annotated[int, Field(ge=1, le=24)] | None = None


DueOfOneOff = Literal["day_set", "invoice"]
"""On a day that the provider sets, or with the invoice that states it."""


class SurchargeRule(Rule):
    """What an unlawfully evaded fee costs beside the fee itself: a multiple of it, plus tax."""

    multiple: Annotated[int, Field(ge=1)]
    due: DueOfOneOff = "invoice"


class CostRule(ListedReason):
    """Costs that the customer bears: on which ground, and whether as a taxed supply or as a damage.

    `name` is what invoices call them; `due`: when they fall due.
    """

    name: LocalText
    taxed: bool
    due: DueOfOneOff = "invoice"


class OutageRule(Rule):
    """What an outage is worth, by whose fault it was.

    It qualifies from `minimum_hours` on: in a row, or added up within a month (`count`). Then
    - `days`: for each whole unit of 24 hours, the monthly fee ÷ the days of the month in which it begins;
    - `hours`: whole hours after the first `grace_hours` × the monthly fee ÷ `hours_in_month`;
    - `monthly_fee`: damages up to one monthly fee.
    With `limits_damage` the others are no fee that falls away either, but the limit of the actual damage.
    """

    faults: tuple[Fault, ...]
    minimum_hours: Annotated[int, Field(ge=1)]
    count: Literal["in_a_row", "within_a_month"] = "in_a_row"
    credit: Literal["days", "hours", "monthly_fee"]
    grace_hours: Annotated[int, Field(ge=0)] = 0
    hours_in_month: Annotated[int, Field(ge=1)] = 720
    limits_damage: bool = False
    capped_by_paid_12_months: bool = False
    claim_within_months: Annotated[int, Field(ge=1)] | None = None


class DamagesCapRule(Rule):
    """The limit of damages: one monthly fee, or the average monthly fee of the last 12 months.

    There is no limit for the faults that it falls away for. Where `grounds` are listed, no other damage is
    owed. With `service_instead` the provider may give a month of service free instead of money.
    """

    rule: Literal["one_month_fee", "average_of_12_months"]
    falls_away_for: tuple[Fault, ...] = ()
    grounds: tuple[ListedReason, ...] = ()
    service_instead: Rule | None = None


class DepositRule(Rule):
    """Above which monthly fee per ID, in yen without tax, a deposit may be asked.

    It is asked for by a letter of its own, or where it is `billed`, by the next invoice.
    It bears no interest. `expected`: it may be asked, too, where the fee is likely to pass that.
    `set_against` founds that unpaid fees are taken from it, `unpaid` what follows where it is not paid by its
    day.
    """

    above_per_id: Annotated[int, Field(ge=0)]
    billed: bool = False
    expected: bool = False
    set_against: Rule | None = None
    unpaid: Rule | None = None


class CorrectionRule(Rule):
    """Which facts reach back into months that are invoiced, and how far against the customer, in months.

    `quantity`: what is held, and for how long; `price`: what it costs and how it is taxed. At most five years
    (民法166条1項).
    """

    reaches_back: tuple[Literal["quantity", "price"], ...] = ("quantity", "price")
    months_against_customer: Annotated[int, Field(ge=0, le=60)] = 60


class StopFeesRule(Rule):
    """Whether fees go on while the service is stopped."""

    charged: bool


class Charging(Strict):
    """All rules on money of one version."""

    proration: ProrationRule
    tax: TaxRule
    rounding: Rounding
    due: dict[ChargeKind, dict[PaymentMethod, DueRule]]
    issue: IssueRule | None = None
    delivery: InvoiceDeliveryRule | None = None
    late_interest: LateInterestRule
    surcharge: SurchargeRule | None = None
    costs: tuple[CostRule, ...] = ()
    outages: tuple[OutageRule, ...] = ()
    damages_cap: DamagesCapRule | None = None
    deposit: DepositRule | None = None
    during_suspension: StopFeesRule | None = None
    corrections: CorrectionRule | None = None
    underpayment: UnderpaymentRule | None = None
    appropriation: AppropriationRule | None = None
    set_off: SetOffRule | None = None
    unpaid_grounds: tuple[UnpaidGround, ...] = ()

    @model_validator(mode="after")
    def _due_methods(self) -> Charging:
        if "usage" not in self.due:
            raise refusal("no_usage_due", at="due")
        if any(not methods for methods in self.due.values()):
            raise refusal("no_payment_method", at="due")
        return self

    def cost(self, key: str) -> CostRule:
        """The rule on costs of a key; UnknownError if there is none."""
        for rule in self.costs:
            if rule.key == key:
                return rule
        raise UnknownError(Reason("no_ground", {"key": key}))
