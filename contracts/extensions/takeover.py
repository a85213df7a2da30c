"""What an app above adds to the bringing in of running contracts: sheets of the file, what follows of them.

A file has sheets; each line of one belongs to a contract by its number in the old system. A `Part` reads the
lines of its sheet into facts of one contract.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import override

from contracts.models import Contract, Takeover, TermsVersion
from contracts.models.fields import in_each_language
from contracts.rules.calendar.period import Month
from contracts.rules.policy.base import Rule
from contracts.rules.policy.schema import Policy
from portal.organisations.models import User

T = TypeVar("T")
ColumnKind = Literal["text", "day", "month", "number", "amount", "choice"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column by its key, which is its English heading, and its Japanese one.

    `choices` maps what may stand in it, as it is written, to what is meant. `note` says what it is for. What
    is `printed` comes to stand on invoices or letters, and so is written in characters that these can show.
    """

    key: str
    ja: str
    note: Any
    kind: ColumnKind = "text"
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    longest: int = 300
    printed: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet by its key and its Japanese name; a contract may have several lines of it, or one."""

    key: str
    ja: str
    note: Any
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True)
class Line:
    """A line of a sheet, with its row in the file and what stands in it by the keys of its columns."""

    sheet: str
    row: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column)


class Books(Protocol):
    """What is asked of `Rulebooks`: by which version something of a contract is decided on a day."""

    def governing(
        self, contract: Contract, day: date, part: Callable[[Policy], Rule | None] | None = None
    ) -> TermsVersion: ...


@dataclass
class Bringing:
    """One contract that is brought in, as it comes to be: what every part is given.

    `at` is the moment that all of its rows state, `first` its line among the contracts. What does not fit is
    `refused`, what is merely unusual `remarked`, each with the place where it stands, a key of a sentence
    and its values, such as days and numbers.
    """

    takeover: Takeover
    staff: User
    at: datetime
    books: Books
    first: Line
    lines: Mapping[str, Sequence[Line]]
    problems: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def of(self, sheet: str) -> Sequence[Line]:
        return self.lines.get(sheet, ())

    def refuse(self, line: Line, column: str, key: str, **values: Any) -> None:
        self.problems.append(_said(line, column, key, values))

    def remark(self, line: Line, column: str, key: str, **values: Any) -> None:
        self.remarks.append(_said(line, column, key, values))

    def attempt(self, line: Line, act: Callable[[], T]) -> T | None:
        """What an operation gives; None where it refuses, which is told of the line in each language.

        What it refuses by the names of its fields stands at the columns of these names.
        """
        try:
            with transaction.atomic():
                return act()
        except ValidationError as refused:
            fields = list(refused.error_dict) if hasattr(refused, "error_dict") else [""]
        told = {language: _refusals(act, language) for language in ("ja", "en")}
        for field_name in fields:
            text = {language: said.get(field_name, "") for language, said in told.items()}
            self.refuse(line, field_name if field_name in line.values else "", "as_said", text=text)
        return None


def _refusals(act: Callable[[], object], language: str) -> dict[str, str]:
    """What an operation says against it in a language, by its fields; nothing of it is kept."""
    with override(language):
        try:
            with transaction.atomic():
                act()
                transaction.set_rollback(True)
        except ValidationError as refused:
            if not hasattr(refused, "error_dict"):
                return {"": " ".join(refused.messages)}
            return {name: " ".join(map(str, said)) for name, said in refused.message_dict.items()}
    return {}


def _said(line: Line, column: str, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sheet": line.sheet,
        "row": line.row,
        "column": column,
        "key": key,
        "values": {name: _stored(value) for name, value in values.items()},
    }


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Month):
        return {"month": str(value)}
    if isinstance(value, Promise):
        return in_each_language(value)
    return value


@dataclass(frozen=True, kw_only=True)
class Part:
    """What the lines of a sheet become. `bring` is asked of each contract, also where it has none of them."""

    bring: Callable[[Contract, Bringing], None]
    sheet: Sheet | None = None


@dataclass(frozen=True, kw_only=True)
class TakeoverParts:
    """All that an app adds to the bringing in of contracts.

    `columns` are further ones of the sheet of contracts. `sentences` are those of the keys that its parts
    name. `first_invoices` gives what the first invoices of contracts here would state, by primary key, as
    JSON can. `own` says, by the labels of models that name a contract, which of their rows came with it and
    are untouched: any other one stands against annulling it; `obstacles` says in words what else does.
    `annul` undoes what the parts stored of contracts.
    """

    parts: tuple[Part, ...]
    columns: tuple[Column, ...] = ()
    sentences: Mapping[str, Any] = field(default_factory=dict)
    first_invoices: Callable[[Sequence[Contract]], Mapping[int, dict[str, Any]]] | None = None
    own: Mapping[str, Q] = field(default_factory=dict)
    obstacles: Callable[[Collection[int]], Iterable[str]] | None = None
    annul: Callable[[Collection[int], str, User, datetime], None] | None = None
