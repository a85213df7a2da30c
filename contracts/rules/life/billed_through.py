"""Until when fees run after something ends."""

from __future__ import annotations

from datetime import date
from typing import Literal

from contracts.rules.calendar.period import Month
from contracts.rules.policy.base import Rule


class BilledThroughRule(Rule):
    """Until when fees run after an end: to the end of that calendar month, or to the day itself."""

    rule: Literal["end_of_month", "end_date"]


def billed_through_on(rule: BilledThroughRule, ends_on: date) -> date:
    """The last day that is charged when use ends on a day."""
    return Month.of(ends_on).last if rule.rule == "end_of_month" else ends_on
