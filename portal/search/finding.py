"""Finding things: what somebody may see of what fits all words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.search.kinds import Hit, Kind, kinds
from portal.search.models import SearchEntry
from portal.search.written import amount, amount_in, plain_name, words
from portal.staffing.reach import providers_of, within

MOST_WORDS = 5
_LOOKED_AT = 200
"""So many entries of a kind are looked at: those nearest to what was written come first."""
_LAST = chr(0x10FFFF)

Readable = Callable[[str], bool]
"""Whether somebody may see the objects of a model, named as in `contracts.contract`."""


@dataclass(frozen=True)
class Group:
    """The things of a kind that were found; `more`: there are others.

    Those that are called so come first, then what is nearest to what was written, and of that the newest.
    """

    key: str
    label: str
    hits: Sequence[Hit]
    more: bool


def is_enough(text: str) -> bool:
    """Whether anything can be looked for by a text: two letters or digits, or one of Japanese."""
    return bool(words(text))


def find(text: str, staff: Any, readable: Readable, most: int) -> list[Group]:
    """What fits a text, of what somebody of the staff may see and reaches: up to `most` of each kind.

    How many queries that takes depends on the kinds alone.
    """
    wanted = words(text)[:MOST_WORDS]
    yen = amount_in(text)
    groups = [
        _found(kind, wanted, yen, staff, most) for kind in kinds() if wanted and readable(kind.seen_with)
    ]
    return [group for group in groups if group.hits]


def _found(kind: Kind, wanted: Sequence[str], yen: int | None, staff: Any, most: int) -> Group:
    entries = _reached(kind, staff)
    keys = dict.fromkeys(_matching(entries, wanted))
    if kind.has_amounts and yen is not None:
        exact = entries.filter(text=amount(yen)).order_by("-thing")
        keys = dict.fromkeys([*exact.values_list("thing", flat=True)[:_LOOKED_AT], *keys])
    first = list(keys)[:most]
    things = kind.shown().in_bulk(first)
    hits = [kind.hit(things[key]) for key in first if key in things]
    hits.sort(key=lambda hit: not plain_name(hit.title).startswith(wanted[0]))
    return Group(kind.key, kind.label, hits, len(keys) > most)


def _reached(kind: Kind, staff: Any) -> QuerySet[SearchEntry]:
    entries = SearchEntry.objects.filter(kind=kind.key)
    if providers_of(staff).every:
        return entries
    return entries.filter(thing__in=within(staff, kind.table._base_manager.order_by()).values("pk"))


def _matching(entries: QuerySet[SearchEntry], wanted: Sequence[str]) -> Iterator[int]:
    """The keys of things with a text that begins with the first word, and others with the other words."""
    first, *others = wanted
    for word in others:
        same = SearchEntry.objects.filter(kind=OuterRef("kind"), thing=OuterRef("thing"), **begins(word))
        entries = entries.filter(Exists(same))
    found = entries.filter(**begins(first)).order_by("text", "-thing")
    yield from found.values_list("thing", flat=True)[:_LOOKED_AT]


def begins(word: str) -> dict[str, str]:
    """The lookup of all entries that begin with a word."""
    return {"text__gte": word, "text__lt": word + _LAST}
