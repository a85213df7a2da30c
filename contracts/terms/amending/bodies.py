"""Amends one body by the rows of a comparison table that show parts of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from contracts.problems.reasons import Reason
from contracts.terms.amending.entries import Entry, EntryKind
from contracts.terms.amending.finding import (
    CONTENT,
    INLINE,
    Finder,
    ShownPart,
    omitted_between,
    pairs,
    with_lines_joined,
)
from contracts.terms.amending.pieces import Piece
from contracts.terms.amending.result import Step, StepKind
from contracts.terms.compare.fold import fold
from contracts.terms.compare.outline import CELL_MARK
from contracts.terms.importing.labels import Label
from contracts.terms.importing.result import Leftover
from contracts.terms.lines import BULLET_MARKS

_ADDS_TO = ("ただし", "但し", "なお", "この場合", "※", "（注", "(注")


@dataclass
class Segment:
    """What one row shows of a body."""

    line: int
    old: list[Entry]
    new: list[Entry]


@dataclass
class Outcome:
    """What was done, and what was not placed."""

    steps: list[Step] = field(default_factory=list)
    not_placed: list[Leftover] = field(default_factory=list)

    def leave(self, entry: Entry, reason: Reason) -> None:
        self.not_placed.append(Leftover(entry.line, entry.shown, reason))


def amend_body(
    pieces: Sequence[Piece],
    segments: Sequence[Segment],
    name: str,
    outcome: Outcome,
    *,
    in_annex: bool = False,
) -> list[Piece]:
    """The pieces of the new body. What the table does not show stays as it is.

    Parts of an annex may have small headings.
    """
    finder = Finder(pieces)
    shown = [[ShownPart(*found) for found in finder.find_all(segment.old)] for segment in segments]
    writer = _Writer(pieces, {found.index for row in shown for found in row}, name, outcome, in_annex)
    for segment, olds in zip(segments, shown, strict=True):
        merged = any("\n" in found.entry.text for found in olds)
        news = with_lines_joined(segment.new) if merged else segment.new
        for old, new in pairs(olds, [entry for entry in news if entry.kind in CONTENT]):
            writer.write(old, new)
    return writer.finish()


class _Writer:
    """Writes the new body: what rows show as new, and what they do not show, as it was."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        shown: set[int | None],
        name: str,
        outcome: Outcome,
        in_annex: bool,
    ) -> None:
        self._in_annex = in_annex
        self._pieces = pieces
        self._shown = {index for index in shown if index is not None}
        self._in_order = sorted(self._shown)
        self._gone: set[int] = set()
        self._name = name
        self._outcome = outcome
        self._at = 0
        self._line = 1
        self._out: list[Piece] = []
        self._numbers: set[int | None] = set()
        self._labels: list[set[str]] = []

    def write(self, old: ShownPart | None, new: Entry | None) -> None:
        """Take what stands beside one another in a row."""
        self._line = new.line if new else old.entry.line if old else self._line
        if old and new and EntryKind.OMITTED in (old.entry.kind, new.kind) and not _may_answer(old, new):
            self.write(old, None)
            self.write(None, new)
        elif old and new and new.kind is EntryKind.OMITTED:
            self._keep_omitted(old, new)
        elif old and new:
            self._replace(old, new)
        elif old:
            self._remove(old)
        elif new:
            self._add(new)

    def finish(self) -> list[Piece]:
        self._keep(len(self._pieces))
        return self._out

    def _keep_omitted(self, old: ShownPart, new: Entry) -> None:
        if new.label is None and new.number is None:
            self._keep(self._next_shown())
        elif old.index is None:
            self._outcome.leave(old.entry, Reason("omitted_not_found"))
        else:
            self._keep(old.index)
            piece = self._pieces[old.index]
            renamed = self._relabelled(piece, new)
            if self._emit(renamed, new) and renamed != piece:
                self._step(StepKind.RENUMBERED, renamed, piece.sign, renamed.sign)
            self._at = old.index + 1
            self._keep(self._end_of(old.index))

    def _replace(self, old: ShownPart, new: Entry) -> None:
        if old.index is None:
            self._outcome.leave(old.entry, Reason("old_text_not_found"))
            self._outcome.leave(new, Reason("counterpart_not_found"))
            return
        self._keep(old.index)
        piece = self._pieces[old.index]
        if not _says(old.entry, piece):
            self._outcome.leave(old.entry, Reason("old_text_differs"))
        changed = self._revised(piece, old.entry, new)
        self._at = max(self._at, old.index + 1)
        if not self._emit(changed, new):
            return
        if changed.text != piece.text:
            self._step(StepKind.CHANGED, changed, old.entry.shown, new.shown)
        elif changed.sign != piece.sign:
            self._step(StepKind.RENUMBERED, changed, piece.sign, changed.sign)

    def _remove(self, old: ShownPart) -> None:
        if old.index is None:
            if old.entry.kind is EntryKind.UNIT:
                self._outcome.leave(old.entry, Reason("old_text_not_found"))
            return
        self._keep(old.index)
        end = self._end_of(old.index)
        self._gone |= {index for index in range(old.index, end) if index not in self._shown}
        self._at = max(self._at, old.index + 1)
        self._step(StepKind.DELETED, self._pieces[old.index], old.entry.shown)

    def _add(self, new: Entry) -> None:
        if new.kind is EntryKind.OMITTED:
            self._keep(self._next_shown())
            return
        self._keep(self._place_of(new))
        last = self._out[-1] if self._out else None
        if last and new.label is None and self._adds_to(last, new):
            self._out[-1] = replace(last, text=f"{last.text}\n{new.text}")
            self._step(StepKind.CHANGED, self._out[-1], last.text, self._out[-1].text)
            return
        piece = self._new_piece(new)
        if self._emit(piece, new):
            self._step(StepKind.ADDED, piece, new=new.shown)

    @staticmethod
    def _adds_to(last: Piece, new: Entry) -> bool:
        """Whether a line without number or label goes on with the part above it."""
        if last.kind in ("row", "heading") or CELL_MARK in new.text or new.small_heading:
            return False
        return new.text.startswith(_ADDS_TO) or (last.kind == "paragraph" and last.number is not None)

    def _keep(self, end: int) -> None:
        """Keep what the table does not show, up to a place of the old version."""
        for index in range(self._at, end):
            if index not in self._shown and index not in self._gone:
                self._emit(self._counted(self._pieces[index]))
        self._at = max(self._at, end)

    def _next_shown(self) -> int:
        place = bisect_left(self._in_order, self._at)
        return self._in_order[place] if place < len(self._in_order) else len(self._pieces)

    def _end_of(self, index: int) -> int:
        """Where what stands below a piece ends: its items, their items, its tables."""
        piece = self._pieces[index]
        for end in range(index + 1, len(self._pieces)):
            other = self._pieces[end]
            if other.kind in ("paragraph", "heading") or (piece.kind == "row"):
                return end
            if piece.kind == "item" and (other.kind == "row" or other.depth <= piece.depth):
                return end
        return len(self._pieces)

    def _place_of(self, new: Entry) -> int:
        """Up to where the old version goes on before an added part: below what it belongs behind."""
        is_paragraph = new.label is None or self._is_paragraph(new)
        end = self._at if is_paragraph else self._below_its_paragraph()
        for index in range(end, self._next_shown()):
            piece = self._pieces[index]
            if index in self._gone:
                continue
            if piece.kind == "heading":
                break
            if piece.kind == "paragraph" and not (
                is_paragraph
                and new.number is not None
                and piece.number is not None
                and piece.number < new.number
            ):
                break
            if not is_paragraph and not _comes_before(piece, new):
                break
            end = index + 1
        return end

    def _below_its_paragraph(self) -> int:
        """Below the paragraph to which an added item belongs, where the table does not show that."""
        ahead = self._next_shown()
        gap = [index for index in range(self._at, ahead) if self._pieces[index].kind == "paragraph"]
        if not gap or (self._out and (ahead == len(self._pieces) or self._pieces[ahead].kind != "item")):
            return self._at
        return (gap[-1] if ahead < len(self._pieces) and self._pieces[ahead].kind == "item" else gap[0]) + 1

    def _is_paragraph(self, new: Entry) -> bool:
        """Whether a part with a number is a paragraph here, and no item."""
        if new.number is None:
            return False
        return not any(_follows(new.label, item.read_label) for item in self._open_items())

    def _open_items(self) -> list[Piece]:
        """The items that one more may go on with, the outermost first."""
        found: list[Piece] = []
        for piece in reversed(self._out):
            if piece.kind != "item":
                break
            if not found or piece.depth < found[0].depth:
                found.insert(0, piece)
        return found

    def _new_piece(self, new: Entry) -> Piece:
        if heading := new.small_heading:
            return Piece("heading" if self._in_annex else "paragraph", heading)
        if CELL_MARK in new.text and new.label is None:
            begins = not (self._out and self._out[-1].kind == "row")
            return Piece("row", new.text, begins=begins)
        if new.label is None:
            return Piece("paragraph", new.text)
        if self._is_paragraph(new):
            return Piece("paragraph", new.text, new.number)
        return Piece("item", new.text, label=new.label.text, depth=self._depth_of(new.label))

    def _depth_of(self, label: Label) -> int:
        items = self._open_items()
        for item in reversed(items):
            if _follows(label, item.read_label):
                return item.depth
        if not label.is_first:
            for item in reversed(items):
                if (known := item.read_label) and known.kind == label.kind:
                    return item.depth
        return items[-1].depth + 1 if items else 1

    def _revised(self, piece: Piece, old: Entry, new: Entry) -> Piece:
        text = new.text
        if piece.kind == "heading" or new.kind is EntryKind.ARTICLE:
            return replace(piece, text=new.small_heading or new.text)
        if fold(old.text) == fold(new.text):
            text = piece.text
        elif (hidden := omitted_between(old.text, piece.text)) is not None:
            text = INLINE.sub(lambda _found: hidden, new.text, count=1)
        if new.label is None and old.label is not None:
            return replace(piece, text=text, number=None, label="")
        return replace(self._relabelled(piece, new), text=text)

    def _relabelled(self, piece: Piece, new: Entry) -> Piece:
        if new.label is None or fold(new.label.text) == fold(piece.sign):
            return piece
        if piece.kind == "item":
            return replace(piece, label=new.label.text)
        if piece.kind == "paragraph" and new.number is not None:
            return replace(piece, number=new.number)
        if piece.kind == "paragraph":
            return Piece("item", piece.text, label=new.label.text, depth=self._depth_of(new.label))
        return piece

    def _emit(self, piece: Piece, entry: Entry | None = None) -> bool:
        """Write a piece; False for one whose number another one has, which is listed instead."""
        if not self._is_free(piece):
            shown = f"{piece.sign} {piece.text}"
            line, text = (entry.line, entry.shown) if entry else (self._line, shown)
            self._outcome.not_placed.append(Leftover(line, text, Reason("number_taken")))
            return False
        self._take_number(piece)
        self._out.append(piece)
        return True

    def _is_free(self, piece: Piece) -> bool:
        if piece.kind == "paragraph":
            return piece.number is None or piece.number not in self._numbers
        if piece.kind != "item" or piece.label in BULLET_MARKS:
            return True
        siblings = self._labels[piece.depth - 1 : piece.depth]
        return not siblings or piece.label not in siblings[0]

    def _take_number(self, piece: Piece) -> None:
        if piece.kind == "heading":
            self._numbers.clear()
        if piece.kind != "item":
            self._labels.clear()
            self._numbers.add(piece.number)
            return
        del self._labels[piece.depth :]
        while len(self._labels) < piece.depth:
            self._labels.append(set())
        self._labels[-1].add(piece.label)

    def _counted(self, piece: Piece) -> Piece:
        """A kept part whose number an added one took goes on counting behind it."""
        last = self._sibling(piece)
        if last is None or not piece.sign or not last.sign:
            return piece
        taken = piece.number is not None and last.number is not None and piece.number <= last.number
        if not taken and self._is_free(piece):
            return piece
        counted = piece.counted_on(last)
        if counted != piece:
            self._step(StepKind.COUNTED_ON, counted, piece.sign, counted.sign)
        return counted

    def _sibling(self, piece: Piece) -> Piece | None:
        """The part of the same kind and depth above it."""
        for other in reversed(self._out):
            if other.kind == "heading" or (piece.kind == "item" and other.kind == "paragraph"):
                return None
            if piece.kind == "item" and other.kind == "item" and other.depth < piece.depth:
                return None
            if (other.kind, other.depth) == (piece.kind, piece.depth) and (
                piece.kind != "paragraph" or other.number is not None
            ):
                return other
        return None

    def _step(self, kind: StepKind, piece: Piece, old: str = "", new: str = "") -> None:
        self._outcome.steps.append(Step(self._line, kind, f"{self._name}{self._where(piece)}", old, new))

    def _where(self, piece: Piece) -> str:
        """The place in an article: 第2項(1)."""
        number = piece.number
        if piece.kind != "paragraph":
            above = (other for other in reversed(self._out) if other.kind == "paragraph")
            number = next((other.number for other in above), None)
        paragraph = "" if number is None else f"第{number}項"
        outer = (item.label for item in self._open_items() if item.depth < piece.depth)
        return f"{paragraph}{''.join(outer)}{piece.label}"


def _says(entry: Entry, piece: Piece) -> bool:
    """Whether a part of the old side says what the old version does, as far as it shows it."""
    if entry.kind is EntryKind.OMITTED or fold(entry.small_heading or entry.text) == fold(piece.text):
        return True
    if fold(entry.shown) == fold(piece.sign + piece.text):
        return True
    return omitted_between(entry.text, piece.text) is not None


def _may_answer(old: ShownPart, new: Entry) -> bool:
    """Whether both sides leave the same out, or one of them what the other shows under a number."""
    if old.entry.kind is new.kind:
        return True
    return old.index is not None and old.entry.label is not None and new.label is not None


def _follows(label: Label | None, other: Label | None) -> bool:
    return label is not None and other is not None and label.follows(other)


def _comes_before(piece: Piece, new: Entry) -> bool:
    """Whether an item of the old version stands before an added one: it counts less, or belongs to one."""
    if piece.kind != "item" or new.label is None:
        return False
    label = piece.read_label
    if label is None or label.kind != new.label.kind:
        return True
    return any(
        old is not None and added is not None and old < added
        for old, added in zip(label.ordinals, new.label.ordinals, strict=True)
    )
