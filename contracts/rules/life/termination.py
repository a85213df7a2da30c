"""Termination by the provider: the grounds, the time a customer has to cure, and from when it is possible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from pydantic import model_validator

from contracts.problems.reasons import Reason, UnfitError, UnknownError
from contracts.rules.calendar.business_days import Calendars
from contracts.rules.calendar.deadline import CalendarName, Offset
from contracts.rules.decision import Decision, Step, step
from contracts.rules.life.billed_through import BilledThroughRule, billed_through_on
from contracts.rules.life.debts import OpenDebtsRule, open_debts_step
from contracts.rules.policy.base import ListedReason, Rule
from contracts.rules.problems import refusal

Since = Literal["notice", "breach", "due_date", "last_day"]


class TerminationGround(ListedReason):
    """A ground for termination.

    With `since`, the customer has time: the contract can be terminated once a `period` is over that begins
    on the day after a `notice`, a `breach` or a `due_date` (民法140条). `last_day` has no period: a last day
    was set, of a suspension or of a time to cure. Without `since` it can be terminated at once.
    """

    since: Since | None = None
    period: Offset | None = None
    calendar: CalendarName = "company"

    @model_validator(mode="after")
    def _period_fits(self) -> TerminationGround:
        if (self.since in ("notice", "breach", "due_date")) != (self.period is not None):
            raise refusal("period_without_since")
        return self


class TerminationNoticeRule(Rule):
    """That the customer is told beforehand; `in_writing` by a letter."""

    in_writing: bool = False


class TerminationRule(Rule):
    """How the provider may terminate a contract; the contract ends on the day of termination."""

    grounds: tuple[TerminationGround, ...]
    notice: TerminationNoticeRule | None = None
    billed_through: BilledThroughRule
    open_debts: OpenDebtsRule | None = None

    def ground(self, key: str) -> TerminationGround:
        """The ground of a key; UnknownError if there is none."""
        for ground in self.grounds:
            if ground.key == key:
                return ground
        raise UnknownError(Reason("no_ground", {"key": key}))


@dataclass(frozen=True, kw_only=True)
class Termination(Decision):
    """`possible_from` is the first day on which the contract can be terminated on the ground.

    `ends_on` is None when refused because that day has not come. `open_debts_due_on` is None where open
    debts keep their due dates or the provider sets a day.
    """

    outcome: Literal["accepted", "refused"]
    cure_by: date | None
    possible_from: date
    ends_on: date | None
    billed_through_on: date | None
    open_debts_due_on: date | None

    def as_demanded(self) -> Termination:
        """What a demand states: the time to cure, and nothing of a termination on the day of the demand."""
        return replace(self, steps=tuple(one for one in self.steps if one.rule != "termination.possible"))


def terminate(
    rule: TerminationRule,
    ground: TerminationGround,
    on: date,
    since_on: date | None,
    calendars: Calendars,
    *,
    told_on: date | None = None,
) -> Termination:
    """Decide on a termination on a day.

    `since_on` is the day of what the ground's time counts from: the notice as it took effect, the breach, the
    due date, or the last day that was set. UnfitError where the ground needs that day and none is given.
    `told_on` is the day on which the customer is told, where that is settled.
    """
    cure_by = _cure_by(ground, since_on, calendars)
    possible_from = cure_by + timedelta(days=1) if cure_by else on
    in_time = possible_from <= on
    steps = [step(ground, "termination.ground", None, ground=ground.key)]
    if cure_by:
        steps.append(_cure_step(ground, since_on, cure_by))
        steps.append(step(ground, "termination.possible", in_time, on=on, possible_from=possible_from))
    if rule.notice:
        written = "in_writing" if rule.notice.in_writing else "beforehand"
        beforehand = None if told_on is None else told_on < on
        steps.append(step(rule.notice, f"termination.notice.{written}", beforehand))
    billed_through: date | None = None
    if in_time:
        billed_through = billed_through_on(rule.billed_through, on)
        steps.append(step(rule, "termination.ends", on))
        steps.append(
            step(rule.billed_through, f"billed_through.{rule.billed_through.rule}", billed_through, ends=on)
        )
        if rule.open_debts:
            steps.append(open_debts_step(rule.open_debts, on))
    return Termination(
        outcome="accepted" if in_time else "refused",
        cure_by=cure_by,
        possible_from=possible_from,
        ends_on=on if in_time else None,
        billed_through_on=billed_through,
        open_debts_due_on=rule.open_debts.due_on(on) if rule.open_debts and in_time else None,
        steps=tuple(steps),
    )


def _cure_by(ground: TerminationGround, since_on: date | None, calendars: Calendars) -> date | None:
    """The last day on which the ground can be cured; None where there is no time for it."""
    if ground.since is None:
        return None
    if since_on is None:
        raise UnfitError(
            Reason("no_day_of_ground", {"key": ground.key, "since": ground.since}), at="since_on"
        )
    return ground.period.after(since_on, calendars[ground.calendar]) if ground.period else since_on


def _cure_step(ground: TerminationGround, since_on: date | None, cure_by: date) -> Step:
    if ground.period is None:
        return step(ground, "termination.cure.last_day", cure_by)
    return step(
        ground,
        f"termination.cure.{ground.period.unit}",
        cure_by,
        amount=ground.period.amount,
        since=since_on,
        since_kind=ground.since,
    )
