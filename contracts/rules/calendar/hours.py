"""Hours of the day in Japan time: when support is open, and when regular maintenance runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import Field

from contracts.rules.calendar.business_days import Calendars, Hours
from contracts.rules.calendar.deadline import CalendarName
from contracts.rules.calendar.period import JAPAN
from contracts.rules.decision import Decision, step
from contracts.rules.policy.base import LocalText, Rule

HoursOf = Literal["support", "maintenance"]
_FARTHEST = 60
"""Days to look ahead; no closure lasts longer."""


class DailyHours(Rule):
    """A desk, or work that comes every day, and its hours.

    Without `hours` it is around the clock; without a `calendar` on every day, else on the business days of
    that calendar. It begins with the first minute and is over at the last one.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    purpose: HoursOf
    name: LocalText
    hours: tuple[Hours, ...] = ()
    calendar: CalendarName | None = None

    def holds_at(self, at: datetime, calendars: Calendars) -> bool:
        """Whether a moment lies within the hours."""
        local = at.astimezone(JAPAN)
        return self._on(local.date(), calendars) and (
            not self.hours or any(begins <= local.time() < ends for begins, ends in self.hours)
        )

    def begins_after(self, at: datetime, calendars: Calendars) -> datetime | None:
        """When the hours begin next; None where they don't for a long time."""
        return next((moment for moment in self._beginnings(at, calendars) if moment > at), None)

    def _beginnings(self, at: datetime, calendars: Calendars) -> Iterator[datetime]:
        today = at.astimezone(JAPAN).date()
        times = sorted(begins for begins, _ends in self.hours) or [time(0)]
        for distance in range(_FARTHEST):
            day = today + timedelta(days=distance)
            if self._on(day, calendars):
                yield from (datetime.combine(day, begins, tzinfo=JAPAN) for begins in times)

    def _on(self, day: date, calendars: Calendars) -> bool:
        return self.calendar is None or calendars[self.calendar].is_business_day(day)


@dataclass(frozen=True, kw_only=True)
class WithinHours(Decision):
    """`open` names what is open at the moment; `opens_at` is when the first opens if none is, else None."""

    is_open: bool
    open: tuple[str, ...]
    opens_at: datetime | None


def within_hours(rules: Sequence[DailyHours], at: datetime, calendars: Calendars) -> WithinHours:
    """What is open at a moment, or when something opens."""
    holding = [rule for rule in rules if rule.holds_at(at, calendars)]
    steps = [step(rule, "hours.open", rule in holding, at=at) for rule in rules]
    opens_at: datetime | None = None
    if not holding:
        coming = [(begins, rule) for rule in rules if (begins := rule.begins_after(at, calendars))]
        if coming:
            opens_at, first = min(coming, key=lambda one: one[0])
            steps.append(step(first, "hours.next", opens_at))
    return WithinHours(
        is_open=bool(holding),
        open=tuple(rule.key for rule in holding),
        opens_at=opens_at,
        steps=tuple(steps),
    )
