"""What the terms let the provider do while a debt stays unpaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from contracts.rules.calendar.period import months_after, months_before
from contracts.rules.decision import Decision, step
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.charging import Charging, UnpaidGround

_MONTHS_DIFFER_BY = 4


@dataclass(frozen=True, kw_only=True)
class Ground(Decision):
    """A ground that the terms name; it stands from the day `since` on."""

    leads_to: Literal["suspension", "termination"]
    since: date
    text: LocalText

    def to_json(self) -> dict[str, object]:
        facts = {"leads_to": self.leads_to, "since": self.since.isoformat(), "text": self.text.model_dump()}
        return {**facts, "steps": [taken.to_json() for taken in self.steps]}


def grounds_on(charging: Charging, due_on: date, day: date) -> tuple[Ground, ...]:
    """The grounds that an amount due on a day and still open gives on another day."""
    found = []
    for rule in charging.unpaid_grounds:
        last = months_after(due_on, rule.after_months) if rule.after_months else due_on
        since = last + timedelta(days=1)
        if since <= day:
            key = "unpaid.months" if rule.after_months else "unpaid.overdue"
            taken = step(rule, key, since, due=due_on, months=rule.after_months or 0)
            found.append(Ground(leads_to=rule.leads_to, since=since, text=rule.text, steps=(taken,)))
    return tuple(found)


def latest_due_on(rule: UnpaidGround, day: date) -> date:
    """The last day on which an amount may have been due that gives a ground on another day, while open.

    All that was due before gives it as well.
    """
    if not rule.after_months:
        return day - timedelta(days=1)
    latest = months_before(day, rule.after_months) + timedelta(days=_MONTHS_DIFFER_BY)
    while months_after(latest, rule.after_months) >= day:
        latest -= timedelta(days=1)
    return latest
