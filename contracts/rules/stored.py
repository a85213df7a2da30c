"""Decisions as they are stored, and read again: the only place that knows the keys of their JSON.

Each says its `type`, and each step the types of its values that JSON does not know. What release 0.1.0 stored
says neither: its type follows from its facts, those of the values of its steps from how they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision, Step, plain
from contracts.rules.policy.base import LocalText, Origin

D = TypeVar("D", bound=Decision)

_TYPE, _TYPES, _STEPS = "type", "types", "steps"
_FROM_TEXT: dict[type, Callable[[str], Any]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    Month: Month.parse,
    Decimal: Decimal,
}
_BY_NAME = {kind.__name__: from_text for kind, from_text in _FROM_TEXT.items()}
_GUESSED = (date, datetime, Month)


def to_stored(decision: Decision) -> dict[str, Any]:
    """A decision in values that JSON knows; `read` makes the same of it."""
    facts = {name: plain(value) for name, value in decision.facts().items()}
    steps = [_stored_step(taken) for taken in decision.steps]
    return {_TYPE: type(decision).__name__, **facts, _STEPS: steps}


def read(stored: Mapping[str, Any], *kinds: type[D]) -> D | None:
    """The decision that was stored, which is of one of some kinds; None where nothing is stored.

    ValueError for one of any other kind.
    """
    if not stored:
        return None
    kind = _kind_of(stored, kinds)
    return kind(**_facts(kind, stored), steps=steps_of(stored))


def lookup(field: str, fact: str) -> str:
    """How a database is asked for one fact of the decisions in a field; `day` reads what it answers."""
    return f"{field}__{fact}"


def day(stored: str | None) -> date | None:
    """A day as it is stored; None where there is none."""
    return date.fromisoformat(stored) if stored else None


def steps_of(stored: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of a stored decision of whatever kind, or of a document; () where it has none."""
    return tuple(_step(taken) for taken in stored.get(_STEPS, ()))


def _kind_of(stored: Mapping[str, Any], kinds: Iterable[type[D]]) -> type[D]:
    for kind in kinds:
        if kind.__name__ == stored[_TYPE] if _TYPE in stored else _has_facts(kind, stored):
            return kind
    raise ValueError(f"no decision of these kinds: {stored.get(_TYPE) or ', '.join(sorted(stored))}")


def _has_facts(kind: Any, stored: Mapping[str, Any]) -> bool:
    """Whether all that is stored is a fact of a kind, and lacks none that every decision of it has."""
    needed = {
        field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING
    }
    return needed - {_STEPS} <= stored.keys() - {_STEPS} <= _readers(kind).keys()


def _facts(kind: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: reader(stored[name]) for name, reader in _readers(kind).items() if name in stored}


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    """What makes a fact of its JSON, by the facts of a kind."""
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items() if name != _STEPS}


def _reader(hint: Any) -> Callable[[Any], Any]:
    parts = get_args(hint)
    if NoneType in parts:
        (known,) = (part for part in parts if part is not NoneType)
        reader = _reader(known)
        return lambda value: None if value is None else reader(value)
    if get_origin(hint) is tuple:
        reader = _reader(parts[0])  # all of one type
        return lambda values: tuple(reader(value) for value in values)
    if isinstance(hint, type) and is_dataclass(hint) and hint not in _FROM_TEXT:
        return lambda value: hint(**_facts(hint, value))
    return _FROM_TEXT.get(hint, _as_it_is)


def _as_it_is(value: Any) -> Any:
    return value


def _stored_step(taken: Step) -> dict[str, Any]:
    given = {name: kind for name, value in taken.given.items() if (kind := _name_of_type(value))}
    return {**taken.to_json(), _TYPES: {"given": given, "result": _name_of_type(taken.result)}}


def _name_of_type(value: Any) -> str | None:
    """The name of a type that JSON does not know; None for the others."""
    name = type(value).__name__
    return name if name in _BY_NAME else None


def _step(stored: Mapping[str, Any]) -> Step:
    given, result = _values(stored)
    return Step(
        rule=stored["rule"],
        articles=tuple(stored["articles"]),
        given=given,
        result=result,
        reading=LocalText.model_validate(stored["reading"]) if stored["reading"] else None,
        sample=stored["sample"],
        origin=_origin(stored),
        revision=stored.get("revision", 0),
    )


def _origin(stored: Mapping[str, Any]) -> Origin | None:
    """The layer that decided; release 0.1.0 knew none but individual agreements (`agreed`)."""
    named = stored.get("origin") or stored.get("agreed")
    if not named:
        return None
    since = date.fromisoformat(named["effective_on"])
    of_agent = (named.get("version", ""), named.get("seller", ""))
    return Origin(named.get("kind", "agreement"), named["title"], since, *of_agent)


def _values(stored: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """What went into a step, by name, and what came out."""
    given, result = stored["given"], stored["result"]
    if _TYPES not in stored:
        return {name: _guessed(value) for name, value in given.items()}, _guessed(result)
    types = stored[_TYPES]
    typed = {name: _typed(value, types["given"].get(name)) for name, value in given.items()}
    return typed, _typed(result, types["result"])


def _typed(value: Any, type_name: str | None) -> Any:
    return _BY_NAME[type_name](value) if type_name else value


def _guessed(value: Any) -> Any:
    """The day, moment or month that a text is in ISO's writing; all else as it is."""
    if not isinstance(value, str):
        return value
    for kind in _GUESSED:
        try:
            found = _FROM_TEXT[kind](value)
        except ValueError:
            continue
        if plain(found) == value:
            return found
    return value
