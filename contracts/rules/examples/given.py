"""Reading the values of worked examples: strictly, and with errors that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, PlainValidator, ValidationError

from contracts.rules.calendar.period import Month
from contracts.rules.limits import LARGEST_AMOUNT
from contracts.rules.policy.base import Strict
from contracts.rules.policy.problems import DataError, Problem, explain


class GivenError(DataError):
    """A part of an example that can't be used, with every problem found in it."""


def _text(value: Any, form: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text; write {form}")
    return value


def _day(value: Any) -> date:
    text = _text(value, "a day as YYYY-MM-DD")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"'{text}' is not a day; write it as YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a day of the calendar") from error


def _moment(value: Any) -> datetime:
    text = _text(value, "a moment as 2026-01-31T18:05:00+09:00")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a moment; write it as 2026-01-31T18:05:00+09:00") from error
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone; write it as 2026-01-31T18:05:00+09:00")
    return moment


def _day_or_moment(value: Any) -> date | datetime:
    return _moment(value) if isinstance(value, str) and "T" in value else _day(value)


def _month(value: Any) -> Month:
    return Month.parse(_text(value, "a month as YYYY-MM"))


Day = Annotated[date, PlainValidator(_day)]
Moment = Annotated[datetime, PlainValidator(_moment)]
DayOrMoment = Annotated[date | datetime, PlainValidator(_day_or_moment)]
WholeMonth = Annotated[Month, PlainValidator(_month)]
Yen = Annotated[int, Field(strict=True, ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Quantity = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Flag = Annotated[bool, Field(strict=True)]


class Given(Strict):
    """What an example gives. `as_of` picks the terms version in force on that day."""

    as_of: Day | None = None


M = TypeVar("M", bound=BaseModel)


def read_given(model: type[M], given: Mapping[str, Any]) -> M:
    """Read what an example gives; GivenError names every unknown, missing or wrong field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise GivenError(
            [Problem(f"given.{problem.path}".rstrip("."), problem.reason) for problem in explain(error)]
        ) from error
