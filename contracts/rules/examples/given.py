"""Reading the values of worked examples: strictly, and with errors that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, PlainValidator, ValidationError

from contracts.problems.reasons import Reason
from contracts.rules.calendar.period import Month
from contracts.rules.limits import LARGEST_AMOUNT
from contracts.rules.policy.base import Strict
from contracts.rules.problems import DataError, Problem, explain, refusal
from contracts.terms.numbering import ArticleRef


class GivenError(DataError):
    """A part of an example that can't be used, with every problem found in it."""


def _text(value: Any, form: Reason) -> str:
    if not isinstance(value, str):
        raise refusal("given_text", given=repr(value), form=form)
    return value


def _day(value: Any) -> date:
    text = _text(value, Reason("day_form"))
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise refusal("given_day", given=text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refusal("given_no_day", given=text) from error


def _moment(value: Any) -> datetime:
    text = _text(value, Reason("moment_form"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refusal("given_moment", given=text) from error
    if moment.tzinfo is None:
        raise refusal("given_time_zone", given=text)
    return moment


def _day_or_moment(value: Any) -> date | datetime:
    return _moment(value) if isinstance(value, str) and "T" in value else _day(value)


def _month(value: Any) -> Month:
    text = _text(value, Reason("month_form"))
    try:
        return Month.parse(text)
    except ValueError as error:
        raise refusal("given_month", given=text) from error


def _citation(value: Any) -> str:
    text = _text(value, Reason("reference_form"))
    try:
        return str(ArticleRef.parse(text))
    except ValueError as error:
        raise refusal("given_reference", given=text) from error


Day = Annotated[date, PlainValidator(_day)]
Moment = Annotated[datetime, PlainValidator(_moment)]
DayOrMoment = Annotated[date | datetime, PlainValidator(_day_or_moment)]
WholeMonth = Annotated[Month, PlainValidator(_month)]
Citation = Annotated[str, PlainValidator(_citation)]
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
