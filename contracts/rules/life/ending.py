"""The end of what the provider offers: an option, or the whole service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from contracts.rules.calendar.deadline import EndRule
from contracts.rules.calendar.period import is_month_end
from contracts.rules.decision import Decision, step
from contracts.rules.life.billed_through import BilledThroughRule, billed_through_on
from contracts.rules.life.debts import OpenDebtsRule, open_debts_step
from contracts.rules.policy.base import Rule

if TYPE_CHECKING:
    from contracts.rules.life.notice import Notice

OfferKind = Literal["option", "service"]


class EndingRule(Rule):
    """On which days an offer can end. How long before it is announced is said in `notices.purposes`."""

    ends: EndRule
    billed_through: BilledThroughRule
    open_debts: OpenDebtsRule | None = None


@dataclass(frozen=True, kw_only=True)
class Ending(Decision):
    """`reason` says why the offer can't end on that day: `day` (no month end) or `notice` (too late)."""

    outcome: Literal["accepted", "refused"]
    reason: Literal["day", "notice"] | None
    ends_on: date
    billed_through_on: date
    latest_send_on: date | None
    open_debts_due_on: date | None


def end_offer(rule: EndingRule, ends_on: date, notice: Notice) -> Ending:
    """Whether an offer can end on a day, given what the rules say of its notice."""
    fits = rule.ends == "any_day" or is_month_end(ends_on)
    billed_through = billed_through_on(rule.billed_through, ends_on)
    steps = [
        step(rule, f"ending.{rule.ends}", fits, ends=ends_on),
        *notice.steps,
        step(rule.billed_through, f"billed_through.{rule.billed_through.rule}", billed_through, ends=ends_on),
    ]
    debts_due = ends_on if rule.open_debts else None
    if rule.open_debts:
        steps.append(open_debts_step(rule.open_debts, ends_on))
    return Ending(
        outcome="accepted" if fits and notice.in_time else "refused",
        reason="day" if not fits else None if notice.in_time else "notice",
        ends_on=ends_on,
        billed_through_on=billed_through,
        latest_send_on=notice.latest_send_on,
        open_debts_due_on=debts_due,
        steps=tuple(steps),
    )
