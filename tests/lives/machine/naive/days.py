"""Days and months, counted one by one."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.lives.machine.naive.terms import national_holidays

ONE_DAY = timedelta(days=1)
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def last_of(month: str) -> date:
    first = first_of(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def month_end(day: date) -> date:
    return last_of(month_of(day))


def later_month(month: str, by: int) -> str:
    """The month so many months later, or earlier."""
    first = first_of(month)
    count = first.year * 12 + first.month - 1 + by
    return f"{count // 12:04}-{count % 12 + 1:02}"


def months_from(first: str, last: str) -> Iterator[str]:
    while first <= last:
        yield first
        first = later_month(first, 1)


def days_of(month: str) -> Iterator[date]:
    day, last = first_of(month), last_of(month)
    while day <= last:
        yield day
        day += ONE_DAY


def months_before(day: date, months: int) -> date:
    """A month end goes to a month end, any other day to the same day or the last one there is."""
    earlier = later_month(month_of(day), -months)
    if day == month_end(day):
        return last_of(earlier)
    return first_of(earlier).replace(day=min(day.day, last_of(earlier).day))


def through(first: date, months: int) -> date:
    """The last day of so many months whose first day counts."""
    later = later_month(month_of(first), months)
    if first.day > last_of(later).day:
        return last_of(later)
    return first_of(later).replace(day=first.day) - ONE_DAY


class Calendar:
    """Which days are open, by a calendar of the policy; nobody entered closures."""

    def __init__(self, rule: dict[str, Any]) -> None:
        self._weekend = rule.get("weekend", ("saturday", "sunday"))
        self._national = rule.get("national_holidays", True)
        self._yearly = rule.get("closed_every_year", ())
        self._hours = rule.get("hours")

    def is_open(self, day: date) -> bool:
        if _WEEK[day.weekday()] in self._weekend or f"{day:%m-%d}" in self._yearly:
            return False
        return not (self._national and day in national_holidays())

    def count(self, day: date, days: int) -> date:
        """So many open days on or back; the day itself is not counted."""
        step = ONE_DAY if days > 0 else -ONE_DAY
        for _ in range(abs(days)):
            day += step
            while not self.is_open(day):
                day += step
        return day

    def moved(self, day: date, how: str) -> date:
        step = {"none": None, "previous_business_day": -ONE_DAY, "next_business_day": ONE_DAY}[how]
        while step and not self.is_open(day):
            day += step
        return day

    def received(self, moment: datetime) -> date:
        """The day on which something counts as received: with hours, the next open day once they are over."""
        day = moment.date()
        if self._hours is None:
            return day
        closes = time.fromisoformat(self._hours.split("-")[1])
        if moment.time() > closes:
            day += ONE_DAY
        return self.moved(day, "next_business_day")
