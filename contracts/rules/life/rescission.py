"""The customer ends the contract at once, on a ground that the terms list, without a demand (催促なし)."""

from datetime import datetime

from contracts.rules.calendar.business_days import Calendars
from contracts.rules.decision import step
from contracts.rules.life.billed_through import billed_through_on
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import ChangeRule


def rescind(rule: ChangeRule, kind: str, submitted_at: datetime, calendars: Calendars) -> Cancellation:
    """Decide on a declaration that was sent at a moment: the contract ends on the day of its receipt.

    Whether the ground is so is for who decides.
    """
    received = calendars["company"].received_on(submitted_at)
    through = billed_through_on(rule.billed_through, received) if rule.billed_through else received
    charged = rule.billed_through
    return Cancellation(
        outcome="accepted",
        received_on=received,
        wanted_ends_on=None,
        deadline_on=None,
        ends_on=received,
        earliest_ends_on=received,
        billed_through_on=through,
        steps=(
            step(rule, f"change.{kind}", received, at=submitted_at),
            step(rule, "rescission.ends", received),
            *((step(charged, f"billed_through.{charged.rule}", through, ends=received),) if charged else ()),
        ),
    )
