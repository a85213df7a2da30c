"""The kinds of tables that can be brought in. Apps above describe theirs, and register them once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from portal.organisations.models import User
from portal.tables_in.columns import Column


class Outcome(TextChoices):
    """What becomes of a row."""

    NEW = "new", pgettext_lazy("row of a table", "New")
    CHANGED = "changed", pgettext_lazy("row of a table", "Changed")
    UNCHANGED = "unchanged", pgettext_lazy("row of a table", "Unchanged")
    REFUSED = "refused", pgettext_lazy("row of a table", "Refused")


@dataclass(frozen=True)
class Desk:
    """Who brings a table in, for which provider, and when."""

    staff: User
    provider: Any
    at: datetime


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: the key of the column, empty where it is about the row, and the words."""

    column: str
    text: str


@dataclass(eq=False)
class Row:
    """A row of a table: its number in the file, what its cells say and mean, and what is stored of it.

    `now` is what is stored of what the row names, by the keys of the columns, None where there is nothing;
    `target` is that thing. `note` is told of a row that nothing is wrong with; one that `waits` takes effect
    when a second person approves it.
    """

    number: int
    texts: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    now: Mapping[str, Any] | None = None
    target: Any = None
    note: str = ""
    waits: bool = False

    def get(self, key: str, default: Any = None) -> Any:
        """What a cell means; what is stored where there is no such column."""
        if key in self.values:
            return self.values[key]
        return self.now.get(key, default) if self.now is not None else default

    def refuse(self, text: Any, column: str = "") -> None:
        self.problems.append(Problem(column, str(text)))

    def refuse_as(self, error: ValidationError, known: Iterable[str]) -> None:
        """As an operation refuses it: by the names of columns where it names these."""
        named = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: [error]}
        columns = set(known)
        for name, problems in named.items():
            for problem in problems:
                self.refuse(" ".join(problem.messages), name if name in columns else "")

    @property
    def changes(self) -> list[str]:
        """The keys of the columns whose cells say something else than what is stored."""
        now = self.now or {}
        return [key for key, value in self.values.items() if now.get(key) != value]

    @property
    def outcome(self) -> Outcome:
        if self.problems:
            return Outcome.REFUSED
        if self.now is None:
            return Outcome.NEW
        return Outcome.CHANGED if self.changes else Outcome.UNCHANGED


class TableKind(ABC):
    """A kind of tables. Its texts say what a row is, and what follows when it is taken in.

    `right` is what somebody needs to bring one in, or to have one written. With `of_provider` its rows are of
    the provider for which it is brought; else of what somebody reaches, whatever provider that is of, and
    nobody else looks at what became of them. `once` names the columns by which
    rows are told apart: the same again in a file is one row, and another is refused.
    """

    key: str
    label: Any
    says: Any
    right: str
    columns: tuple[Column, ...]
    once: tuple[str, ...]
    of_provider: bool = True
    order: int = 100
    most_rows: int = 5000

    @abstractmethod
    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        """Say of each row what is stored of it (`now`, `target`), with as many queries for many rows.

        A row that names what somebody does not reach, or more than one thing, is refused.
        """

    @abstractmethod
    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        """Carry out by operations what rows of a unit ask for. ValidationError by the keys of columns."""

    @abstractmethod
    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        """All that is stored and somebody reaches, as rows that would change nothing."""

    def unit_of(self, row: Row) -> Hashable:
        """Rows of the same unit are taken in together, or not at all."""
        return row.number

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A kind of tables with pages of its own, which the door names: `page` is the name of their address."""

    key: str
    label: Any
    says: Any
    right: str
    page: str


_registered: dict[str, TableKind] = {}
_elsewhere: dict[str, Elsewhere] = {}


def register(kinds: Iterable[TableKind]) -> None:
    """Let tables of these kinds be brought in, from now on."""
    _registered.update({kind.key: kind for kind in kinds})


def kinds() -> list[TableKind]:
    return sorted(_registered.values(), key=lambda kind: (kind.order, kind.key))


def kinds_for(staff: Any) -> list[TableKind]:
    """The kinds that somebody may bring in."""
    return [kind for kind in kinds() if staff.has_perm(kind.right)]


def register_elsewhere(kinds: Iterable[Elsewhere]) -> None:
    """Name pages of other tables at the door, from now on."""
    _elsewhere.update({kind.key: kind for kind in kinds})


def elsewhere_for(staff: Any) -> list[Elsewhere]:
    """The kinds with pages of their own that somebody may bring in."""
    return [kind for kind in _elsewhere.values() if staff.has_perm(kind.right)]


def kind_named(key: str) -> TableKind | None:
    return _registered.get(key)
