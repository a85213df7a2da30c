"""Days as banks write them in CSV files, in the Western or the Japanese calendar."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contracts.rules.limits import FIRST_DAY, LAST_DAY

from .days import read_day

_BEFORE_ERA = {"令和": 2018, "令": 2018, "R": 2018, "平成": 1988, "平": 1988, "H": 1988}
_TIME = re.compile(r"[\sT]*[0-9]{1,2}[:時][0-9]{2}.*$")
_WEEKDAY = re.compile(
    r"\((?:[日月火水木金土](?:曜日?)?|(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)[a-z]*)\)|[日月火水木金土]曜日?",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?P<era>令和|平成|令|平|[RH])?\.?(?P<year>元|[0-9]{1,4})(?:年|[./-])(?P<month>[0-9]{1,2})(?:月|[./-])(?P<day>[0-9]{1,2})日?",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_YEAR_IN_FULL = 4
_JAPAN = ZoneInfo("Asia/Tokyo")


def read_written_day(written: str, near: date | None = None) -> date | None:
    """A day such as 2026/11/4, 20261104, 令和 8年11月 4日, R8.11.04, 8.11.04 or 2026年11月4日(水).

    A time behind it and the day of the week are left out. Where the year has no era and less than four
    digits, the calendar is the one whose day lies nearest to `near`, or else to today. None for no day.
    """
    plain = unicodedata.normalize("NFKC", written).strip()
    for text in (_TIME.sub("", plain), plain.split(" ")[0]):
        found = _read(re.sub(r"\s", "", _WEEKDAY.sub("", text)), near)
        if found:
            return found if FIRST_DAY <= found <= LAST_DAY else None
    return None


def _read(text: str, near: date | None) -> date | None:
    if found := _DIGITS.fullmatch(text):
        return _day_of(int(found["year"]), found["month"], found["day"])
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year = 1 if found["year"] == "元" else int(found["year"])
    if found["era"]:
        return _day_of(_BEFORE_ERA[found["era"].upper()] + year, found["month"], found["day"])
    if len(found["year"]) == _YEAR_IN_FULL:
        return _day_of(year, found["month"], found["day"])
    if not year:
        return None
    digits = f"{year:02}{int(found['month']):02}{int(found['day']):02}"
    return read_day(digits, near or datetime.now(_JAPAN).date())


def _day_of(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None
