"""Everything that waits for staff in one order: what is overdue first, then what is due today and later.

What waits, contracts and billing say as sources; this puts their lines together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from heapq import nsmallest
from typing import Any

from django.db.models import TextChoices
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.extensions.waiting import Queued, Source, Wanted, WorkEntry, WorkRow

PAGE = 50
_AT_ONCE = 500


class When(TextChoices):
    """When something is due, seen from today; a week ends on Sunday."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Due today")
    WEEK = "week", _("Due this week")
    LATER = "later", _("Later")


class Waits(TextChoices):
    """What something waits for beside staff."""

    DOCUMENTS = "documents", _("Waiting for documents")
    ASKED_BACK = "asked_back", _("Asked back")


def when(due_on: date, today: date) -> When:
    """In which part of the queue something belongs that is due on a day."""
    if due_on < today:
        return When.OVERDUE
    if due_on == today:
        return When.TODAY
    sunday = today + timedelta(days=6 - today.weekday())
    return When.WEEK if due_on <= sunday else When.LATER


@dataclass(frozen=True)
class Line:
    """A row of the queue as it is shown."""

    row: WorkRow
    when: When
    entry: WorkEntry

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return (localdate() - self.row.since).days


@dataclass
class Queue:
    """A page of the queue. The counts are of all that fits the service and the text."""

    lines: list[Line]
    total: int
    by_when: dict[str, int] = field(default_factory=dict)
    by_kind: dict[str, int] = field(default_factory=dict)
    by_waits: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What of the queue is looked at: the `kind` (a source's key), `when` it is due, what it `waits` for."""

    wanted: Wanted = field(default_factory=Wanted)
    kind: str = ""
    when: str = ""
    waits: str = ""

    def takes(self, row: WorkRow, due: When) -> bool:
        """Whether a row is among it."""
        if self.kind not in ("", row.kind) or self.when not in ("", due):
            return False
        return not self.waits or self.waits in _waits(row)


def queue(sources: Iterable[Source], choice: Choice, page: int, today: date) -> Queue:
    """A page of what waits, the earliest due first, and of two due alike the one that has waited longer.

    `page` counts from 1; past the last page it is the last one.
    """
    known = _known(sources)
    found = _found(known, choice, today)
    rows = [row for row, _due in found]
    taken = _taken(found, choice)
    first = (min(page, max(1, -(-len(taken) // PAGE))) - 1) * PAGE
    shown = nsmallest(first + PAGE, taken, key=_order)[first:]
    return Queue(
        lines=list(_lines(shown, known)),
        total=len(taken),
        by_when=dict(Counter(due.value for _row, due in found)),
        by_kind=dict(Counter(row.kind for row in rows)),
        by_waits=dict(Counter(waits for row in rows for waits in _waits(row))),
    )


def whole_queue(sources: Iterable[Source], choice: Choice, today: date) -> tuple[int, Iterator[Line]]:
    """How many lines the queue has, and all of them in its order, as they are read."""
    known = _known(sources)
    taken = sorted(_taken(_found(known, choice, today), choice), key=_order)
    parts = (taken[first : first + _AT_ONCE] for first in range(0, len(taken), _AT_ONCE))
    return len(taken), (line for part in parts for line in _lines(part, known))


def _known(sources: Iterable[Source]) -> dict[str, Queued]:
    return {source.key: source.queued for source in sources if source.queued}


def _found(known: dict[str, Queued], choice: Choice, today: date) -> list[tuple[WorkRow, When]]:
    due = cache(partial(when, today=today))
    rows = (row for queued in known.values() for row in queued.rows(choice.wanted))
    return [(row, due(row.due_on)) for row in rows]


def _taken(found: list[tuple[WorkRow, When]], choice: Choice) -> list[tuple[WorkRow, When]]:
    """What is looked at, in no order."""
    return [(row, due) for row, due in found if choice.takes(row, due)]


def _order(pair: tuple[WorkRow, When]) -> tuple[date, date, str, int]:
    """The earliest due first, and of two due alike the one that has waited longer."""
    row, _due = pair
    return row.due_on, row.since, row.kind, row.pk


def _waits(row: WorkRow) -> Iterator[str]:
    if row.for_documents:
        yield Waits.DOCUMENTS.value
    if row.asked_back:
        yield Waits.ASKED_BACK.value


def _lines(rows: list[tuple[WorkRow, When]], known: dict[str, Queued]) -> Iterator[Line]:
    shown: dict[str, Any] = {}
    for kind in {row.kind for row, _due in rows}:
        shown[kind] = known[kind].entries([row.pk for row, _due in rows if row.kind == kind])
    for row, due in rows:
        # What somebody dealt with between the two looks is gone.
        if row.pk in shown[row.kind]:
            yield Line(row, due, shown[row.kind][row.pk])
