"""Contract terms: renewal, minimum terms, and what follows an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from contracts.rules.calendar.business_days import BusinessCalendar, Calendars
from contracts.rules.calendar.deadline import DeadlineRule, Offset, deadline_on, last_moment
from contracts.rules.calendar.period import Month, period_end
from contracts.rules.decision import Decision, step
from contracts.rules.life.effect import EffectRule
from contracts.rules.life.formation import start_day
from contracts.rules.policy.base import Rule

PositiveMonths = Annotated[int, Field(ge=1, le=120)]
StartOfTerm = Literal["service_start", "first_of_start_month", "first_of_next_month"]


class RenewalRule(Rule):
    """How long the first term runs, and by how much it goes on unless notice is given in time.

    Without `first_term_months` the first term ends with the month in which it starts. `by_provider` founds
    that the provider may give notice as well, by the same deadline.
    """

    first_term_months: PositiveMonths | None = None
    starts: StartOfTerm = "first_of_start_month"
    months: PositiveMonths
    notice: DeadlineRule
    effect: EffectRule | None = None
    by_provider: Rule | None = None


class MinimumTermRule(Rule):
    """The time that is charged in any case; `by_product` each product has its own, from the day it came."""

    months: PositiveMonths
    starts: StartOfTerm
    by_product: bool = False


class DataErasureRule(Rule):
    """By when the customer's data are erased after the end; zero days is the day of the end."""

    within: Offset
    calendar: str = "company"


@dataclass(frozen=True, kw_only=True)
class Renewal(Decision):
    """`in_time_until` is the last moment at which notice is received by its deadline."""

    notice_deadline_on: date
    in_time_until: datetime
    outcome: Literal["renews", "ends"]
    next_term_ends_on: date | None


@dataclass(frozen=True, kw_only=True)
class MinimumTerm(Decision):
    """`charge` is in yen without tax."""

    minimum_ends_on: date
    months_charged_after_end: int
    charge: int


@dataclass(frozen=True, kw_only=True)
class DataErasure(Decision):
    erase_by: date


def first_term_end(rule: RenewalRule, service_starts_on: date) -> date:
    """The last day of a contract's first term."""
    first_day = start_day(rule.starts, service_starts_on)
    return (
        period_end(first_day, rule.first_term_months) if rule.first_term_months else Month.of(first_day).last
    )


def renew(rule: RenewalRule, term_ends_on: date, notice_at: datetime | None, calendars: Calendars) -> Renewal:
    """Whether a term goes on after its end, given when notice arrived (None: not at all)."""
    deadline, steps = deadline_on(rule.notice, term_ends_on, calendars)
    moment, moment_steps = last_moment(rule.notice, deadline, calendars)
    given_on = calendars[rule.notice.calendar].received_on(notice_at) if notice_at else None
    ends = given_on is not None and given_on <= deadline
    next_end = None if ends else next_term_end(rule, term_ends_on)
    decided = step(
        rule,
        "renewal.ends" if ends else "renewal.renews",
        next_end,
        deadline=deadline,
        notice=given_on,
        months=rule.months,
        term_ends=term_ends_on,
    )
    return Renewal(
        notice_deadline_on=deadline,
        in_time_until=moment,
        outcome="ends" if ends else "renews",
        next_term_ends_on=next_end,
        steps=(*steps, *moment_steps, decided),
    )


def next_term_end(rule: RenewalRule, term_ends_on: date) -> date:
    """The last day of the term that follows a term."""
    return period_end(term_ends_on + timedelta(days=1), rule.months)


def open_term_end(rule: RenewalRule, service_starts_on: date, received: date, calendars: Calendars) -> date:
    """The end of the first term against whose renewal notice received on a day is still in time."""
    term_ends_on = first_term_end(rule, service_starts_on)
    while deadline_on(rule.notice, term_ends_on, calendars)[0] < received:
        term_ends_on = next_term_end(rule, term_ends_on)
    return term_ends_on


def is_term_end(rule: RenewalRule, service_starts_on: date, day: date) -> bool:
    """Whether a term of the contract ends on a day."""
    term_ends_on = first_term_end(rule, service_starts_on)
    while term_ends_on < day:
        term_ends_on = next_term_end(rule, term_ends_on)
    return term_ends_on == day


def minimum_term(
    rule: MinimumTermRule, service_started_on: date, ends_on: date, monthly_fee: int
) -> MinimumTerm:
    """What is still to be paid when a contract ends within its minimum term.

    The month of the end is charged in full already, so only the months after it count.
    `monthly_fee` and the charge are in yen without tax.
    """
    starts_on = start_day(rule.starts, service_started_on)
    minimum_ends_on = period_end(starts_on, rule.months)
    months = max(0, Month.of(minimum_ends_on) - Month.of(ends_on))
    charge = monthly_fee * months
    return MinimumTerm(
        minimum_ends_on=minimum_ends_on,
        months_charged_after_end=months,
        charge=charge,
        steps=(
            step(rule, "minimum_term.ends", minimum_ends_on, starts=starts_on, months=rule.months),
            step(rule, "minimum_term.charge", charge, ends=ends_on, months=months, monthly_fee=monthly_fee),
        ),
    )


def erase_data(rule: DataErasureRule, ends_on: date, calendar: BusinessCalendar) -> DataErasure:
    """By when the data of a contract that ends on a day must be gone."""
    erase_by = rule.within.after(ends_on, calendar)
    taken = step(rule, f"data_erasure.{rule.within.unit}", erase_by, ends=ends_on, amount=rule.within.amount)
    return DataErasure(erase_by=erase_by, steps=(taken,))
