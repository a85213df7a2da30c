"""Playing one life, and comparing what became of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from billing.calculation.prices import PriceListError
from contracts.problems.reasons import Reason, UnansweredError
from contracts.rules.calendar.period import JAPAN
from contracts.rules.decision import plain
from contracts.rules.examples.evaluation import Mismatch, Result
from contracts.rules.examples.example_file import Example
from contracts.rules.problems import Problem
from portal.catalog import CatalogService
from portal.lives.example import Life, LifeError, read_life
from portal.lives.outcome import OUTCOMES
from portal.lives.own_service import own_copy
from portal.lives.stage import Stage, set_stage
from portal.lives.taken_back import nothing_stays

Catalog = Callable[[], Sequence[CatalogService]]

_REFUSALS = (ValidationError, PermissionDenied, PriceListError, UnansweredError)
"""How operations say that they don't do something."""


def run_life(example: Example, catalog: Catalog) -> Result:
    """Play a life from its first event to the day on which it is looked at; nothing of it stays.

    A service that is not loaded comes from the `catalog`. What can't be played is a failure of the example,
    with the place of the event and the reason.
    """
    try:
        life = read_life(example)
    except LifeError as error:
        return Result(example, problems=tuple(error.problems))
    try:
        with nothing_stays():
            return _played(example, life, catalog)
    except LookupError:
        reason = Reason("example_of_nobody", {"name": example.service})
        return Result(example, problems=(Problem("service", reason),))
    except DatabaseError as error:
        return Result(example, problems=(_broke("given.events", error),))


def _played(example: Example, life: Life, catalog: Catalog) -> Result:
    service = own_copy(example.service, catalog)
    if example.agent and not service.agents.filter(key=example.agent).exists():
        known = ", ".join(service.agents.values_list("key", flat=True)) or "—"
        values = {"service": example.service, "agent": example.agent, "known": known}
        return Result(example, problems=(Problem("agent", Reason("no_agent", values)),))
    stage = set_stage(service, life.method, life.events[0].at, example.agent)
    refused: dict[int, Exception] = {}
    for place, event in enumerate(life.events):
        try:
            with stage.at(event.at), transaction.atomic():
                event.play(stage)
        except _REFUSALS as refusal:
            refused[place] = refusal
        except Exception as error:  # a fault of the portal fails this life, and the others go on
            return Result(example, problems=(_broke(f"given.events[{place}]", error),))
    return Result(example, mismatches=(*_taken_otherwise(life, refused), *_mismatches(life, stage)))


def _taken_otherwise(life: Life, refused: Mapping[int, Exception]) -> Iterator[Mismatch]:
    """The events that were refused, or taken, against what is expected."""
    named, either = life.expect.refused_events, life.expect.may_refuse
    for place in range(len(life.events)):
        path = f"given.events[{place}]"
        if place in refused and place not in (*named, *either):
            yield Mismatch(path, "taken", f"refused: {_said(refused[place])}")
        elif place in named and place not in refused:
            yield Mismatch(path, "refused", "taken")


def _mismatches(life: Life, stage: Stage) -> Iterator[Mismatch]:
    """What became of it at the end of the day, field by field."""
    with stage.at(datetime.combine(life.expect.as_of, time.max, JAPAN)):
        for name in (name for name in OUTCOMES if name in life.expect.model_fields_set):
            expected = getattr(life.expect, name)
            wanted = sorted(expected) if name == "named" else expected
            try:
                got = OUTCOMES[name](stage, wanted)
            except _REFUSALS as refusal:
                got = _said(refusal)
            if plain(wanted) != plain(got):
                yield Mismatch(name, plain(wanted), plain(got))


def _said(refusal: Exception) -> str:
    return "; ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


def _broke(path: str, error: Exception) -> Problem:
    why = f"{type(error).__name__}: {error}"
    return Problem(path, Reason("event_broke", {"why": why}))
