"""Evaluating worked examples: pick the version, decide, compare with what is expected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, Self, TypeVar

from contracts.problems.reasons import Reason, UnansweredError, UnknownError
from contracts.rules.decision import Decision, NotProvided, plain
from contracts.rules.examples.example_file import Example
from contracts.rules.examples.given import Given, read_given
from contracts.rules.policy.service import Book
from contracts.rules.problems import DataError, Problem
from contracts.terms.numbering import ArticleRef
from contracts.terms.tree import Terms

B = TypeVar("B", bound=Book)
B_co = TypeVar("B_co", bound=Book, covariant=True)
G = TypeVar("G", bound=Given)


class Shelf(Protocol[B_co]):
    """Where the rules of a service are found by day; None stands for the latest version."""

    def book_on(self, day: date | None) -> B_co: ...

    def sold_by(self, agent: str) -> Self:
        """The same as an agent sells it, "" for the first; UnknownError for an agent that does not."""


Evaluate = Callable[[Shelf[B], Mapping[str, Any]], tuple[Book, Decision]]
"""Answers what one kind of example gives, and says by which book. Errors are those of `check`."""


def kind(
    model: type[G], event_day: Callable[[G], date | None], decide: Callable[[B, G], Decision]
) -> Evaluate[B]:
    """One kind of example: what it gives, the day that picks the version, and the question to the rules."""

    def evaluate(shelf: Shelf[B], given: Mapping[str, Any]) -> tuple[Book, Decision]:
        asked = read_given(model, given)
        book = shelf.book_on(asked.as_of or event_day(asked))
        return book, decide(book, asked)

    return evaluate


@dataclass(frozen=True)
class Mismatch:
    """Where an answer differs from what is expected."""

    field: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.field}: expected {_json(self.expected)}, got {_json(self.got)}"


@dataclass(frozen=True)
class Result:
    """How an example came out: `problems` say why there is no decision."""

    example: Example
    version: str | None = None
    decision: Decision | None = None
    mismatches: tuple[Mismatch, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems and not self.mismatches

    @property
    def error(self) -> str | None:
        """The problems in one line; None where there are none."""
        return "; ".join(str(problem) for problem in self.problems) or None

    def __str__(self) -> str:
        """One line: the id, each field that differs, and the steps where there are any."""
        if self.problems:
            return f"{self.example.id}: {self.error}"
        differences = "; ".join(str(mismatch) for mismatch in self.mismatches)
        steps = " > ".join(self._steps())
        return f"{self.example.id}: {differences}" + (f" | {steps}" if steps else "")

    def _steps(self) -> Iterator[str]:
        for taken in self.decision.steps if self.decision else ():
            yield f"{taken.rule} [{', '.join(taken.articles)}] = {_json(plain(taken.result))}"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.example.id,
            "service": self.example.service,
            "kind": self.example.kind,
            "version": self.version,
            "passed": self.passed,
            "error": self.error,
            "mismatches": [{"field": m.field, "expected": m.expected, "got": m.got} for m in self.mismatches],
            "decision": self.decision.to_json() if self.decision else None,
        }


def check(example: Example, shelf: Shelf[B] | None, kinds: Mapping[str, Evaluate[B]]) -> Result:
    """Evaluate one example. What the rules can't answer is a failure of the example, with the reason."""
    if shelf is None:
        return _unanswered(example, "service", Reason("example_of_nobody", {"name": example.service}))
    evaluate = kinds.get(example.kind)
    if evaluate is None:
        return _unanswered(example, "kind", Reason("example_of_no_kind", {"name": example.kind}))
    try:
        shelf = shelf.sold_by(example.agent)
    except UnknownError as error:
        return _unanswered(example, "agent", error.reason)
    try:
        book, decision = evaluate(shelf, example.given)
        mismatches = tuple(_mismatches(example, decision, book.texts))
    except NotProvided as error:
        return _unanswered(example, "given", Reason("no_rule", {"rule": error}))
    except DataError as error:
        return Result(example, problems=tuple(error.problems))
    except UnansweredError as error:
        return _unanswered(example, f"given.{error.at}".rstrip("."), error.reason)
    except (ValueError, LookupError, ArithmeticError) as error:
        return _unanswered(example, "given", Reason("no_answer", {"why": error}))
    return Result(example, book.policy.version, decision, mismatches)


def _unanswered(example: Example, path: str, reason: Reason) -> Result:
    return Result(example, problems=(Problem(path, reason),))


def _mismatches(example: Example, decision: Decision, texts: Sequence[Terms]) -> Iterator[Mismatch]:
    facts = decision.facts()
    for field, expected in example.expect.items():
        if field not in facts:
            yield Mismatch(field, expected, f"no such field; there are {', '.join(facts)}")
        elif not _same(expected, facts[field]):
            yield Mismatch(field, expected, plain(facts[field]))
    cited = [ArticleRef.parse(article) for article in decision.articles]
    for article in example.articles:
        if not any(_cites(cited, article, text) for text in texts):
            yield Mismatch("articles", article, list(decision.articles))


def _cites(cited: Sequence[ArticleRef], article: str, terms: Terms) -> bool:
    try:
        expected = ArticleRef.parse(article)
    except ValueError:
        return False
    return any(terms.satisfies(one, expected) for one in cited)


def _same(expected: Any, got: Any) -> bool:
    """Whether a value is exactly what is expected; moments are the same in any time zone."""
    if isinstance(got, datetime) and isinstance(expected, str):
        try:
            moment = datetime.fromisoformat(expected)
        except ValueError:
            return False
        return moment.tzinfo is not None and moment == got
    return _json(expected) == _json(plain(got))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
