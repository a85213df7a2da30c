"""Notice that a contract is not to be renewed: it ends the contract, as cancelling does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from contracts.rules.calendar.business_days import Calendars
from contracts.rules.decision import Step, step
from contracts.rules.life.billed_through import BilledThroughRule, billed_through_on
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.term import RenewalRule, open_term_end, renew
from contracts.rules.policy.base import Rule


def not_renew(
    rule: RenewalRule,
    billed_through: BilledThroughRule,
    service_starts_on: date,
    notice_at: datetime,
    wanted_term_end: date | None,
    calendars: Calendars,
) -> Cancellation:
    """Decide on a notice that a contract is not to be renewed after a term.

    Without `wanted_term_end` the first term counts whose end the notice can still reach. A notice that is
    late is refused: the contract is renewed, and the earliest term end still possible is named.
    """
    received = calendars[rule.notice.calendar].received_on(notice_at)
    earliest = open_term_end(rule, service_starts_on, received, calendars)
    term_ends_on = wanted_term_end or earliest
    renewed = renew(rule, term_ends_on, notice_at, calendars)
    ends = renewed.outcome == "ends"
    steps: list[Step] = [step(rule, "non_renewal.received", received, at=notice_at), *renewed.steps]
    charged = billed_through_on(billed_through, term_ends_on) if ends else None
    if ends:
        key = f"billed_through.{billed_through.rule}"
        steps.append(step(billed_through, key, charged, ends=term_ends_on))
    else:
        steps.append(step(rule.notice, "non_renewal.earliest", earliest, received=received))
    return Cancellation(
        outcome="accepted" if ends else "refused",
        received_on=received,
        wanted_ends_on=term_ends_on,
        deadline_on=renewed.notice_deadline_on,
        in_time_until=renewed.in_time_until,
        ends_on=term_ends_on if ends else None,
        earliest_ends_on=earliest,
        billed_through_on=charged,
        steps=tuple(steps),
    )


def not_renew_by_provider(
    rule: RenewalRule,
    founded: Rule,
    billed_through: BilledThroughRule,
    service_starts_on: date,
    given_at: datetime,
    wanted_term_end: date | None,
    calendars: Calendars,
) -> Cancellation:
    """Decide on the provider's own notice, given at a moment, as `not_renew` does on the customer's.

    `founded` is the rule that lets the provider give one.
    """
    decision = not_renew(rule, billed_through, service_starts_on, given_at, wanted_term_end, calendars)
    given = step(founded, "non_renewal.by_provider", decision.received_on, at=given_at)
    return replace(decision, steps=(given, *decision.steps[1:]))
