"""What stands in a cell, typed by its column; and typed values as they are stored."""

import unicodedata
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from contracts.extensions.takeover import Column
from contracts.rules.calendar.period import Month
from contracts.rules.limits import LARGEST_AMOUNT, LARGEST_QUANTITY
from portal.formats.written import ERRORS, day_in, month_in, text_of, whole_in
from portal.organisations.fields import validate_printable
from portal.typed import are_readable


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
    if text in ERRORS:
        raise UnreadableCellError("cell_error")
    match column.kind:
        case "day":
            return _required(day_in(cell), "no_day")
        case "month":
            return _required(_month(cell), "no_month")
        case "number":
            return _within(cell, LARGEST_QUANTITY)
        case "amount":
            return _within(cell, LARGEST_AMOUNT)
        case "choice":
            return _required(column.choices.get(text) or column.choices.get(text.lower()), "no_choice")
        case _:
            return _words(column, text)


def plain(cell: Any) -> str:
    """A cell as text, without what programs put around it: 1001.0 of a workbook is 1001."""
    text = text_of(cell).strip()
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


def _within(cell: Any, most: int) -> int:
    number = whole_in(cell)
    if number is None or not 0 <= number <= most:
        raise UnreadableCellError("no_number")
    return number


def _month(cell: Any) -> Month | None:
    first = month_in(cell)
    return Month.of(first) if first else None
