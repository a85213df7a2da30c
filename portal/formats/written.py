"""What people write into cells: texts, days, months, whole numbers, in either width and either calendar."""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
"""What a cell shows whose formula has no result."""

_YEARS = (1900, 2199)
_BEFORE_ERA = {
    "令和": 2018,
    "令": 2018,
    "R": 2018,
    "平成": 1988,
    "平": 1988,
    "H": 1988,
    "昭和": 1925,
    "S": 1925,
}
_MINUS = str.maketrans(dict.fromkeys("▲△−‐‑–—―ー", "-"))
_TIME = re.compile(r"(?:\s+|T)[0-9]{1,2}[:時][0-9]{2}.*$")
_WEEKDAY = re.compile(r"\([日月火水木金土](?:曜日?)?\)$|[日月火水木金土]曜日?$")
_YEAR = r"(?:(?P<era>令和|平成|昭和|令|平|[RHS])\.?(?P<of_era>元|[0-9]{1,2})|(?P<year>[0-9]{4}))"
_DAY = re.compile(rf"{_YEAR}[-/.年](?P<month>[0-9]{{1,2}})[-/.月](?P<day>[0-9]{{1,2}})日?", re.IGNORECASE)
_MONTH = re.compile(rf"{_YEAR}[-/.年](?P<month>[0-9]{{1,2}})(?:月分?)?", re.IGNORECASE)
_PLAIN_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_PLAIN_MONTH = re.compile(r"([0-9]{4})([0-9]{2})")
_WHOLE = re.compile(r"(-?)[¥\\]?(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.0{1,2})?円?")
_WITH_MARKS = re.compile("[^\\W\\d_][\u0300-\u036f\u3099\u309a]+")


def text_of(value: Any) -> str:
    """What a cell says, as somebody would type it: 1001 for 1001.0, a day without the midnight behind it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return composed(str(value))


def composed(text: str) -> str:
    """Marks joined to their letters, as in ガ for カ with a mark behind it. Kanji stay as they were typed:
    normalised, U+FA19 would become another one."""
    return _WITH_MARKS.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)


def day_in(value: Any) -> date | None:
    """The day that a cell says, such as 2026-10-05, 2026年10月5日(月), 20261005, 令和8年10月5日, R8.10.5.

    A time behind it is left out. None for what is no day from 1900 to 2199.
    """
    plain = _TIME.sub("", _plain(value))
    text = _closed_up(_WEEKDAY.sub("", plain))
    found = _DAY.fullmatch(_PLAIN_DAY.sub(r"\1-\2-\3", text) if _PLAIN_DAY.fullmatch(text) else text)
    return _day(_year(found), int(found["month"]), int(found["day"])) if found else None


def month_in(value: Any) -> date | None:
    """The first day of the month that a cell says, such as 2026-10, 202610, 2026年10月分, 令和8年10月.

    Spreadsheets make a day of what looks like a month: days that are such, and the first of a month that is
    written as a day, are their month. None for what is none.
    """
    if isinstance(value, date):
        return _day(value.year, value.month, 1)
    text = _closed_up(_plain(value))
    found = _MONTH.fullmatch(_PLAIN_MONTH.sub(r"\1-\2", text) if _PLAIN_MONTH.fullmatch(text) else text)
    if found:
        return _day(_year(found), int(found["month"]), 1)
    day = day_in(text)
    return day if day and day.day == 1 else None


def whole_in(value: Any) -> int | None:
    """The whole number that a cell says: 1,000 and ¥1,000 and 1,000円 and, below zero, -5 and ▲5 and (5).

    None for what is none: signs or blanks that stand between other digits than thousands, fractions, ①.
    """
    typed = text_of(value)
    if any(unicodedata.category(sign) == "No" for sign in typed):
        return None
    text = _closed_up(unicodedata.normalize("NFKC", typed))
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    found = _WHOLE.fullmatch(text)
    if found is None or (found[1] and found[2]):
        return None
    number = int(found[3].replace(",", ""))
    return -number if found[1] or found[2] else number


def _plain(value: Any) -> str:
    return unicodedata.normalize("NFKC", text_of(value)).strip()


def _closed_up(text: str) -> str:
    """With - for what looks like it, and without the blanks that stand not between two digits."""
    return re.sub(r"(?<![0-9])\s+|\s+(?![0-9])", "", text.strip()).translate(_MINUS)


def _year(found: re.Match[str]) -> int:
    if found["year"]:
        return int(found["year"])
    of_era = 1 if found["of_era"] == "元" else int(found["of_era"])
    return _BEFORE_ERA[found["era"].upper()] + of_era if of_era else 0


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _YEARS[0] <= year <= _YEARS[1] else None
    except ValueError:
        return None
