"""When a contract is formed, when service starts, and from when it is charged: three different dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Decision, Step, step
from contracts.rules.policy.base import Rule

Event = Literal["application", "acceptance", "acceptance_sent", "registration"]


class ServiceStartRule(Rule):
    """From when the service can be used."""

    rule: Literal["activation_notice", "first_of_wanted_month", "wanted_date", "formation_date"]


class BillingStartRule(Rule):
    """From when the service is charged, seen from its start."""

    rule: Literal["service_start", "first_of_start_month", "first_of_next_month"]


class FormationRule(Rule):
    """Which event forms the contract, and what follows from it."""

    formed_by: Event
    service_start: ServiceStartRule
    billing_start: BillingStartRule


@dataclass(frozen=True, kw_only=True)
class FormationFacts:
    """What has happened so far on the way to a contract; None for what has not."""

    applied_at: datetime | None = None
    accepted_at: datetime | None = None
    acceptance_sent_at: datetime | None = None
    registered_at: datetime | None = None
    activation_start_on: date | None = None
    wanted_start_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Formation(Decision):
    """The dates known so far; `first_invoice_month` is the month of use that is charged first."""

    formed_at: datetime | None
    formed_on: date | None
    service_starts_on: date | None
    billed_from_on: date | None
    first_invoice_month: Month | None


def form(rule: FormationRule, facts: FormationFacts) -> Formation:
    """Work out formation, service start and billing start from what has happened so far."""
    moments = {
        "application": facts.applied_at,
        "acceptance": facts.accepted_at,
        "acceptance_sent": facts.acceptance_sent_at,
        "registration": facts.registered_at,
    }
    formed_at = moments[rule.formed_by]
    formed_on = japan_date(formed_at) if formed_at else None
    starts_on = _service_start(rule.service_start, facts, formed_on)
    billed_from = _billing_start(rule.billing_start, starts_on)
    steps: list[Step] = [step(rule, f"formation.{rule.formed_by}", formed_on, at=formed_at)]
    if formed_on:
        steps.append(
            step(
                rule.service_start,
                f"service_start.{rule.service_start.rule}",
                starts_on,
                wanted=facts.wanted_start_on,
                formed=formed_on,
            )
        )
    if billed_from:
        steps.append(
            step(
                rule.billing_start,
                f"billing_start.{rule.billing_start.rule}",
                billed_from,
                service_start=starts_on,
            )
        )
    return Formation(
        formed_at=formed_at,
        formed_on=formed_on,
        service_starts_on=starts_on,
        billed_from_on=billed_from,
        first_invoice_month=Month.of(billed_from) if billed_from else None,
        steps=tuple(steps),
    )


def _service_start(rule: ServiceStartRule, facts: FormationFacts, formed_on: date | None) -> date | None:
    if formed_on is None:
        return None
    wanted = facts.wanted_start_on or formed_on
    match rule.rule:
        case "activation_notice":
            return facts.activation_start_on
        case "first_of_wanted_month":
            return max(Month.of(wanted), Month.of(formed_on)).first
        case "wanted_date":
            return max(wanted, formed_on)
        case "formation_date":
            return formed_on


def _billing_start(rule: BillingStartRule, starts_on: date | None) -> date | None:
    if starts_on is None:
        return None
    return start_day(rule.rule, starts_on)


def start_day(
    rule: Literal["service_start", "first_of_start_month", "first_of_next_month"], starts_on: date
) -> date:
    """The first day of a charged or minimum period, seen from the start of service."""
    match rule:
        case "service_start":
            return starts_on
        case "first_of_start_month":
            return Month.of(starts_on).first
        case "first_of_next_month":
            return (Month.of(starts_on) + 1).first
