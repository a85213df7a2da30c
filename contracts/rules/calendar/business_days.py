"""Business days: which days are open, counted forwards and backwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from contracts.rules.calendar.holidays import national_holidays
from contracts.rules.calendar.period import JAPAN, end_of
from contracts.rules.policy.base import Rule
from contracts.rules.problems import refusal

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def _check_month_day(text: str) -> str:
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", text):
        raise refusal("day_of_year_form")
    try:
        date.fromisoformat(f"2000-{text}")
    except ValueError as error:
        raise refusal("day_of_year", day=text) from error
    return text


MonthDay = Annotated[str, AfterValidator(_check_month_day)]


def _split_hours(value: Any) -> Any:
    return value.split("-") if isinstance(value, str) else value


Hours = Annotated[tuple[time, time], BeforeValidator(_split_hours)]
"""Opening and closing time, written `10:00-17:00`."""


class CalendarRule(Rule):
    """Which days are business days, and until what hour a submission counts for the same day."""

    weekend: Annotated[tuple[Weekday, ...], Field(max_length=6)] = ("saturday", "sunday")
    national_holidays: bool = True
    closed_every_year: tuple[MonthDay, ...] = ()
    entered_closures: bool = False
    hours: Hours | None = None


def all_known_holidays() -> frozenset[date]:
    """The national holidays by all that the file knows."""
    return national_holidays().known_on(date.max)


@dataclass(frozen=True)
class BusinessCalendar:
    """A calendar rule together with the closures that staff entered, and the national holidays."""

    rule: CalendarRule
    closures: frozenset[date] = frozenset()
    holidays: frozenset[date] = field(default_factory=all_known_holidays)

    def is_business_day(self, day: date) -> bool:
        rule = self.rule
        return not (
            _WEEKDAYS[day.weekday()] in rule.weekend
            or (rule.national_holidays and day in self.holidays)
            or f"{day:%m-%d}" in rule.closed_every_year
            or (rule.entered_closures and day in self.closures)
        )

    def on_or_after(self, day: date) -> date:
        """The day itself if it is a business day, else the next one after it."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def count(self, start: date, days: int) -> date:
        """The day that lies a number of business days after the start (before it, if negative).

        The start itself is not counted (民法140条). Zero days is the start.
        """
        direction = timedelta(days=1 if days > 0 else -1)
        day = start
        for _ in range(abs(days)):
            day += direction
            while not self.is_business_day(day):
                day += direction
        return day

    def received_on(self, moment: datetime) -> date:
        """The day on which a submission at that moment counts as received.

        Without business hours the day ends at 24:00, Japan time, whatever day it is. With them, what
        comes after closing time or on a closed day counts for the next business day.
        """
        local = moment.astimezone(JAPAN)
        if self.rule.hours is None:
            return local.date()
        _opens, closes = self.rule.hours
        first = local.date() if local.time() <= closes else local.date() + timedelta(days=1)
        return self.on_or_after(first)

    def last_moment(self, day: date) -> datetime:
        """The last moment at which a submission still counts as received by a day."""
        if self.rule.hours is None:
            return end_of(day)
        _opens, closes = self.rule.hours
        while not self.is_business_day(day):
            day -= timedelta(days=1)
        return datetime.combine(day, closes, JAPAN)

    def received_on_day(self, day: date) -> date:
        """The same for a submission of which only the day is known: it came in time on that day."""
        return day if self.rule.hours is None else self.on_or_after(day)


Calendars = Mapping[str, BusinessCalendar]
"""The calendars of a policy by their names."""
