"""How customers agree to a new version of the terms."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal

from contracts.rules.calendar.period import JAPAN
from contracts.rules.policy.base import LocalText, Rule

RenewalKind = Literal["asked", "deemed_by_use", "deemed_by_notice"]


class RefusalConsequence(Rule):
    """What the terms say of a customer who does not agree to a new version."""

    text: LocalText


class ConsentRenewalRule(Rule):
    """How customers agree to the version that comes after the one whose policy this is.

    `asked`: each is asked and may refuse. `deemed_by_use`: whoever goes on using the service after the notice
    counts as agreeing. `deemed_by_notice`: the new version holds for everybody who was told.
    """

    rule: RenewalKind
    refusal: RefusalConsequence | None = None


def start_of(day: date) -> datetime:
    """The first moment of a day in Japan."""
    return datetime.combine(day, time.min, tzinfo=JAPAN)


def deemed_by_notice_at(effective_on: date, notice_effective_at: datetime) -> datetime:
    """When a version of which customers were told holds for them: from its effective date, and once told."""
    return max(start_of(effective_on), notice_effective_at)
