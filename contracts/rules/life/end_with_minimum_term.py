"""The end of a contract together with what is left of its minimum term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.rules.decision import Decision
from contracts.rules.life.cancellation import Cancellation


@dataclass(frozen=True, kw_only=True)
class EndWithMinimumTerm(Cancellation):
    """An end, and what is left of the minimum term after it.

    `minimum_term_charge` is in yen without tax; None where no monthly fee is known.
    """

    minimum_ends_on: date
    minimum_months_left: int
    minimum_term_charge: int | None


def minimum_term_charge(decision: Decision | None) -> int | None:
    """What the rest of a minimum term costs by a decision, in yen without tax; None for an unknown sum."""
    return decision.minimum_term_charge if isinstance(decision, EndWithMinimumTerm) else None
