"""Problems of data that somebody wrote: where, and why, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_LONGEST = 80
_SHAPES = {
    "string_type": "text",
    "string_sub_type": "text",
    "string_unicode": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": "a day, such as 2027-04-01",
    "date_parsing": "a day, such as 2027-04-01",
    "date_from_datetime_parsing": "a day, such as 2027-04-01",
    "date_from_datetime_inexact": "a day, such as 2027-04-01",
    "time_type": "a time of day, such as 17:00",
    "time_parsing": "a time of day, such as 17:00",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a group of names and values",
    "mapping_type": "a group of names and values",
    "model_type": "a group of names and values",
    "model_attributes_type": "a group of names and values",
}
_LIMITS = {
    "string_pattern_mismatch": "have the form {pattern}",
    "greater_than": "be more than {gt}",
    "greater_than_equal": "be at least {ge}",
    "less_than": "be less than {lt}",
    "less_than_equal": "be at most {le}",
    "multiple_of": "be a multiple of {multiple_of}",
    "decimal_max_digits": "have at most {max_digits} digits",
    "decimal_max_places": "have at most {decimal_places} digits after the point",
    "decimal_whole_digits": "have at most {whole_digits} digits before the point",
    "string_too_long": "have at most {max_length} characters",
    "too_short": "have at least {min_length} entries",
    "too_long": "have at most {max_length} entries",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the path of the value in its file, and the reason."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


@dataclass(eq=False)
class DataError(Exception):
    """Data that can't be taken, with every problem found in it."""

    problems: list[Problem]

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def explain(error: ValidationError) -> list[Problem]:
    """Every problem of a pydantic error, in words that a back-office person understands."""
    return [Problem(_path(detail["loc"]), _reason(detail)) for detail in error.errors()]


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".")


def _reason(detail: ErrorDetails) -> str:
    given = detail["input"]
    match detail["type"]:
        case "missing":
            return "this value is missing"
        case "extra_forbidden":
            return "unknown name; check the spelling, or take it out"
        case "literal_error" | "enum":
            allowed = detail["ctx"]["expected"].replace("' or '", "', '")
            return f"'{given}' is not allowed here; allowed: {allowed}"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_too_short":
            return "this must not be empty"
        case "invalid_key":
            return f"a name must be text (given: {_shown(given)})"
        case kind if kind in _LIMITS:
            return f"this must {_LIMITS[kind].format(**detail['ctx'])} (given: {_shown(given)})"
        case kind if kind in _SHAPES:
            return f"this must be {_SHAPES[kind]} (given: {_shown(given)})"
        case _:
            return f"this value does not fit (code {detail['type']}; given: {_shown(given)})"


def _shown(value: object) -> str:
    """A value as it was given, cut short where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
