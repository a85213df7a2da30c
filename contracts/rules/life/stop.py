"""Stops of the service: suspension and pause by the provider, and how long they may last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from contracts.rules.calendar.period import period_end
from contracts.rules.decision import Decision, Step, step
from contracts.rules.policy.base import ListedReason, Rule

if TYPE_CHECKING:
    from contracts.rules.policy.charging import StopFeesRule


class UntilPaidRule(Rule):
    """The listed reasons for which a suspension lasts until the debt is paid, whatever the limit."""

    reasons: tuple[str, ...]


class SuspensionReason(ListedReason):
    """A listed reason; the terms may say that in principle the customer is told before the service stops."""

    told_beforehand: Rule | None = None


class SuspensionRule(Rule):
    """How long the provider may suspend the service, and for which listed reasons.

    `notice` founds that the customer is told the reason and the period.
    """

    max_months: Annotated[int, Field(ge=1, le=120)] | None = None
    until_paid: UntilPaidRule | None = None
    notice: Rule | None = None
    reasons: tuple[SuspensionReason, ...] = ()

    @property
    def of_debt(self) -> frozenset[str]:
        """The reasons that fall away once nothing is overdue any more."""
        until_paid = self.until_paid.reasons if self.until_paid else ()
        return frozenset(
            one.key
            for one in self.reasons
            if one.of_debt
            or one.fact in ("overdue", "underpaid")
            or (one.key in until_paid and one.fact is None)
        )


class PauseRule(Rule):
    """For which listed reasons the provider may pause the service; the customer has done nothing wrong."""

    reasons: tuple[ListedReason, ...]


@dataclass(frozen=True, kw_only=True)
class Stop(Decision):
    """`ends_on` is the last day of the stop; None where it lasts until it is lifted.

    `longest_ends_on` is the last day that the terms allow; None without a limit.
    """

    outcome: Literal["accepted", "refused"]
    starts_on: date
    ends_on: date | None
    longest_ends_on: date | None


def suspend(
    rule: SuspensionRule, reason: SuspensionReason, starts_on: date, ends_on: date | None, *, until_paid: bool
) -> Stop:
    """Decide on a suspension from a day to a last day; without one it lasts as long as the terms allow.

    `until_paid` asks for one that lasts until the debt is paid; refused unless the terms know it for the
    reason.
    """
    steps = [step(reason, "stop.reason", None, reason=reason.key, starts=starts_on)]
    if reason.told_beforehand:
        steps.append(step(reason.told_beforehand, "stop.beforehand", None, starts=starts_on))
    if until_paid:
        return _until_paid(rule, reason, starts_on, steps)
    longest = period_end(starts_on, rule.max_months) if rule.max_months else None
    if longest:
        steps.append(step(rule, "suspension.longest", longest, starts=starts_on, months=rule.max_months))
    too_long = longest is not None and ends_on is not None and ends_on > longest
    if rule.notice:
        steps.append(step(rule.notice, "stop.notice", None))
    return Stop(
        outcome="refused" if too_long else "accepted",
        starts_on=starts_on,
        ends_on=ends_on or longest,
        longest_ends_on=longest,
        steps=tuple(steps),
    )


def _until_paid(rule: SuspensionRule, reason: ListedReason, starts_on: date, steps: list[Step]) -> Stop:
    known = rule.until_paid is not None and reason.key in rule.until_paid.reasons
    founded = rule.until_paid or rule
    steps.append(step(founded, "suspension.until_paid", known))
    return Stop(
        outcome="accepted" if known else "refused",
        starts_on=starts_on,
        ends_on=None,
        longest_ends_on=None,
        steps=tuple(steps),
    )


def with_fees(stop: Stop, rule: StopFeesRule | None) -> Stop:
    """A suspension that says whether fees go on meanwhile, where the terms have a rule on that."""
    if rule is None:
        return stop
    return replace(stop, steps=(*stop.steps, step(rule, "stop.fees", rule.charged)))


def pause(rule: PauseRule, reason: ListedReason, starts_on: date, ends_on: date | None) -> Stop:
    """Decide on a pause; the terms known so far set no limit to it."""
    return Stop(
        outcome="accepted",
        starts_on=starts_on,
        ends_on=ends_on,
        longest_ends_on=None,
        steps=(
            step(reason, "stop.reason", None, reason=reason.key, starts=starts_on),
            step(rule, "pause.announced", ends_on, starts=starts_on),
        ),
    )
