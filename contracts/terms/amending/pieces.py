"""A body (of an article or annex) as a list of pieces, one for each part that a comparison table shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from contracts.terms.compare.outline import CELL_MARK
from contracts.terms.half_read import ItemDraft, ParagraphDraft, TableDraft
from contracts.terms.importing.labels import Label, number_label, read_label
from contracts.terms.importing.line_rules import NumberLine, read
from contracts.terms.tree import Item, Paragraph, Table

PieceKind = Literal["heading", "paragraph", "item", "row"]


@dataclass(frozen=True)
class Piece:
    """A small heading, a paragraph without its items, an item without those below it, or a table's row.

    `depth` counts from 1 for items; of a row, `begins` says that its table begins, and `header` that it is
    the header.
    """

    kind: PieceKind
    text: str
    number: int | None = None
    label: str = ""
    depth: int = 0
    begins: bool = False
    header: bool = False

    @property
    def sign(self) -> str:
        """The number or label that stands before it."""
        return self.label if self.number is None else f"{self.number}."

    @property
    def read_label(self) -> Label | None:
        """The label as the importer reads it."""
        if self.number is not None:
            return number_label(self.number)
        found = read_label(f"{self.label} 文") if self.label else None
        if found:
            return found[0]
        reading = read(f"{self.label} 文")
        return number_label(reading.number) if isinstance(reading, NumberLine) else None

    def counted_on(self, last: Piece) -> Piece:
        """The same with the number that comes after that of `last`, where it has one."""
        if self.number is not None and last.number is not None:
            return replace(self, number=last.number + 1)
        digits = re.search(r"\d+", last.label)
        if digits is None:
            return self
        return replace(self, label=last.label.replace(digits[0], str(int(digits[0]) + 1)))


def flatten(paragraphs: Iterable[Paragraph]) -> list[Piece]:
    """The pieces of a body, in the order of the text."""
    return [piece for paragraph in paragraphs for piece in _of_paragraph(paragraph)]


def _of_paragraph(paragraph: Paragraph) -> Iterator[Piece]:
    if paragraph.heading:
        yield Piece("heading", paragraph.heading)
    if paragraph.text or paragraph.items or paragraph.tables:
        yield Piece("paragraph", paragraph.text, paragraph.number)
    yield from _of_items(paragraph.items, 1)
    for table in paragraph.tables:
        rows = [row for row in (table.header, *table.rows) if row]
        for place, row in enumerate(rows):
            header = bool(table.header) and not place
            yield Piece("row", CELL_MARK.join(row), begins=not place, header=header)


def _of_items(items: Iterable[Item], depth: int) -> Iterator[Piece]:
    for item in items:
        yield Piece("item", item.text, label=item.label, depth=depth)
        yield from _of_items(item.items, depth + 1)


def rebuilt(pieces: Sequence[Piece]) -> tuple[Paragraph, ...]:
    """The body of which these are the pieces."""
    builder = _Builder()
    for piece in pieces:
        builder.add(piece)
    return builder.paragraphs()


class _Builder:
    def __init__(self) -> None:
        self._paragraphs: list[ParagraphDraft] = []
        self._open: list[ItemDraft] = []
        self._heading = ""

    def add(self, piece: Piece) -> None:
        match piece.kind:
            case "heading":
                self._close_heading()
                self._heading = piece.text
            case "paragraph":
                self._begin(piece.number, piece.text)
            case "item":
                self._add_item(piece)
            case "row":
                self._add_row(piece)

    def paragraphs(self) -> tuple[Paragraph, ...]:
        self._close_heading()
        return tuple(_squared(draft.paragraph()) for draft in self._paragraphs)

    def _begin(self, number: int | None, text: str) -> ParagraphDraft:
        draft = ParagraphDraft(number, [text], self._heading)
        self._heading = ""
        self._paragraphs.append(draft)
        self._open.clear()
        return draft

    def _close_heading(self) -> None:
        if self._heading:
            self._begin(None, "")

    @property
    def _current(self) -> ParagraphDraft:
        if self._heading or not self._paragraphs:
            return self._begin(None, "")
        return self._paragraphs[-1]

    def _add_item(self, piece: Piece) -> None:
        paragraph = self._current
        if paragraph.tables:
            paragraph = self._begin(None, "")
        del self._open[piece.depth - 1 :]
        draft = ItemDraft(0, piece.label, [piece.text])
        (self._open[-1].items if self._open else paragraph.items).append(draft)
        self._open.append(draft)

    def _add_row(self, piece: Piece) -> None:
        paragraph = self._current
        cells = tuple(piece.text.split(CELL_MARK))
        if piece.begins or not paragraph.tables:
            paragraph.tables.append(TableDraft())
        table = paragraph.tables[-1]
        if piece.header:
            table.header = cells
        else:
            table.rows.append(cells)


def _squared(paragraph: Paragraph) -> Paragraph:
    """With rows of one width in each table."""
    return replace(paragraph, tables=tuple(_square(table) for table in paragraph.tables))


def _square(table: Table) -> Table:
    width = max(len(row) for row in (table.header, *table.rows))
    rows = tuple(row + ("",) * (width - len(row)) for row in table.rows)
    header = table.header + ("",) * (width - len(table.header)) if table.header else ()
    return Table(header, rows)
