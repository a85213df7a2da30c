"""Which part of the new text answers to which part of the old one, by likeness and not by number alone.

Serves articles, paragraphs, items and sentences alike. The work grows in proportion to the number of parts:
each is compared with a few candidates only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest

ALIKE = 0.35
"""From this likeness on two parts are the same part, changed. Unrelated articles of one 約款 stay below."""
MOVED = 0.6
"""From this likeness on a part that stands elsewhere has moved."""

_SHINGLE = 3
_RARE = 8
_BEST = 3
_NEAREST = 2
_BY_NAME = 0.1


@dataclass(frozen=True)
class Part:
    """A part to be aligned: its text, folded, and its names.

    Parts that share a name (a title, the number of a paragraph) answer to one another even if their texts
    are not alike, unless a better match stands in the way. A shared `number` only breaks ties. Parts of
    different kinds never answer to one another.
    """

    text: str
    names: tuple[str, ...] = ()
    number: str = ""
    kind: str = ""

    @cached_property
    def shingles(self) -> frozenset[str]:
        text = self.text
        if len(text) <= _SHINGLE:
            return frozenset((text,) if text else ())
        return frozenset(text[start : start + _SHINGLE] for start in range(len(text) - _SHINGLE + 1))


@dataclass(frozen=True)
class Pair:
    """Positions of a part in the old and in the new text; None on the side that lacks it."""

    old: int | None
    new: int | None
    moved: bool = False


@dataclass(frozen=True, order=True)
class _Candidate:
    old: int
    new: int
    score: float


def likeness(old: Part, new: Part) -> float:
    """How alike two texts are: 0 for nothing in common, 1 for the same (Dice's coefficient of shingles)."""
    if old.text == new.text:
        return 1.0
    together = len(old.shingles) + len(new.shingles)
    return 2 * len(old.shingles & new.shingles) / together if together else 0.0


def align(old: Sequence[Part], new: Sequence[Part], *, moves: bool = True) -> list[Pair]:
    """Pair the parts of two texts, in the order in which a table shows them.

    That is the order of the new text; what was deleted follows what it followed in the old text. Without
    `moves`, a part that stands elsewhere counts as deleted and added, so that no pair crosses another.
    """
    candidates = _candidates(old, new)
    kept = _heaviest_chain(candidates, len(new))
    moved = _moved(candidates, kept) if moves else {}
    return list(_in_order(len(old), len(new), kept, moved))


def _candidates(old: Sequence[Part], new: Sequence[Part]) -> list[_Candidate]:
    index = _Index(new)
    found = []
    for position, part in enumerate(old):
        for other in index.like(part, position):
            score = _score(part, new[other])
            if score:
                found.append(_Candidate(position, other, score))
    return found


def _score(old: Part, new: Part) -> float:
    if old.kind != new.kind:
        return 0.0
    alike = likeness(old, new)
    tie_break = 0.02 if old.number and old.number == new.number else 0.0
    if alike >= ALIKE:
        return alike + tie_break
    return _BY_NAME * (1 + alike) + tie_break if set(old.names) & set(new.names) else 0.0


class _Index:
    """Finds the few parts that could answer to a given one."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        for position, part in enumerate(parts):
            for key in (_text_key(part), *_name_keys(part)):
                self._by_key[key].append(position)

    def like(self, part: Part, position: int) -> set[int]:
        found = set(self._nearest(_text_key(part), position))
        same_text = bool(found)
        for key in _name_keys(part):
            found.update(self._nearest(key, position))
        if same_text:
            return found
        votes: defaultdict[int, int] = defaultdict(int)
        for shingle in part.shingles:
            for other in self._by_rare_shingle.get(shingle, ()):
                votes[other] += 1
        found.update(nlargest(_BEST, votes, key=votes.__getitem__))
        return found

    def _nearest(self, key: str, position: int) -> list[int]:
        """Those of a key that stand nearest, before and after."""
        positions = self._by_key.get(key, [])
        place = bisect_left(positions, position)
        return positions[max(0, place - _NEAREST) : place + _NEAREST]

    @cached_property
    def _by_rare_shingle(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for position, part in enumerate(self._parts):
            for shingle in part.shingles:
                found[shingle].append(position)
        return {shingle: positions for shingle, positions in found.items() if len(positions) <= _RARE}


def _text_key(part: Part) -> str:
    return f"text {part.text}"


def _name_keys(part: Part) -> Iterator[str]:
    if part.number:
        yield f"number {part.number}"
    for name in part.names:
        yield f"name {name}"


def _heaviest_chain(candidates: Sequence[_Candidate], width: int) -> dict[int, int]:
    """The pairs of the greatest total score of which none crosses another: what kept its place."""
    best: list[tuple[float, int]] = [(0.0, -1)] * (width + 1)
    previous: dict[int, int] = {}

    def best_before(position: int) -> tuple[float, int]:
        found = (0.0, -1)
        while position > 0:
            found = max(found, best[position])
            position -= position & -position
        return found

    # Of one old part only one pair may be in the chain: its later partners are entered first.
    order = sorted(range(len(candidates)), key=lambda index: (candidates[index].old, -candidates[index].new))
    for index in order:
        candidate = candidates[index]
        weight, before = best_before(candidate.new)
        previous[index] = before
        position, entry = candidate.new + 1, (weight + candidate.score, index)
        while position <= width:
            best[position] = max(best[position], entry)
            position += position & -position

    chain: dict[int, int] = {}
    _weight, index = best_before(width)
    while index >= 0:
        chain[candidates[index].old] = candidates[index].new
        index = previous[index]
    return chain


def _moved(candidates: Sequence[_Candidate], kept: dict[int, int]) -> dict[int, int]:
    moved: dict[int, int] = {}
    taken = set(kept.values())
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        free = candidate.old not in kept and candidate.old not in moved and candidate.new not in taken
        if free and candidate.score >= MOVED:
            moved[candidate.old] = candidate.new
            taken.add(candidate.new)
    return moved


def _in_order(olds: int, news: int, kept: dict[int, int], moved: dict[int, int]) -> Iterator[Pair]:
    moved_from = {new: old for old, new in moved.items()}
    next_old = next_new = 0
    for old, new in [*sorted(kept.items()), (olds, news)]:
        yield from (Pair(gone, None) for gone in range(next_old, old) if gone not in moved)
        for come in range(next_new, new):
            yield Pair(moved_from.get(come), come, come in moved_from)
        if old < olds:
            yield Pair(old, new)
        next_old, next_new = old + 1, new + 1
