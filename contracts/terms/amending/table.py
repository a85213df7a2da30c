"""The rows of a comparison table (新旧対照表), of Markdown, HTML, Word, PDF, or divided by tabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from contracts.problems.reasons import Reason
from contracts.terms.amending.entries import Entry, EntryKind, begins, entries_of
from contracts.terms.comparison_heads import Column, columns_of
from contracts.terms.importing.html_tables import MOST_CELLS, TableTooLargeError, read_html_table
from contracts.terms.importing.result import Leftover, TermsImportError
from contracts.terms.importing.source import physical_lines, plain_cell
from contracts.terms.limits import beyond_limits
from contracts.terms.lines import Row, Separator, read_line
from contracts.terms.reader import TermsProblem

_EMPHASIS = ("**", "__", "~~")


@dataclass
class TableRow:
    """One row: its line in the source, and what stands on each side."""

    line: int
    old: list[Entry] = field(default_factory=list)
    new: list[Entry] = field(default_factory=list)
    place: str = ""


@dataclass(frozen=True)
class ComparisonRows:
    """The rows of all tables of a text, and what stands beside them."""

    rows: tuple[TableRow, ...]
    outside: tuple[Leftover, ...]


def read_comparison(text: str) -> ComparisonRows:
    """Read the rows. Raises TermsImportError for a text beyond the limits, or without a comparison table."""
    if beyond := [TermsProblem(line, reason) for line, reason in beyond_limits(text)]:
        raise TermsImportError(beyond)
    reader = _Reader()
    for number, cells in _raw_rows(text):
        reader.read(number, cells)
    if not reader.found:
        raise TermsImportError([TermsProblem(1, Reason("no_comparison_table"))])
    return ComparisonRows(reader.rows(), tuple(reader.outside))


def _raw_rows(text: str) -> Iterator[tuple[int, tuple[str, ...] | str]]:
    """The rows of tables with the lines in which they stand, and the texts that stand in none."""
    for number, raw in physical_lines(text):
        stripped = raw.replace("\f", "").strip()
        if stripped[:6].lower() == "<table":
            yield from _html_rows(number, raw)
        elif stripped.startswith("|") and isinstance(found := read_line(stripped), Row | Separator):
            if isinstance(found, Row):
                yield number, tuple(plain_cell(cell) for cell in found.cells)
        elif "\t" in raw:
            yield number, tuple(plain_cell(cell) for cell in raw.replace("\f", "").split("\t"))
        elif stripped:
            yield number, stripped


def _html_rows(number: int, raw: str) -> Iterator[tuple[int, tuple[str, ...] | str]]:
    try:
        for table, loose in read_html_table(raw):
            for row in (table.header, *table.rows) if table else ():
                if row:
                    yield number, row
            if loose:
                yield number, loose
    except TableTooLargeError as error:
        problem = TermsProblem(number, Reason("table_too_large", {"cells": MOST_CELLS}))
        raise TermsImportError([problem]) from error


@dataclass
class _RawRow:
    line: int
    old: list[str]
    new: list[str]
    place: str


class _Reader:
    """Tells the rows of comparison tables from all else, and joins what page breaks cut."""

    def __init__(self) -> None:
        self.found = False
        self.outside: list[Leftover] = []
        self._columns: tuple[Column, ...] = ()
        self._rows: list[_RawRow] = []
        self._cut = False

    def read(self, number: int, cells: tuple[str, ...] | str) -> None:
        if isinstance(cells, str):
            self._read_outside(number, cells)
        elif columns := columns_of(cells):
            self.found, self._cut, self._columns = True, True, columns
        elif not self._columns or any(cells[len(self._columns) :]):
            self._leave(number, " ".join(filter(None, cells)))
        elif any(cells):
            self._add(number, cells)

    def rows(self) -> tuple[TableRow, ...]:
        return tuple(
            TableRow(row.line, entries_of(row.old, row.line), entries_of(row.new, row.line), row.place)
            for row in self._rows
        )

    def _read_outside(self, number: int, text: str) -> None:
        """A heading of an article above a table says what the table is of."""
        plain = _without_emphasis(text).lstrip("#").strip()
        found = entries_of([plain], number)
        if len(found) == 1 and found[0].kind is EntryKind.ARTICLE:
            self._rows.append(_RawRow(number, [], [], plain))
        else:
            self._leave(number, plain)

    def _leave(self, number: int, text: str) -> None:
        if text.strip():
            self.outside.append(Leftover(number, text, Reason("outside_the_table")))

    def _add(self, number: int, cells: Sequence[str]) -> None:
        texts: dict[Column, str] = {}
        for column, cell in zip(self._columns, cells, strict=False):
            texts[column] = "\n".join(filter(None, (texts.get(column, ""), _without_emphasis(cell))))
        row = _RawRow(number, [], [], " ".join(texts.get("place", "").split()))
        above = next((found for found in reversed(self._rows) if found.old or found.new), None)
        goes_on = above if self._cut else None
        row.old = self._joined(texts.get("old", ""), goes_on.old if goes_on else None)
        row.new = self._joined(texts.get("new", ""), goes_on.new if goes_on else None)
        if row.old or row.new or row.place:
            self._rows.append(row)
        self._cut = False

    def _joined(self, cell: str, above: list[str] | None) -> list[str]:
        """The lines of a cell that begin something; the others go on with what stands above them."""
        begun: list[str] = []
        for line in filter(None, (line.strip() for line in cell.split("\n"))):
            if begun and not begins(begun[-1], line):
                begun[-1] = _glued(begun[-1], line)
            elif not begun and above and not begins(above[-1], line, after_cut=True):
                above[-1] = _glued(above[-1], line)
            else:
                begun.append(line)
        return begun


def _glued(text: str, following: str) -> str:
    latin = (
        text[-1:].isascii() and text[-1:].isalnum() and following[:1].isascii() and following[:1].isalnum()
    )
    return f"{text} {following}" if latin else text + following


def _without_emphasis(text: str) -> str:
    for mark in _EMPHASIS:
        text = text.replace(mark, "")
    return text
