"""For how long a service was down, month by month, and of how much of the time it was available."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Availability:
    """What became of a time: how long the service was down in it, and the longest that it was at once."""

    whole: timedelta
    down: timedelta
    longest: timedelta

    @property
    def percent(self) -> Decimal:
        """(whole − down) ÷ whole × 100, cut off after two places."""
        if not self.whole:
            return Decimal(100)
        exact = Decimal((self.whole - self.down) // timedelta(seconds=1)) * 100
        return (exact / (self.whole // timedelta(seconds=1))).quantize(Decimal("0.01"), ROUND_DOWN)


def availability(time: Span, outages: Iterable[Span]) -> Availability:
    """Count outages, none of which overlap, as far as they lie in a time."""
    begins, ends = time
    within = ((max(begins, since), min(ends, until)) for since, until in outages)
    lasted = [until - since for since, until in within if since < until]
    whole = max(ends - begins, timedelta())
    return Availability(whole, sum(lasted, timedelta()), max(lasted, default=timedelta()))
