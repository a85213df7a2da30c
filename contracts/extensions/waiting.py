"""What waits for staff: a source says it once, for the queue, the first page, filters of lists, reminders."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from contracts.models import Contract
from portal.staffing.reach import Providers


class WorkRow(NamedTuple):
    """Something that waits. `due_on` is the day by which staff should have dealt with it.

    There may be tens of thousands of them, made for each page.
    """

    kind: str
    pk: int
    due_on: date
    since: date
    asked_back: bool = False
    for_documents: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkEntry:
    """What a row shows: its number, what it is about, whose it is, and the page on which it is dealt with."""

    number: str
    about: str
    customer: str
    service: str
    url: str


@dataclass(frozen=True)
class Wanted:
    """What the reader may see and wants to: of some providers, of one service, with a text in it.

    `proposals` are those that the reader may see at all. With a `customer`, by its primary key, what is of
    that one alone.
    """

    service: int | None = None
    text: str = ""
    customer: int | None = None
    providers: Providers = field(default_factory=Providers)
    proposals: Q = field(default_factory=Q)

    def of(self, path: str) -> Q:
        """The condition on rows whose contract or application is at a path, `""` for the row itself."""
        start = f"{path}__" if path else ""
        wanted = self.of_service(f"{start}service")
        if self.customer:
            wanted &= Q(**{f"{start}organisation": self.customer})
        if self.text:
            fields = ("number", "organisation__name", "organisation__kana")
            found = Q()
            for name in fields:
                found |= Q(**{f"{start}{name}__icontains": self.text})
            wanted &= found
        return wanted

    def of_service(self, path: str) -> Q:
        """The condition on rows whose service is at a path, whatever the text."""
        of_providers = self.providers.at(f"{path}__provider")
        return of_providers & Q(**{path: self.service}) if self.service else of_providers


@dataclass(frozen=True)
class Queued:
    """Lines of the queue, for who may see the `model`. `rows` reads all, `entries` those of a page.

    What is `of_services` as a whole is of no customer.
    """

    model: str
    rows: Callable[[Wanted], Iterable[WorkRow]]
    entries: Callable[[Iterable[int]], Mapping[int, WorkEntry]]
    of_services: bool = False


@dataclass(frozen=True)
class Listed:
    """A number on the first page, for who may see the `model`, and the list that shows what is counted.

    `query` is the list's address; without one its filter `waiting` takes the key of the source. Where a list
    shows more than what is counted, `seen_with` is the model that one must be allowed to see as well.
    """

    model: str
    found: Callable[[], QuerySet[Any]]
    query: str | None = None
    seen_with: str = ""

    @property
    def readers(self) -> tuple[str, ...]:
        """The models that somebody must be allowed to see for whom this is counted."""
        return tuple(filter(None, (self.model, self.seen_with)))


@dataclass(frozen=True)
class Tallied:
    """A number on the first page that counts no rows of one list, for who may see the `model`.

    `count` is told who looks; `page` is the name of the address where it is dealt with.
    """

    model: str
    count: Callable[[Any], int]
    page: str


@dataclass(frozen=True)
class Due:
    """Something of which staff are reminded once. `key` names it for ever."""

    key: str
    contract: Contract
    due_on: date
    label: Any


@dataclass(frozen=True, kw_only=True)
class Source:
    """A kind of thing that waits for staff, and where it is told: each place may be left out.

    `due` gives what staff are reminded of by e-mail on a day, whether that was said before or not.
    """

    key: str
    label: Any
    queued: Queued | None = None
    listed: Listed | None = None
    tallied: Tallied | None = None
    due: Callable[[date], Iterable[Due]] | None = None
