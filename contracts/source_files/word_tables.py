"""The tables of Word files: their rows, with merged cells, and which of them are the header."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docx.oxml.ns import qn
from lxml.etree import _Element

from contracts.problems.reasons import Reason
from contracts.source_files.errors import UnreadableFile
from contracts.source_files.word_texts import WRAPPERS
from contracts.terms.importing.html_tables import MOST_CELLS

_WIDEST = 63
"""Columns, as Word has them."""


@dataclass(frozen=True)
class _Cell:
    """The text of a place; `of` is the cell that covers it, `begins` whether that begins here."""

    text: str
    of: int
    begins: bool


def rows_of(table: _Element, text_of: Callable[[_Element], str]) -> tuple[list[list[str]], bool]:
    """The rows, all of one width, and whether the first is the header.

    A cell over several columns or rows stands once, its other places are empty. Rows of the header that stand
    one above the other become one. Raises UnreadableFile for a table that is too large.
    """
    rows: list[list[_Cell]] = []
    marked = 0
    cells = 0
    for row in _inside(table, qn("w:tr")):
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
            continue
        rows.append(_cells(row, rows[-1] if rows else [], cells, text_of))
        cells += len(rows[-1])
        if cells > MOST_CELLS:
            raise UnreadableFile(Reason("table_too_large", {"cells": MOST_CELLS}))
        if marked == len(rows) - 1 and row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None:
            marked += 1
    width = max((len(row) for row in rows), default=0)
    header = marked if marked < len(rows) else 0
    header = header or (2 if _has_two_header_rows(rows) else 0)
    texts = [[cell.text if cell.begins else "" for cell in row] for row in rows]
    padded = [row + [""] * (width - len(row)) for row in texts]
    if header > 1:
        padded = [_one_header(rows[:header], width), *padded[header:]]
    return padded, bool(header)


def _inside(element: _Element, tag: str) -> Iterator[_Element]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in WRAPPERS:
            yield from _inside(child, tag)


def _cells(row: _Element, above: list[_Cell], number: int, text_of: Callable[[_Element], str]) -> list[_Cell]:
    found: list[_Cell] = []
    skipped = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    found += [_Cell("", -1, begins=False)] * _count(skipped, least=0)
    for cell in _inside(row, qn("w:tc")):
        properties = cell.find(qn("w:tcPr"))
        merged = None if properties is None else properties.find(qn("w:vMerge"))
        goes_on = merged is not None and merged.get(qn("w:val")) != "restart" and len(found) < len(above)
        first = above[len(found)] if goes_on else _Cell(text_of(cell), number + len(found), begins=True)
        span = _count(None if properties is None else properties.find(qn("w:gridSpan")), least=1)
        found.append(_Cell(first.text, first.of, begins=not goes_on))
        found += [_Cell(first.text, first.of, begins=False)] * (span - 1)
    return found


def _count(element: _Element | None, *, least: int) -> int:
    value = "" if element is None else element.get(qn("w:val"), "")
    return min(max(int(value), least), _WIDEST) if value.isdecimal() else least


def _has_two_header_rows(rows: list[list[_Cell]]) -> bool:
    """Whether the first row has a cell over two columns beside one that goes on in the second."""
    if len(rows) < 3:
        return False
    first, second, third = rows[:3]
    wide = any(not cell.begins for cell in first)
    beside = list(zip(first, second, third, strict=False))
    deep = any(above.of == below.of != next_one.of for above, below, next_one in beside)
    deeper = any(above.of == below.of == next_one.of for above, below, next_one in beside)
    return wide and deep and not deeper


def _one_header(rows: list[list[_Cell]], width: int) -> list[str]:
    """The header of each column: what stands above it, from the top."""
    columns: list[str] = []
    for place in range(width):
        cells = {row[place].of: row[place].text for row in rows if place < len(row)}
        columns.append(" ".join(filter(None, cells.values())))
    return columns
