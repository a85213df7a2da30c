"""Problems of data that somebody wrote: where, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from contracts.problems.reasons import SENTENCES, Reason

_LONGEST = 80
_SHAPES = {
    "string_type": "text",
    "string_sub_type": "text",
    "string_unicode": "text",
    "int_type": "whole_number",
    "int_from_float": "whole_number",
    "int_parsing": "whole_number",
    "int_parsing_size": "whole_number",
    "bool_type": "true_or_false",
    "bool_parsing": "true_or_false",
    "date_type": "day",
    "date_parsing": "day",
    "date_from_datetime_parsing": "day",
    "date_from_datetime_inexact": "day",
    "time_type": "time",
    "time_parsing": "time",
    "decimal_type": "number",
    "decimal_parsing": "number",
    "finite_number": "number",
    "float_type": "number",
    "float_parsing": "number",
    "list_type": "list",
    "tuple_type": "list",
    "set_type": "list",
    "frozen_set_type": "list",
    "dict_type": "group",
    "mapping_type": "group",
    "model_type": "group",
    "model_attributes_type": "group",
}
_AT = "at"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the path of the value in its file, and the reason.

    What is wrong with a text of terms has its `line` instead, counted from 1.
    """

    path: str
    reason: Reason
    line: int | None = None

    @property
    def place(self) -> str:
        return self.path if self.line is None else f"text line {self.line}"

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else str(self.reason)


@dataclass(eq=False)
class DataError(Exception):
    """Data that can't be taken, with every problem found in it."""

    problems: Sequence[Problem]

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def refusal(key: str, /, at: str = "", **values: object) -> PydanticCustomError:
    """What a validator of a model raises: a reason by its key, and the path below the model if any."""
    return PydanticCustomError(key, str(Reason(key, values)), {_AT: at, **values})


def explain(error: ValidationError) -> list[Problem]:
    """Every problem of a pydantic error, those that `refusal` gave included."""
    return [Problem(_path(detail), _reason(detail)) for detail in error.errors()]


def _path(detail: ErrorDetails) -> str:
    path = ""
    for part in detail["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return f"{path}.{detail.get('ctx', {}).get(_AT, '')}".strip(".")


def _reason(detail: ErrorDetails) -> Reason:
    given = _shown(detail["input"])
    match detail["type"]:
        case "literal_error" | "enum":
            # One text is all that pydantic gives of the allowed values: 'a', 'b' or 'c'.
            allowed = detail["ctx"]["expected"].replace("' or '", "', '")
            return Reason("not_allowed", {"given": detail["input"], "allowed": allowed})
        case kind if kind in _SHAPES:
            return Reason("shape", {"shape": Reason(_SHAPES[kind]), "given": given})
        case kind if kind in SENTENCES:
            values = {name: value for name, value in detail.get("ctx", {}).items() if name != _AT}
            return Reason(kind, {"given": given, **values})
        case kind:
            return Reason("unfit", {"code": kind, "given": given})


def _shown(value: object) -> str:
    """A value as it was given, cut short where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
