"""A life as it comes out without a draft of the terms, beside how it comes out with it."""

from collections.abc import Mapping
from typing import Any

from contracts.rules.examples.evaluation import Mismatch, Result
from portal.lives.example import LifeError, read_life

UNPLAYED = ""
"""The name of the field that says why a life can't be played."""

_EVENT = "given.events["


def compared(old: Result, new: Result) -> dict[str, Any] | None:
    """What differs from what is written, or between both; None where nothing does."""
    before, after = _outcome(old), _outcome(new)
    written = {one.field: one.expected for one in (*old.mismatches, *new.mismatches)}
    differences = [
        {
            "field": field,
            "written": written.get(field),
            "old": before.get(field, written.get(field)),
            "new": after.get(field, written.get(field)),
        }
        for field in dict.fromkeys([*before, *after])
    ]
    if not differences:
        return None
    return {"life": old.example.id, "differences": differences, "becomes": _becomes(new)}


def _outcome(result: Result) -> dict[str, Any]:
    """What comes out otherwise than it is written, by field."""
    if result.problems:
        return {UNPLAYED: result.error}
    return {one.field: one.got for one in result.mismatches}


def _becomes(result: Result) -> dict[str, Any] | None:
    """What the life has to expect so that it comes out; None where it can't be played.

    What can't be expected, such as the reason why there is no amount, is left out.
    """
    if result.problems:
        return None
    expect = dict(result.example.expect)
    for one in result.mismatches:
        if one.field.startswith(_EVENT):
            expect["refused_events"] = _refused(expect.get("refused_events", ()), one)
        else:
            expect[one.field] = one.got
    while wrong := _unreadable(result, expect):
        del expect[wrong]
    return expect


def _refused(places: Any, mismatch: Mismatch) -> list[int]:
    place = int(mismatch.field.removeprefix(_EVENT).rstrip("]"))
    return sorted({*places} - {place} if mismatch.got == "taken" else {*places, place})


def _unreadable(result: Result, expect: Mapping[str, Any]) -> str | None:
    """A field of what is expected that no life can state."""
    try:
        read_life(result.example.model_copy(update={"expect": dict(expect)}))
    except LifeError as error:
        paths = (problem.path.split(".") for problem in error.problems)
        return next((name for first, name, *_rest in paths if first == "expect" and name in expect), None)
    return None
