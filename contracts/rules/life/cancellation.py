"""Cancellation by the customer: by when it must arrive, when it takes effect, until when it is charged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from contracts.rules.calendar.business_days import Calendars
from contracts.rules.calendar.deadline import (
    DeadlineRule,
    EndRule,
    Outcome,
    deadline_on,
    earliest_end,
    last_moment,
)
from contracts.rules.calendar.period import Month, end_of
from contracts.rules.decision import Decision, Step, step
from contracts.rules.life.billed_through import BilledThroughRule, billed_through_on
from contracts.rules.life.debts import OpenDebtsRule, open_debts_step
from contracts.rules.life.effect import EffectRule
from contracts.rules.policy.base import ListedReason, Rule


class CancellationRule(Rule):
    """On which days a contract can be cancelled, and by when.

    A `deem` deadline that is missed sets the end that the same distance after arrival gives, unless
    the wanted day is no earlier than that. `open_debts` says when what is unpaid on arrival falls due.
    """

    ends: EndRule
    deadline: DeadlineRule
    billed_through: BilledThroughRule
    open_debts: OpenDebtsRule | None = None
    effect: EffectRule | None = None
    refusals: tuple[ListedReason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cancellation(Decision):
    """`deadline_on` is the last day to submit for what was wanted; `ends_on` is None when refused.

    `still_reached_until` is the last day of receipt from which a deemed date is no later than what was
    wanted, where that day lies after the deadline: closed days follow it. None where there is none.
    `in_time_until` is the last moment at which a submission still leads to what was wanted; None where no day
    was named. `open_debts_due_on` is None where open debts keep their due dates.
    """

    outcome: Outcome
    received_on: date
    wanted_ends_on: date | None
    deadline_on: date | None
    still_reached_until: date | None = None
    in_time_until: datetime | None = None
    ends_on: date | None
    earliest_ends_on: date
    billed_through_on: date | None
    open_debts_due_on: date | None = None

    @property
    def last_day(self) -> date | None:
        """The last day of receipt that still leads to what was wanted; None where there is none."""
        return self.still_reached_until or self.deadline_on

    @property
    def last_moment(self) -> datetime | None:
        """The last moment to submit for what was wanted; of earlier releases the day alone is known."""
        return self.in_time_until or (end_of(self.last_day) if self.last_day else None)

    @property
    def settled_on(self) -> date | None:
        """The day that is settled, the last one; None when refused."""
        return self.ends_on

    @property
    def earliest_on(self) -> date:
        """The earliest day that a submission of now can reach."""
        return self.earliest_ends_on


def cancel(
    rule: CancellationRule, submitted_at: datetime, wanted_on: date | None, calendars: Calendars
) -> Cancellation:
    """Decide on a cancellation that was submitted at a moment.

    `wanted_on` is the wanted last day of use, any day of the wanted month where contracts end with a
    month, or None where the customer named none.
    """
    received = calendars[rule.deadline.calendar].received_on(submitted_at)
    earliest, earliest_steps = earliest_end(rule.ends, rule.deadline, received, calendars)
    received_step = step(rule, "cancellation.received", received, at=submitted_at)
    if wanted_on is None:
        outcome: Outcome = "deemed" if rule.deadline.late == "deem" else "accepted"
        return _decided(
            rule, outcome, received, None, None, earliest, earliest, (received_step, *earliest_steps)
        )

    wanted = Month.of(wanted_on).last if rule.ends == "month_end" else wanted_on
    deadline, deadline_steps = deadline_on(rule.deadline, wanted, calendars)
    in_time = received <= deadline
    until, until_steps = _still_reached_until(rule.deadline, wanted, deadline, calendars)
    moment, moment_steps = last_moment(rule.deadline, until or deadline, calendars)
    compared = step(rule.deadline, "deadline.compare", in_time, received=received, deadline=deadline)
    steps = (received_step, *deadline_steps, *until_steps, *moment_steps, compared)
    if in_time:
        decided = _decided(rule, "accepted", received, wanted, deadline, wanted, min(wanted, earliest), steps)
    else:
        outcome = "accepted" if until and received <= until else _LATE[rule.deadline.late]
        ends_on = {"accepted": wanted, "refused": None}.get(outcome, earliest)
        decided = _decided(
            rule, outcome, received, wanted, deadline, ends_on, earliest, (*steps, *earliest_steps)
        )
    return replace(decided, still_reached_until=until, in_time_until=moment)


_LATE: dict[str, Outcome] = {"refuse": "refused", "move": "moved", "deem": "deemed", "take": "accepted"}


def _still_reached_until(
    rule: DeadlineRule, wanted: date, deadline: date, calendars: Calendars
) -> tuple[date | None, tuple[Step, ...]]:
    """The last day after a deadline from which the deemed date is no later than the wanted one, if any."""
    if rule.late != "deem":
        return None, ()
    calendar, until = calendars[rule.calendar], deadline
    while rule.before.after(calendar.received_on_day(until + timedelta(days=1)), calendar) <= wanted:
        until += timedelta(days=1)
    if until == deadline:
        return None, ()
    return until, (step(rule, "deadline.still_reached", until, deadline=deadline, wanted=wanted),)


def _decided(
    rule: CancellationRule,
    outcome: Outcome,
    received: date,
    wanted: date | None,
    deadline: date | None,
    ends_on: date | None,
    earliest: date,
    steps: tuple[Step, ...],
) -> Cancellation:
    billed_through = billed_through_on(rule.billed_through, ends_on) if ends_on else None
    debts = rule.open_debts if ends_on else None
    if ends_on:
        steps = (
            *steps,
            step(rule, f"cancellation.{outcome}", ends_on, wanted=wanted),
            step(
                rule.billed_through,
                f"billed_through.{rule.billed_through.rule}",
                billed_through,
                ends=ends_on,
            ),
        )
    if debts:
        steps = (*steps, open_debts_step(debts, received))
    return Cancellation(
        outcome=outcome,
        received_on=received,
        wanted_ends_on=wanted,
        deadline_on=deadline,
        ends_on=ends_on,
        earliest_ends_on=earliest,
        billed_through_on=billed_through,
        open_debts_due_on=debts.due_on(received) if debts else None,
        steps=steps,
    )
