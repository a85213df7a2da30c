"""Files of worked examples: a JSON list, read whole or refused with the place and the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from contracts.problems.reasons import Reason
from contracts.rules.policy.base import Strict
from contracts.rules.policy.reading import read_file
from contracts.rules.problems import DataError, Problem, explain


class ExampleFileError(DataError):
    """A file of examples that can't be read, with every problem found in it."""


class Example(Strict):
    """One worked example: given this, the answer is that, because of these articles.

    Where agents sell the service, `agent` names one by its key; without it the first one answers.
    """

    id: str = Field(min_length=1)
    service: str
    agent: str = ""
    kind: str
    given: dict[str, Any]
    expect: dict[str, Any]
    articles: tuple[str, ...] = ()
    note: str = ""


def read_examples(path: Path) -> list[Example]:
    """Read a file of examples; ExampleFileError names each place in it, and the reason."""
    return examples_from(read_file(path, ExampleFileError))


def examples_from(text: str) -> list[Example]:
    """Read examples from JSON text; ExampleFileError names each place and the reason."""
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused(Reason("not_json", {"line": error.lineno, "column": error.colno})) from error
    except RecursionError as error:
        raise _refused(Reason("json_too_deep")) from error
    if not isinstance(entries, list):
        raise _refused(Reason("no_list"))
    examples: list[Example] = []
    problems: list[Problem] = []
    number_of: dict[str, int] = {}
    for number, entry in enumerate(entries):
        try:
            example = Example.model_validate(entry)
            if example.id in number_of:
                reason = Reason("id_twice", {"place": f"[{number_of[example.id]}]"})
                problems.append(Problem(f"{_place(number, entry)}.id", reason))
            number_of.setdefault(example.id, number)
            examples.append(example)
        except ValidationError as error:
            place = _place(number, entry)
            problems += (Problem(f"{place}.{one.path}".rstrip("."), one.reason) for one in explain(error))
    if problems:
        raise ExampleFileError(problems)
    return examples


def _refused(reason: Reason) -> ExampleFileError:
    return ExampleFileError([Problem("", reason)])


def _place(number: int, entry: Any) -> str:
    """Where an example stands in its file, with its id if it has one."""
    named = entry.get("id") if isinstance(entry, dict) else None
    return f"[{number}] {named}" if isinstance(named, str) and named else f"[{number}]"
