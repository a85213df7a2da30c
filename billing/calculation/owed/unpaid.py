"""What the terms let the provider do while a debt stays unpaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from contracts.rules.calendar.period import months_after
from contracts.rules.decision import Decision, step
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.charging import Charging


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
