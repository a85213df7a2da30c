"""Late interest (延滞利息)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.rules.decision import Decision, step
from contracts.rules.policy.charging import LateInterestRule

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
