"""How long money has been owed, and which reminder comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Bucket = Literal["not_due", "to_30", "to_60", "to_90", "over_90"]
BUCKETS: tuple[Bucket, ...] = ("not_due", "to_30", "to_60", "to_90", "over_90")
_LAST_DAYS: tuple[tuple[int, Bucket], ...] = ((0, "not_due"), (30, "to_30"), (60, "to_60"), (90, "to_90"))


def days_overdue(due_on: date, day: date) -> int:
    """Days after the due date, 0 on it and before."""
    return max(0, (day - due_on).days)


def bucket(due_on: date, day: date) -> Bucket:
    """Where an open amount stands in the ageing list of a day."""
    days = days_overdue(due_on, day)
    return next((name for last, name in _LAST_DAYS if days <= last), "over_90")


def due_between(name: Bucket, day: date) -> tuple[date, date]:
    """The first and last due day of what stands in a bucket on a day."""
    last_days = {one: last for last, one in _LAST_DAYS}
    before = dict(zip(BUCKETS[1:], last_days.values(), strict=True))
    first = day - timedelta(days=last_days[name]) if name in last_days else date.min
    last = day - timedelta(days=before[name] + 1) if name in before else date.max
    return first, last


@dataclass(frozen=True)
class DunningStep:
    """A reminder: from how many days after the due date, and how many days it gives to pay."""

    number: int
    after_days: int
    days_to_pay: int


DAYS_BETWEEN = 7
"""A reminder comes so long after the one before at the earliest."""


def next_step(
    steps: Sequence[DunningStep], due_on: date, sent_on: Sequence[date], day: date
) -> DunningStep | None:
    """The reminder that is due on a day for an invoice that had reminders on the given days; None if none is.

    `steps` are the provider's, in order. A reminder comes a week after the one before at the earliest,
    however late that one was.
    """
    if len(sent_on) >= len(steps):
        return None
    step = steps[len(sent_on)]
    early = due_on + timedelta(days=step.after_days)
    if sent_on:
        early = max(early, max(sent_on) + timedelta(days=DAYS_BETWEEN))
    return step if day >= early else None
