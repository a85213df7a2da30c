"""Keeping the table of what is found: called by the operation that stores a thing, in its transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from portal.search.kinds import Kind, beginnings_of, kind_of, kinds
from portal.search.models import SearchEntry

_AT_ONCE = 500
_ROWS_AT_ONCE = 5_000

T = TypeVar("T")

Stated = tuple[str, int | None]
"""A beginning, and whose it is."""


def index(thing: Model) -> None:
    """Let a thing be found by what it states now; by what it stated before no more."""
    index_all([thing])


def index_all(things: Iterable[Model]) -> None:
    """The same for many of one model."""
    every = list(things)
    if every:
        kind = kind_of(type(every[0]))
        for some in _batches(every, _AT_ONCE):
            _bring_up_to_date(kind, some)


def index_of(model: type[Model], **found_by: Any) -> None:
    """The same for the objects of a model that a lookup finds, as they are stored."""
    index_all(kind_of(model).rows().filter(**found_by))


def forget(things: Iterable[Model]) -> None:
    """Let things that go be found no more. Call it before they are deleted."""
    every = list(things)
    if every:
        kind = kind_of(type(every[0]))
        SearchEntry.objects.filter(kind=kind.key, thing__in=[one.pk for one in every]).delete()


@transaction.atomic
def rebuild() -> int:
    """Make the table anew from what is stored; gives how many entries it has then."""
    SearchEntry.objects.all().delete()
    made = 0
    for kind in kinds():
        for entry_rows in _batches(_all_entries(kind), _ROWS_AT_ONCE):
            SearchEntry.objects.bulk_create(entry_rows)
            made += len(entry_rows)
    return made


def fill_if_empty(using: str, plan: object = None, **kwargs: Any) -> None:
    """Fill the table of an installation that had none, or whose table a migration emptied.

    Called when `migrate` has ended; where it stopped at an earlier state, what is stored can't be read yet.
    """
    if plan is None:
        return
    executor = MigrationExecutor(connections[using])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting and not SearchEntry.objects.exists():
        rebuild()


def differences() -> list[str]:
    """What the table lacks, and what it has too much, compared with what is stored; a line for each thing."""
    stored: dict[tuple[str, int], set[Stated]] = defaultdict(set)
    for entry in SearchEntry.objects.iterator():
        stored[entry.kind, entry.thing].add((entry.text, entry.organisation_id))
    wanted: dict[tuple[str, int], set[Stated]] = defaultdict(set)
    for kind in kinds():
        for entry in _all_entries(kind):
            wanted[entry.kind, entry.thing].add((entry.text, entry.organisation_id))
    return [
        f"{key} {thing}: lacks {wanted[key, thing] - stored[key, thing]},"
        f" has {stored[key, thing] - wanted[key, thing]}"
        for key, thing in sorted({*wanted, *stored})
        if wanted[key, thing] != stored[key, thing]
    ]


def _bring_up_to_date(kind: Kind, things: Sequence[Model]) -> None:
    own = SearchEntry.objects.filter(kind=kind.key, thing__in=[one.pk for one in things])
    gone = {(entry.thing, entry.text, entry.organisation_id): entry.pk for entry in own}
    new = [
        entry
        for thing in things
        for entry in _entries(kind, thing)
        if gone.pop((entry.thing, entry.text, entry.organisation_id), None) is None
    ]
    if gone:
        SearchEntry.objects.filter(pk__in=gone.values()).delete()
    SearchEntry.objects.bulk_create(new, ignore_conflicts=True)


def _all_entries(kind: Kind) -> Iterator[SearchEntry]:
    for thing in kind.rows().order_by("pk").iterator(chunk_size=_AT_ONCE):
        yield from _entries(kind, thing)


def _entries(kind: Kind, thing: Any) -> Iterator[SearchEntry]:
    organisation = kind.organisation(thing)
    for text in sorted({*beginnings_of(kind, thing)} - {""}):
        yield SearchEntry(kind=kind.key, thing=thing.pk, text=text, organisation_id=organisation)


def _batches(every: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(every)
    while some := list(islice(left, size)):
        yield some
