"""Months and periods by the calendar (民法 139–143)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from contracts.rules.limits import FIRST_DAY, LAST_DAY

JAPAN = ZoneInfo("Asia/Tokyo")


def japan_date(moment: datetime) -> date:
    """The day in Japan on which an aware moment falls; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(JAPAN).date()


def end_of(day: date) -> datetime:
    """The last moment of a day in Japan."""
    return datetime.combine(day, time.max, tzinfo=JAPAN)


@cache
def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1 <= self.year <= 9998):
            raise ValueError(f"{self.year}-{self.month} is not a month")

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`; ValueError says what was wrong."""
        year, dash, month = text.partition("-")
        plain = len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdecimal()
        if not (dash and plain and FIRST_DAY.year <= int(year) <= LAST_DAY.year and 1 <= int(month) <= 12):
            raise ValueError(f"'{text}' is not a month; write it as YYYY-MM")
        return cls(int(year), int(month))

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, self.days)

    @property
    def days(self) -> int:
        return _days(self.year, self.month)

    def day(self, number: int) -> date:
        """The given day of this month, or its last day where it has no such day."""
        return date(self.year, self.month, min(number, self.days))

    def __add__(self, months: int) -> Month:
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def __sub__(self, other: Month) -> int:
        """How many months this one comes after the other."""
        return (self.year - other.year) * 12 + self.month - other.month

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def to_json(self) -> str:
        return str(self)


def is_month_end(day: date) -> bool:
    return day == Month.of(day).last


def months_before(day: date, months: int) -> date:
    """Count whole months back from a day.

    A month end counts to a month end (Feb 28 → Jan 31). Any other day counts to the same day of the
    earlier month, or to its last day where it has no such day (民法143条2項).
    """
    earlier = Month.of(day) + -months
    return earlier.last if is_month_end(day) else earlier.day(day.day)


def period_end(first_day: date, months: int) -> date:
    """The last day of a period of whole months whose first day is counted (民法143条2項).

    It ends on the day before the day that corresponds to the first one; where there is no such day,
    with the end of the month. Jan 1 + 1 month → Jan 31; Jan 30 + 1 month → Feb 28 or 29.
    """
    final = Month.of(first_day) + months
    if first_day.day > final.days:
        return final.last
    return final.day(first_day.day) - timedelta(days=1)


def months_after(event: date, months: int) -> date:
    """The last day of a period of whole months after an event, whose own day is not counted (民法140条)."""
    return period_end(event + timedelta(days=1), months)
