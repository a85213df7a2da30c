"""What stands in a cell, typed by its column; and typed values as they are stored."""

import unicodedata
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from contracts.extensions.takeover import Column
from contracts.rules.calendar.period import Month
from contracts.rules.limits import FIRST_DAY, LARGEST_AMOUNT, LARGEST_QUANTITY, LAST_DAY
from portal.organisations.fields import validate_printable
from portal.typed import are_readable, whole_number

_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}


class UnreadableCellError(ValueError):
    """What is no value of its column; the key of the sentence that says so, and its values."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def typed(column: Column, cell: Any) -> Any:
    """What stands in a cell: a text, a day, a month, a whole number; None for nothing.

    UnreadableCellError for what is none of the column's kind.
    """
    text = plain(cell)
    if not text:
        return None
    if not are_readable([text]):
        raise UnreadableCellError("characters")
    match column.kind:
        case "day":
            return _required(_day(cell, text), "no_day")
        case "month":
            return _required(_month(cell, text), "no_month")
        case "number":
            return _within(text, LARGEST_QUANTITY)
        case "amount":
            return _within(text, LARGEST_AMOUNT)
        case "choice":
            return _required(column.choices.get(text) or column.choices.get(text.lower()), "no_choice")
        case _:
            return _words(column, text)


def plain(cell: Any) -> str:
    """A cell as text, without what programs put around it: 1001.0 of a workbook is 1001."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip().strip("\u3000")
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@＝＋－＠" else text


def folded(text: Any) -> str:
    """A heading or a name as it is compared: full width and half width are one, blanks none."""
    return "".join(unicodedata.normalize("NFKC", plain(text)).casefold().split())


def digits(text: str) -> str:
    """A number as people write it, with hyphens or a T in front, as its digits alone."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isdecimal())


def to_json(value: Any) -> Any:
    return str(value) if isinstance(value, Month) else value.isoformat() if isinstance(value, date) else value


def from_json(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "day":
        return date.fromisoformat(value)
    return Month.parse(value) if column.kind == "month" else value


def _words(column: Column, text: str) -> str:
    if len(text) > column.longest:
        raise UnreadableCellError("too_long")
    if column.printed:
        try:
            validate_printable(text)
        except ValidationError as refused:
            raise UnreadableCellError("unprintable", **(refused.params or {})) from refused
    return text


def _required(value: Any, key: str) -> Any:
    if value is None:
        raise UnreadableCellError(key)
    return value


def _within(text: str, most: int) -> int:
    digits = unicodedata.normalize("NFKC", text).replace(",", "").removeprefix("¥").removesuffix("円").strip()
    number = whole_number(digits)
    if number is None or number > most:
        raise UnreadableCellError("no_number")
    return number


def _day(cell: Any, text: str) -> date | None:
    if isinstance(cell, datetime):
        found: date | None = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        found = _written_day(unicodedata.normalize("NFKC", text))
    return found if found and FIRST_DAY <= found <= LAST_DAY else None


def _written_day(text: str) -> date | None:
    text = "".join(text.split())
    for era, before in _ERAS.items():
        if text.upper().startswith(era) and text[len(era) :]:
            return _in_era(text[len(era) :], before)
    for pattern in _DAYS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def _in_era(text: str, before: int) -> date | None:
    parts = text.replace("元年", "1年")
    for sign in "年月./":
        parts = parts.replace(sign, "-")
    numbers = [whole_number(part) for part in parts.removesuffix("日").split("-")]
    if len(numbers) != 3 or None in numbers:
        return None
    year, month, day = numbers
    try:
        return date(before + (year or 0), month or 0, day or 0)
    except ValueError:
        return None


def _month(cell: Any, text: str) -> Month | None:
    if isinstance(cell, date):
        found = Month.of(cell)
    else:
        written = unicodedata.normalize("NFKC", text).replace("/", "-").replace("年", "-").removesuffix("月")
        year, _dash, month = written.partition("-")
        try:
            found = Month.parse(f"{year}-{month:0>2}")
        except ValueError:
            return None
    return found if FIRST_DAY <= found.first <= LAST_DAY else None
