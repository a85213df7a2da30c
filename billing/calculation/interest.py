"""Late interest (延滞利息)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from contracts.rules.decision import Decision, step
from contracts.rules.policy.charging import Charging, LateInterestRule

from .money import rounded


@dataclass(frozen=True, kw_only=True)
class LateInterest(Decision):
    """`interest` is in whole yen, outside the consumption tax."""

    days: int
    interest: int


@dataclass(frozen=True, kw_only=True)
class InterestOfPayments(Decision):
    """The interest on what was paid late in several parts: the steps of each, one after the other."""


def late_interest(rule: LateInterestRule, amount: int, due_on: date, paid_on: date) -> LateInterest:
    """Interest on an unpaid amount, from the day after the due date to the day before payment."""
    days = max(0, (paid_on - due_on).days - 1)
    exact = Decimal(max(0, amount)) * rule.percent_a_year * days / (100 * rule.days_in_year)
    interest = rounded(exact, rule.rounding)
    return LateInterest(
        days=days,
        interest=interest,
        steps=(
            step(rule, "interest.days", days, due=due_on, paid=paid_on),
            step(
                rule,
                "interest.amount",
                interest,
                amount=amount,
                percent_a_year=rule.percent_a_year,
                days=days,
                days_in_year=rule.days_in_year,
                rounding=rule.rounding,
            ),
        ),
    )


@dataclass(frozen=True)
class Part:
    """An amount in yen that bears interest from the day after its due date on."""

    amount: int
    due_on: date


@dataclass(frozen=True)
class Debt:
    """A claim in yen: what bears interest, those parts due first in front; late interest that it states
    itself; and all that it asks for.
    """

    principal: tuple[Part, ...]
    interest: int
    total: int


@dataclass(frozen=True)
class Paid:
    """An amount in yen that counts from a day on."""

    amount: int
    on: date


@dataclass(frozen=True)
class Lateness:
    """The interest on what was paid late and on what is still unpaid, and how much that is, in yen."""

    decisions: tuple[LateInterest, ...]
    unpaid: int


def lateness(charging: Charging, debt: Debt, payments: Iterable[Paid], day: date) -> Lateness:
    """The late interest of a claim up to a day, with the payments until then in the order of their days.

    Payments that count from one day are one: fractions are cut off once.

    What a payment meets first is as the terms say, else interest (民法489条1項, 490条). Interest bears
    none, and ends once all that the claim asks for has come in: what is left by then is charged as interest.
    """
    rule = charging.appropriation
    by_principal = rule is not None and rule.first == "principal"
    found = _principal_first if by_principal else _interest_first
    decisions, unpaid = found(charging.late_interest, debt, _by_day(payments), day)
    return Lateness(tuple(decision for decision in decisions if decision.days), unpaid)


def _by_day(payments: Iterable[Paid]) -> Iterator[Paid]:
    for on, found in groupby(payments, lambda payment: payment.on):
        yield Paid(sum(payment.amount for payment in found), on)


def _principal_first(
    rule: LateInterestRule, debt: Debt, payments: Iterable[Paid], day: date
) -> tuple[list[LateInterest], int]:
    unpaid, decisions = debt.principal, []
    for payment in payments:
        met, unpaid = _met(unpaid, payment.amount)
        decisions += [late_interest(rule, part.amount, part.due_on, payment.on) for part in met]
    decisions += [late_interest(rule, part.amount, part.due_on, day) for part in unpaid]
    return decisions, _sum(unpaid)


def _interest_first(
    rule: LateInterestRule, debt: Debt, payments: Iterable[Paid], day: date
) -> tuple[list[LateInterest], int]:
    unpaid, interest, to_come = debt.principal, debt.interest, debt.total
    decisions: list[LateInterest] = []
    for payment in payments:
        since = [late_interest(rule, part.amount, part.due_on, payment.on) for part in unpaid]
        decisions += since
        interest += sum(decision.interest for decision in since)
        of_interest = min(interest, payment.amount)
        interest -= of_interest
        _part, unpaid = _met(unpaid, payment.amount - of_interest)
        # What stays unpaid bears interest on the day of the payment, too.
        last = payment.on - timedelta(days=1)
        unpaid = tuple(replace(part, due_on=max(part.due_on, last)) for part in unpaid)
        to_come -= payment.amount
        if to_come <= 0:
            return decisions, 0
    decisions += [late_interest(rule, part.amount, part.due_on, day) for part in unpaid]
    return decisions, min(_sum(unpaid), to_come)


def _met(parts: Iterable[Part], amount: int) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What an amount pays of parts, those due first in front, and what is left of them."""
    met, left = [], []
    for part in parts:
        taken = min(part.amount, amount)
        amount -= taken
        met.append(replace(part, amount=taken))
        left.append(replace(part, amount=part.amount - taken))
    return tuple(part for part in met if part.amount), tuple(part for part in left if part.amount)


def _sum(parts: Iterable[Part]) -> int:
    return sum(part.amount for part in parts)
