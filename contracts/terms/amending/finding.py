"""Where the parts that the old side of a row shows stand in the old version, and what stands beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from contracts.terms.amending.entries import Entry, EntryKind
from contracts.terms.amending.pieces import Piece
from contracts.terms.compare.align import Part, align, likeness
from contracts.terms.compare.fold import fold

_NEARLY = 0.6
"""From this likeness on, a text under the same number is the one that the table shows as the old one."""
_TRIED = 5
INLINE = re.compile(r"[（(〔［]\s*(?:中|前|後)?略\s*[）)〕］]|…{1,2}")

TEXTS = (EntryKind.UNIT, EntryKind.ARTICLE)
"""What is a part of a body; below the heading of an annex articles are."""
CONTENT = (*TEXTS, EntryKind.OMITTED)


@dataclass(frozen=True)
class ShownPart:
    """A part of the old side: where it stands in the old version, or None where it was not found."""

    entry: Entry
    index: int | None


def with_lines_joined(entries: Sequence[Entry]) -> list[Entry]:
    """Further lines of a text without number or label are one part with it."""
    joined: list[Entry] = []
    for entry in entries:
        if joined and entry.kind is EntryKind.UNIT is joined[-1].kind and entry.label is None:
            joined[-1] = with_line(joined[-1], entry)
        else:
            joined.append(entry)
    return joined


def with_line(entry: Entry, following: Entry) -> Entry:
    return replace(entry, text=f"{entry.text}\n{following.text}", shown=f"{entry.shown}\n{following.shown}")


def pairs(
    olds: Sequence[ShownPart], news: Sequence[Entry]
) -> Iterator[tuple[ShownPart | None, Entry | None]]:
    """What stands beside what in a row, in the order of the new side."""
    olds = [old for old in olds if old.entry.kind in CONTENT]
    if len(olds) == 1 == len(news):
        yield olds[0], news[0]
        return
    old_parts, new_parts = [_part(old.entry) for old in olds], [_part(new) for new in news]
    for pair in align(old_parts, new_parts, moves=False):
        old = None if pair.old is None else olds[pair.old]
        yield old, (None if pair.new is None else news[pair.new])


def _part(entry: Entry) -> Part:
    sign = entry.label.text if entry.label else ""
    if entry.kind is EntryKind.OMITTED:
        return Part("略", (sign,), sign) if sign else Part("略", kind="omitted")
    if heading := entry.small_heading:
        return Part(fold(heading), kind="heading")
    return Part(fold(entry.text), (sign,) if sign else (), sign)


class Finder:
    """Finds the parts that the old side shows in the old version, one after the other."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._by_text: defaultdict[str, list[int]] = defaultdict(list)
        self._by_sign: defaultdict[str, list[int]] = defaultdict(list)
        for index, piece in enumerate(pieces):
            self._by_text[fold(piece.text)].append(index)
            if piece.sign:
                self._by_sign[fold(piece.sign)].append(index)
                self._by_text[fold(piece.sign + piece.text)].append(index)
        self._taken: set[int] = set()
        self._position = 0

    def find_all(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, int | None]]:
        """Each part with its place; lines that are one text in the old version are one part."""
        waiting = list(entries)
        while waiting:
            entry = waiting.pop(0)
            if entry.kind is EntryKind.ARTICLE:
                index = self._exactly(replace(entry, text=entry.small_heading))
            elif entry.kind is EntryKind.UNIT:
                entry, index, used = self._find_with_lines(entry, waiting)
                del waiting[:used]
            else:
                index = self._by_its_sign(entry) if entry.kind is EntryKind.OMITTED else None
            yield entry, self._take(index)

    def _find_with_lines(self, entry: Entry, following: Sequence[Entry]) -> tuple[Entry, int | None, int]:
        if (index := self._exactly(entry)) is not None:
            return entry, index, 0
        longer = entry
        for used, more in enumerate(following, start=1):
            if more.kind is not EntryKind.UNIT or more.label is not None:
                break
            longer = with_line(longer, more)
            if (index := self._exactly(longer)) is not None:
                return longer, index, used
        return entry, self._nearly(entry), 0

    def _take(self, index: int | None) -> int | None:
        if index is not None:
            self._taken.add(index)
            self._position = index + 1
        return index

    def _exactly(self, entry: Entry) -> int | None:
        found = [
            index
            for index in self._by_text.get(fold(entry.text), self._by_text.get(fold(entry.shown), []))
            if index not in self._taken
        ]
        sign = sign_of(entry)
        for candidates in (
            [index for index in found if index >= self._position and self._has_sign(index, sign)],
            [index for index in found if index >= self._position],
            [index for index in found if self._has_sign(index, sign)],
            found,
        ):
            if candidates:
                return candidates[0]
        return None

    def _has_sign(self, index: int, sign: str) -> bool:
        return not sign or fold(self._pieces[index].sign) == sign

    def _by_its_sign(self, entry: Entry) -> int | None:
        return next(self._with_sign(entry), None)

    def _with_sign(self, entry: Entry) -> Iterator[int]:
        """The places of what has the same number or label, those ahead first."""
        found = [index for index in self._by_sign.get(sign_of(entry), ()) if index not in self._taken]
        yield from (index for index in found if index >= self._position)
        yield from (index for index in found if index < self._position)

    def _nearly(self, entry: Entry) -> int | None:
        """The place of a text whose beginning and end the table shows, or that differs a little."""
        if sign_of(entry):
            candidates = list(self._with_sign(entry))[:_TRIED]
        else:
            free = (index for index in range(self._position, len(self._pieces)) if index not in self._taken)
            candidates = [index for _count, index in zip(range(_TRIED), free, strict=False)]
        for index in candidates:
            if self._shows_parts_of(entry.text, self._pieces[index].text):
                return index
        wanted = Part(fold(entry.text))
        scored = [(likeness(Part(fold(self._pieces[index].text)), wanted), -index) for index in candidates]
        best = max(scored, default=(0.0, 0))
        return -best[1] if best[0] >= _NEARLY else None

    def _shows_parts_of(self, shown: str, text: str) -> bool:
        return omitted_between(shown, text) is not None


def sign_of(entry: Entry) -> str:
    if entry.number is not None:
        return f"{entry.number}."
    return fold(entry.label.text) if entry.label else ""


def omitted_between(shown: str, text: str) -> str | None:
    """What a text says where `shown` has （略）; None where it does not begin and end as shown."""
    parts = INLINE.split(shown)
    if len(parts) != 2 or not any(part.strip() for part in parts):
        return None
    before, after = (part.strip() for part in parts)
    fits = text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after)
    return text[len(before) : len(text) - len(after)] if fits else None
