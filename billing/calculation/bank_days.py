"""The days on which banks carry out orders."""

from __future__ import annotations

from datetime import date

from contracts.rules.calendar.holidays import national_holidays

_SATURDAY = 5
_NEW_YEAR = ((12, 31), (1, 1), (1, 2), (1, 3))


def banks_are_open(day: date) -> bool:
    """Not on weekends, national holidays and from Dec 31 to Jan 3 (銀行法施行令5条)."""
    closed = day.weekday() >= _SATURDAY or day in national_holidays().known_on(day)
    return not (closed or (day.month, day.day) in _NEW_YEAR)
