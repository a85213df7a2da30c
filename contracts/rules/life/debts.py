"""What becomes of debts that are open when a contract is brought to its end."""

from __future__ import annotations

from datetime import date
from typing import Literal

from contracts.rules.decision import Step, step
from contracts.rules.policy.base import Rule


class OpenDebtsRule(Rule):
    """When open fees and late charges fall due: `at_once`, or on a day that the provider sets (`day_set`)."""

    due: Literal["at_once", "day_set"]

    def due_on(self, event_on: date) -> date | None:
        """The day on which open debts fall due by themselves; None where they don't."""
        return event_on if self.due == "at_once" else None


def open_debts_step(rule: OpenDebtsRule, event_on: date) -> Step:
    """The step that says so."""
    return step(rule, f"open_debts.{rule.due}", rule.due_on(event_on), event=event_on)
