"""Which part of the new text answers to which part of the old one, by likeness and not by number alone.

Serves articles, paragraphs, items and sentences alike. The work grows in proportion to the number of parts:
each is compared with a few candidates only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import product

ALIKE = 0.35
"""From this likeness on two parts are the same part, changed. Unrelated articles of one 約款 stay below."""
MOVED = 0.6
"""From this likeness on a part that stands elsewhere has moved."""

_FEW = 64
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
        """All three characters that follow one another in the text."""
        text = self.text
        if len(text) < 3:
            return frozenset((text,) if text else ())
        return frozenset([text[start : start + 3] for start in range(len(text) - 2)])


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
    start = _same_at_start(old, new)
    end = _same_at_start(old[start:][::-1], new[start:][::-1])
    between_old, between_new = old[start : len(old) - end], new[start : len(new) - end]
    candidates = _candidates(between_old, between_new)
    kept = _heaviest_chain(candidates, len(between_new))
    moved = _moved(candidates, kept) if moves else {}
    return [
        *(Pair(place, place) for place in range(start)),
        *_in_order(len(between_old), len(between_new), kept, moved, start),
        *(Pair(len(old) - place, len(new) - place) for place in range(end, 0, -1)),
    ]


def _same_at_start(old: Sequence[Part], new: Sequence[Part]) -> int:
    """How many parts two lists have in common at their beginning."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if (before.text, before.number, before.kind) != (after.text, after.number, after.kind):
            break
        count += 1
    return count


def _candidates(old: Sequence[Part], new: Sequence[Part]) -> list[_Candidate]:
    """The pairs that come into question, seen from both sides: which text is the old one does not matter."""
    pairs: set[tuple[int, int]]
    if len(old) * len(new) <= _FEW:
        pairs = set(product(range(len(old)), range(len(new))))
    else:
        old_index, new_index = _Index(old, new), _Index(new, old)
        pairs = {(place, other) for place, part in enumerate(old) for other in new_index.like(part, place)}
        pairs |= {(other, place) for place, part in enumerate(new) for other in old_index.like(part, place)}
    scored = ((before, after, _score(old[before], new[after])) for before, after in sorted(pairs))
    return [_Candidate(before, after, score) for before, after, score in scored if score]


def _score(old: Part, new: Part) -> float:
    if old.kind != new.kind:
        return 0.0
    alike = likeness(old, new)
    tie_break = 0.02 if old.number and old.number == new.number else 0.0
    if alike >= ALIKE:
        return alike + tie_break
    return _BY_NAME * (1 + alike) + tie_break if set(old.names) & set(new.names) else 0.0


class _Index:
    """Finds the few parts of one text that could answer to a part of the other."""

    def __init__(self, parts: Sequence[Part], others: Sequence[Part]) -> None:
        self._parts = parts
        self._others = Counter(part.text for part in others)
        self._by_text: defaultdict[str, list[int]] = defaultdict(list)
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        for position, part in enumerate(parts):
            self._by_text[part.text].append(position)
            for name in _name_keys(part):
                self._by_name[name].append(position)

    def like(self, part: Part, position: int) -> set[int]:
        same = self._by_text.get(part.text, [])
        found = set(_nearest(same, position))
        if len(same) == 1 and self._others[part.text] == 1:
            return found
        for name in _name_keys(part):
            found.update(_nearest(self._by_name.get(name, []), position))
        if same:
            return found
        votes: defaultdict[int, int] = defaultdict(int)
        for shingle in part.shingles:
            for other in self._by_rare_shingle.get(shingle, ()):
                votes[other] += 1
        found.update(nlargest(_BEST, votes, key=votes.__getitem__))
        return found

    @cached_property
    def _by_rare_shingle(self) -> dict[str, list[int]]:
        """Only of what the other text does not have: the rest is found by its text."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for position, part in enumerate(self._parts):
            if part.text not in self._others:
                for shingle in part.shingles:
                    found[shingle].append(position)
        return {shingle: positions for shingle, positions in found.items() if len(positions) <= _RARE}


def _nearest(positions: list[int], position: int) -> list[int]:
    """Those nearest to a place, before and after it."""
    place = bisect_left(positions, position)
    return positions[max(0, place - _NEAREST) : place + _NEAREST]


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


def _in_order(
    olds: int, news: int, kept: dict[int, int], moved: dict[int, int], start: int
) -> Iterator[Pair]:
    """The pairs of what lies between, of which the first part stands at `start` on both sides."""
    moved_from = {new: old for old, new in moved.items()}
    next_old = next_new = 0
    for old, new in [*sorted(kept.items()), (olds, news)]:
        yield from (Pair(start + gone, None) for gone in range(next_old, old) if gone not in moved)
        for come in range(next_new, new):
            source = moved_from.get(come)
            yield Pair(None if source is None else start + source, start + come, source is not None)
        if old < olds:
            yield Pair(start + old, start + new)
        next_old, next_new = old + 1, new + 1
