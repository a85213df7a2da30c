"""Files of worked examples: a JSON list, read whole or refused with the place and the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from contracts.rules.policy.base import Strict
from contracts.rules.policy.problems import Problem, explain


class ExampleFileError(Exception):
    """A file of examples that can't be read: which, where and why."""


class Example(Strict):
    """One worked example: given this, the answer is that, because of these articles."""

    id: str = Field(min_length=1)
    service: str
    kind: str
    given: dict[str, Any]
    expect: dict[str, Any]
    articles: tuple[str, ...] = ()
    note: str = ""


def read_examples(path: Path) -> list[Example]:
    """Read a file of examples; ExampleFileError names the file, the place and the reason."""
    try:
        return examples_from(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ExampleFileError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ExampleFileError(f"{path}: byte {error.start}: not UTF-8 text") from error
    except ExampleFileError as error:
        reasons = str(error).splitlines()
        raise ExampleFileError("\n".join(f"{path}: {reason}" for reason in reasons)) from error


def examples_from(text: str) -> list[Example]:
    """Read examples from JSON text; ExampleFileError names the place and the reason, one a line."""
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ExampleFileError(f"{place}: not valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise ExampleFileError("not usable: nested too deeply") from error
    if not isinstance(entries, list):
        raise ExampleFileError("not a list of examples; write [ … ] around them")
    examples: list[Example] = []
    problems: list[Problem] = []
    number_of: dict[str, int] = {}
    for number, entry in enumerate(entries):
        try:
            example = Example.model_validate(entry)
            if example.id in number_of:
                reason = f"[{number_of[example.id]}] has this id already; give each example its own"
                problems.append(Problem(f"{_place(number, entry)}.id", reason))
            number_of.setdefault(example.id, number)
            examples.append(example)
        except ValidationError as error:
            place = _place(number, entry)
            problems += (Problem(f"{place}.{one.path}".rstrip("."), one.reason) for one in explain(error))
    if problems:
        raise ExampleFileError("\n".join(str(problem) for problem in problems))
    return examples


def _place(number: int, entry: Any) -> str:
    """Where an example stands in its file, with its id if it has one."""
    named = entry.get("id") if isinstance(entry, dict) else None
    return f"[{number}] {named}" if isinstance(named, str) and named else f"[{number}]"
