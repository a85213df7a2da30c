"""A life as it is written: read strictly, with every problem by its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contracts.problems.reasons import Reason
from contracts.rules.examples.example_file import Example
from contracts.rules.examples.given import Citation, Day, Flag, Quantity, Yen
from contracts.rules.policy.base import Strict
from contracts.rules.policy.charging import PaymentMethod
from contracts.rules.problems import DataError, Problem, explain
from portal.lives.events.event import Event
from portal.lives.events.registry import EVENTS

KIND = "life"
"""What files of worked examples call them."""

State = Literal["forming", "running", "changing", "suspended", "paused", "interrupted", "ending", "ended"]
Other = Literal["minimum_term", "costs", "interest", "damages", "outage", "surcharge", "penalty", "deposit"]
Named = Literal["to_correct", "price_to_enter", "to_lift", "to_erase"]
Place = Annotated[int, Field(strict=True, ge=0)]


class LifeError(DataError):
    """A life that can't be read, with every problem found in it."""


class Given(Strict):
    """How the customer pays, and what happens; each event is read by itself."""

    method: PaymentMethod
    events: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]


class Expect(Strict):
    """What is true at the end of a day. Only what is named is compared."""

    as_of: Day
    charged: dict[str, Yen] = {}
    other: dict[Other, Yen] = {}
    tax: Yen = 0
    ends_on: Day | None = None
    billed_through_on: Day | None = None
    state: State = "running"
    version: str = ""
    requests: dict[str, str] = {}
    refused_events: tuple[Place, ...] = ()
    may_refuse: tuple[Place, ...] = ()
    articles_apply: dict[Citation, Flag] = {}
    open: Yen = 0
    overdue: Yen = 0
    interest: Yen = 0
    due: dict[str, Day] = {}
    quantities: dict[str, Quantity] = {}
    named: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Life:
    """A life that was read: how the customer pays, the events in their order, and what is expected."""

    method: PaymentMethod
    events: tuple[Event, ...]
    expect: Expect


def read_life(example: Example) -> Life:
    """Read a life from its example. LifeError names each place that is wrong, and why."""
    problems: list[Problem] = []
    given = _read(Given, example.given, "given", problems)
    events = [
        event
        for place, entry in enumerate(given.events if given else ())
        if (event := _event(entry, f"given.events[{place}]", problems))
    ]
    expect = _read(Expect, example.expect, "expect", problems)
    problems += _unordered(events)
    if given and expect:
        problems += _beyond(expect, len(given.events))
    if problems or given is None or expect is None:
        raise LifeError(problems)
    return Life(given.method, tuple(events), expect)


def _event(entry: Mapping[str, Any], path: str, problems: list[Problem]) -> Event | None:
    name = entry.get("do")
    model = EVENTS.get(name) if isinstance(name, str) else None
    if model is None:
        known = ", ".join(sorted(EVENTS))
        problems.append(Problem(f"{path}.do", Reason("no_event", {"given": repr(name), "known": known})))
        return None
    event: Event | None = _read(
        model, {key: value for key, value in entry.items() if key != "do"}, path, problems
    )
    return event


def _read(model: Any, values: Mapping[str, Any], path: str, problems: list[Problem]) -> Any:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems += (Problem(f"{path}.{one.path}".rstrip("."), one.reason) for one in explain(error))
        return None


def _beyond(expect: Expect, count: int) -> Iterator[Problem]:
    """Places that are no event's."""
    for name in ("refused_events", "may_refuse"):
        for place in getattr(expect, name):
            if place >= count:
                yield Problem(f"expect.{name}", Reason("event_beyond", {"place": place, "count": count}))


def _unordered(events: list[Event]) -> Iterator[Problem]:
    for place, (earlier, later) in enumerate(pairwise(events), 1):
        if later.at < earlier.at:
            yield Problem(f"given.events[{place}].at", Reason("event_too_early"))
