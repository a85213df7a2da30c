"""Answers that explain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.rules.policy.base import LocalText, Origin, Rule

_PLAIN = frozenset((str, bool, int, type(None)))


class NotProvided(Exception):  # noqa: N818 - no error: an answer that the terms do not hold
    """The terms say nothing on what was asked."""


@dataclass(frozen=True, slots=True)
class Step:
    """One application of one rule: what went in, what came out, and the articles that found it.

    `rule` is a key such as `deadline.offset`; the screens turn it into a sentence. `origin` names the
    layer that decided the rule (None: the terms), `revision` the corrected reading of the version that the
    rule belongs to (0: as published).
    """

    rule: str
    articles: tuple[str, ...]
    given: Mapping[str, Any]
    result: Any
    reading: LocalText | None = None
    sample: bool = False
    origin: Origin | None = None
    revision: int = 0

    def to_json(self) -> dict[str, Any]:
        stated: dict[str, Any] = {"origin": self.origin.to_json()} if self.origin else {}
        if self.revision:
            stated["revision"] = self.revision
        return {
            "rule": self.rule,
            "articles": list(self.articles),
            "given": {name: plain(value) for name, value in self.given.items()},
            "result": plain(self.result),
            "reading": self.reading.model_dump() if self.reading else None,
            "sample": self.sample,
            **stated,
        }


def step(rule: Rule, key: str, result: Any, **given: Any) -> Step:
    """A step founded on a rule of the policy."""
    return Step(key, rule.article, given, result, rule.reading, rule.sample, rule.origin, rule.revision)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The base of every answer: the steps that led to it, in the order in which they were taken.

    `contracts/rules/stored.py` says how it is stored, and reads it again. A kind that was stored keeps its
    name, and a fact that it gets later has a default: those stored before lack it.
    """

    steps: tuple[Step, ...]

    def facts(self) -> dict[str, Any]:
        """What was decided, by name, without the steps."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "steps"}

    @property
    def articles(self) -> tuple[str, ...]:
        """Every article that the steps cite, each once, in order."""
        return tuple(dict.fromkeys(key for taken in self.steps for key in taken.articles))

    @property
    def revision(self) -> int:
        """The number of the corrected reading of the version that it rests on; 0: as it was published."""
        return revision_of(self.steps)

    def to_json(self) -> dict[str, Any]:
        """The whole answer in values that JSON knows: dates and months as ISO text, money as integers."""
        facts = {name: plain(value) for name, value in self.facts().items()}
        return {**facts, "steps": [taken.to_json() for taken in self.steps]}


def revision_of(steps: Iterable[Step]) -> int:
    """The number of the corrected reading of the version that steps rest on; 0: as it was published."""
    return max((taken.revision for taken in steps), default=0)


def plain(value: Any) -> Any:
    """A value as JSON knows it; Decimal as text, so that nothing is lost."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {str(key): plain(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [plain(item) for item in value]
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"{value!r} has no plain form")
