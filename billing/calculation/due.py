"""Due dates: a day of a month, moved off closed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.calendar.business_days import Calendars
from contracts.rules.calendar.deadline import adjusted
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision, NotProvided, Step, step
from contracts.rules.policy.charging import ChargeKind, Charging, DebitWindow, DueRule, PaymentMethod


@dataclass(frozen=True, kw_only=True)
class Due(Decision):
    """`window` is the first and last day among which the provider names a direct debit day, if it does."""

    due_on: date
    window: tuple[date, date] | None


@dataclass(frozen=True, kw_only=True)
class Issue(Decision):
    """`issue_by` is the last day to issue the invoices of a month."""

    issue_by: date


def issue_by(charging: Charging, month: Month) -> Issue:
    """By when a month's invoices are issued; NotProvided where the terms set no day."""
    rule = charging.issue
    if rule is None:
        raise NotProvided("charging.issue")
    last = (month + rule.months_after).day(rule.day)
    taken = step(rule, "issue.by_day", last, month=month, months_after=rule.months_after, day=rule.day)
    return Issue(issue_by=last, steps=(taken,))


def due_rule(charging: Charging, charge: ChargeKind, method: PaymentMethod | None) -> DueRule:
    """The rule for a charge and a payment method (None: the first one that the policy names).

    A charge without a due date of its own is due with the usage fees.
    """
    if charge not in charging.due:
        charge = "usage"
    methods = charging.due[charge]
    if method is None:
        return next(iter(methods.values()))
    if method not in methods:
        raise NotProvided(f"charging.due.{charge}.{method}")
    return methods[method]


def months_behind(charging: Charging, charge: ChargeKind, method: PaymentMethod | None) -> int:
    """How many months after its own month a charge goes on an invoice: with the fees due at the same time.

    Call charges due one month later than the usage fees of their month stand beside the next month's fees.
    """
    if charge not in charging.due:
        return 0
    later = due_rule(charging, charge, method).months_after - due_rule(charging, "usage", method).months_after
    return max(0, later)


def due_on(rule: DueRule, month: Month, calendars: Calendars, debit_day: int | None = None) -> Due:
    """When a charge of a month is due.

    `debit_day` is the day of the month that the provider named for this debit; without it the policy's
    own. Days beyond the end of a month mean its last day. UnfitError for a debit day outside the window.
    """
    if rule.window:
        counted, window, first_step = _debit_day(rule, rule.window, month + rule.months_after, debit_day)
    elif debit_day is not None:
        raise UnfitError(Reason("no_debit_day"), at="debit_day")
    else:
        target = month + rule.months_after
        counted, window = (target.day(rule.day) if rule.day else target.last), None
        key = "due.day_of_month" if rule.day else "due.month_end"
        first_step = step(rule, key, counted, month=month, months_after=rule.months_after)
    steps = [first_step]
    final = adjusted(counted, rule.adjust, *(calendars[name] for name in rule.calendars))
    if rule.adjust != "none":
        steps += [
            step(calendars[name].rule, "calendar.business_days", final, calendar=name)
            for name in rule.calendars
        ]
        steps.append(step(rule, f"due.adjust.{rule.adjust}", final, day=counted))
    return Due(due_on=final, window=window, steps=tuple(steps))


def _debit_day(
    rule: DueRule, window: DebitWindow, target: Month, debit_day: int | None
) -> tuple[date, tuple[date, date], Step]:
    named = window.named_day if debit_day is None else debit_day
    if not window.from_day <= named <= window.to_day:
        allowed = {"day": named, "first": window.from_day, "last": window.to_day}
        raise UnfitError(Reason("debit_day_outside", allowed), at="debit_day")
    first, last = target.day(window.from_day), target.day(window.to_day)
    day = target.day(named)
    return day, (first, last), step(rule, "due.debit_day", day, month=target, first=first, last=last)
