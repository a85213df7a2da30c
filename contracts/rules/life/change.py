"""Changes of what a contract contains: conditions, deadlines, and from when they count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import StringConstraints

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
from contracts.rules.life.effect import EffectRule
from contracts.rules.policy.base import ListedReason, Rule
from contracts.rules.policy.products import Condition, Items, Reason, failed_condition

ChangeKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
"""What a change is named by. Which kinds there are, those know who let customers ask for them."""


class BilledFromRule(Rule):
    """From when an addition is charged, seen from the day on which it takes effect."""

    rule: Literal["effective_date", "first_of_month"]


class ChangeRule(Rule):
    """One kind of change.

    `effective` says when it takes effect: on the wanted date, or with the end of the wanted month
    (its last day of use). `notice_completes` marks a change that can be used from a notice of completion,
    `not_before_acceptance` one that begins with its acceptance where that comes after the wanted date, and
    `formed_by` whether staff's acceptance counts for that, or the moment at which its e-mail is sent.
    `proof` says whether a document must prove it: in any case, or when the provider asks for one.
    `refused_by` says for which reasons it may be refused: those for which applications are (`listed`), beside
    its own `refusals`, or the latter alone (`own`). `for_options` stands in its place where an option is
    reduced: as one that is given up in part, with its last day of use. `grounds` are those on which it can be
    asked for, where the terms list them.
    """

    effective: Literal["wanted_date", "month_end"] = "wanted_date"
    deadline: DeadlineRule | None = None
    billed_from: BilledFromRule | None = None
    billed_through: BilledThroughRule | None = None
    conditions: tuple[Condition, ...] = ()
    notice_completes: bool = False
    not_before_acceptance: bool = False
    formed_by: Literal["acceptance", "acceptance_sent"] = "acceptance"
    effect: EffectRule | None = None
    proof: Literal["none", "on_request", "required"] = "none"
    refused_by: Literal["listed", "own"] = "listed"
    refusals: tuple[ListedReason, ...] = ()
    for_options: ChangeRule | None = None
    grounds: tuple[ListedReason, ...] = ()

    @property
    def without_conditions(self) -> ChangeRule:
        """The same, as far as the dates alone decide."""
        options = self.for_options.without_conditions if self.for_options else None
        return self.model_copy(update={"conditions": (), "for_options": options})


@dataclass(frozen=True, kw_only=True)
class ChangeRequest:
    """What a customer asks for, and what the contract holds at that time (None: not looked at).

    `gives_up`: the day on which it takes effect is the last day of use. Dropping takes `quantity` units away,
    or all where it is 0.
    """

    kind: ChangeKind
    submitted_at: datetime
    wanted_on: date
    gives_up: bool = False
    product: str = ""
    quantity: int = 0
    items: Items | None = None
    ever_held: Collection[str] = ()
    user_ids_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Change(Decision):
    """`effective_on` is the first day of the new state, for something dropped its last day of use.

    `in_time_until` is the last moment at which a submission is received by `deadline_on`.
    """

    outcome: Outcome
    reason: Reason | None
    received_on: date
    deadline_on: date | None
    in_time_until: datetime | None = None
    effective_on: date | None
    earliest_effective_on: date | None
    billed_from_on: date | None
    billed_through_on: date | None

    @property
    def last_moment(self) -> datetime | None:
        """The last moment to submit for what was wanted; of earlier releases the day alone is known."""
        return self.in_time_until or (end_of(self.deadline_on) if self.deadline_on else None)

    @property
    def settled_on(self) -> date | None:
        """The day that is settled; None when refused."""
        return self.effective_on

    @property
    def earliest_on(self) -> date | None:
        """The earliest day that a submission of now can reach; None where it is not told."""
        return self.earliest_effective_on


def change(
    rule: ChangeRule,
    request: ChangeRequest,
    base_products: Collection[str],
    calendars: Calendars,
) -> Change:
    """Decide on a change: the conditions first, then the deadline, then the dates that follow."""
    received = calendars[rule.deadline.calendar if rule.deadline else "company"].received_on(
        request.submitted_at
    )
    steps: list[Step] = [step(rule, f"change.{request.kind}", request.wanted_on, at=request.submitted_at)]
    ends: EndRule = "month_end" if rule.effective == "month_end" else "any_day"
    wanted = Month.of(request.wanted_on).last if ends == "month_end" else request.wanted_on
    deadline: date | None = None
    moment: datetime | None = None
    earliest: date | None = None
    if rule.deadline:
        deadline, deadline_steps = deadline_on(rule.deadline, wanted, calendars)
        earliest, earliest_steps = earliest_end(ends, rule.deadline, received, calendars)
        moment, moment_steps = last_moment(rule.deadline, deadline, calendars)
        steps += (*deadline_steps, *moment_steps)
    if reason := _failed(rule, request, base_products, steps):
        return _refused(reason, received, deadline, moment, earliest, steps)
    outcome: Outcome = "accepted"
    effective = wanted
    if rule.deadline and deadline and earliest:
        in_time = received <= deadline
        steps.append(step(rule.deadline, "deadline.compare", in_time, received=received, deadline=deadline))
        if not in_time and rule.deadline.late != "take":
            steps += earliest_steps
            if rule.deadline.late == "refuse":
                return _refused("late", received, deadline, moment, earliest, steps)
            outcome = "moved" if rule.deadline.late == "move" else "deemed"
            effective = earliest
    billed_from, billed_through = _billing(rule, effective, steps, gives_up=request.gives_up)
    return Change(
        outcome=outcome,
        reason=None,
        received_on=received,
        deadline_on=deadline,
        in_time_until=moment,
        effective_on=effective,
        earliest_effective_on=earliest,
        billed_from_on=billed_from,
        billed_through_on=billed_through,
        steps=tuple(steps),
    )


def reduce_option(
    rule: ChangeRule, request: ChangeRequest, base_products: Collection[str], calendars: Calendars
) -> Change:
    """Decide on fewer units of an option by the rule on giving one up: they go with their last day of use."""
    one_day = timedelta(days=1)
    asked = replace(request, wanted_on=request.wanted_on - one_day, gives_up=True)
    given_up = change(rule, asked, base_products, calendars)
    effective, earliest = given_up.effective_on, given_up.earliest_effective_on
    through = given_up.billed_through_on
    return replace(
        given_up,
        effective_on=effective + one_day if effective else None,
        earliest_effective_on=earliest + one_day if earliest else None,
        billed_from_on=through + one_day if through else None,
    )


def _failed(
    rule: ChangeRule, request: ChangeRequest, base_products: Collection[str], steps: list[Step]
) -> Reason | None:
    """Why the first condition fails that does; None where all hold. What was looked at joins the steps."""
    for condition in rule.conditions:
        if condition.kind == "needs_base" and request.product in base_products:
            continue
        reason, taken = failed_condition(
            condition,
            request.product,
            request.quantity,
            request.items,
            request.ever_held,
            request.user_ids_deleted,
            base_products,
        )
        steps.append(taken)
        if reason:
            return reason
    return None


def _refused(
    reason: Reason,
    received: date,
    deadline: date | None,
    moment: datetime | None,
    earliest: date | None,
    steps: list[Step],
) -> Change:
    return Change(
        outcome="refused",
        reason=reason,
        received_on=received,
        deadline_on=deadline,
        in_time_until=moment,
        effective_on=None,
        earliest_effective_on=earliest,
        billed_from_on=None,
        billed_through_on=None,
        steps=tuple(steps),
    )


def _billing(
    rule: ChangeRule, effective: date, steps: list[Step], *, gives_up: bool
) -> tuple[date | None, date | None]:
    billed_from: date | None = None
    billed_through: date | None = None
    if rule.billed_through:
        last_day = effective if gives_up else effective - timedelta(days=1)
        billed_through = billed_through_on(rule.billed_through, last_day)
        steps.append(
            step(
                rule.billed_through,
                f"billed_through.{'' if gives_up else 'former.'}{rule.billed_through.rule}",
                billed_through,
                ends=last_day,
            )
        )
        if not gives_up:
            billed_from = billed_through + timedelta(days=1)
    if rule.billed_from:
        billed_from = Month.of(effective).first if rule.billed_from.rule == "first_of_month" else effective
        steps.append(
            step(rule.billed_from, f"billed_from.{rule.billed_from.rule}", billed_from, effective=effective)
        )
    return billed_from, billed_through
