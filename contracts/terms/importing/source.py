"""The lines of a text as they were written or extracted, without the marks of Markdown and HTML."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from contracts.problems.reasons import Reason
from contracts.terms.importing.html_tables import MOST_CELLS, TableTooLargeError, read_html_table
from contracts.terms.importing.result import TermsImportError
from contracts.terms.lines import Row, Separator, read_line
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Table

_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?")
_DASH = re.compile(r"[-*+]\s+(?=\S)(.*)")
_QUOTE = re.compile(r">\s?(.*)")
_STRONG = re.compile(r"\*\*(?=[^\s*])((?:[^*]|\*(?!\*))+)(?<=[^\s*])\*\*")
_LOOSE_STRONG = re.compile(r"^\*\*(?!\*)|(?<!\*)\*\*$")
_BLOCK_TAG = re.compile(r"</?(?:p|br|div|ul|ol|li|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:span|b|strong|u|em|i|s|sup|sub|font|a|center|ins|del)(?:\s[^<>]*)?>", re.IGNORECASE
)
_TABLE = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_LABEL_BEFORE_TAB = re.compile(
    r"(?:第?[\s0-9０-９〇一二三四五六七八九十百]+[条項号章節]?(?:の[0-9０-９]+)?[.．)）]?|[（(].{1,3}[）)]|[・•●■①-⑳ァ-ヶ])\s*"
)


@dataclass(frozen=True)
class SourceLine:
    """One line. `text` is without Markdown marks; a row of a table has `cells`, a whole one `table`."""

    number: int
    text: str
    indent: int = 0
    heading: int = 0
    dash: bool = False
    page: int = 1
    after_blank: bool = False
    cells: tuple[str, ...] = ()
    separator: bool = False
    table: Table | None = None

    @cached_property
    def plain(self) -> str:
        """The line as one text, cells of a table side by side."""
        rows = (self.table.header, *self.table.rows) if self.table else (self.cells,)
        cells = " ".join(cell.replace("\n", " ") for row in rows for cell in row if cell)
        return cells or self.text

    @cached_property
    def width(self) -> int:
        """The columns that the line takes, a full-width character taking two."""
        return self.indent + columns(self.text)


def columns(text: str) -> int:
    """The width of a text in columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def read_lines(text: str) -> list[SourceLine]:
    """Split a text into its lines that aren't blank. A form feed begins a new page.

    Raises TermsImportError for a table that is too large.
    """
    lines: list[SourceLine] = []
    page, after_blank = 1, False
    for number, raw in physical_lines(text):
        page += raw.count("\f")
        found = list(_read_raw(number, raw.replace("\f", ""), page, after_blank))
        after_blank = not found
        lines += found
    return [_as_text(line) if _is_lone_row(lines, index) else line for index, line in enumerate(lines)]


def physical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; an HTML table is one line, that of its beginning."""
    number, position = 1, 0
    unix = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for match in _TABLE.finditer(unix):
        before = unix[position : match.start()].split("\n")
        yield from enumerate(before, start=number)
        number += len(before) - 1
        yield number, match[0]
        number += match[0].count("\n")
        position = match.end()
    yield from enumerate(unix[position:].split("\n"), start=number)


def _read_raw(number: int, raw: str, page: int, after_blank: bool) -> Iterator[SourceLine]:
    if _TABLE.match(raw):
        yield from _html_table_lines(number, raw, page)
        return
    stripped = raw.strip()
    if not stripped:
        return
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        row = read_line(stripped)
        if isinstance(row, Row):
            cells = tuple(plain_cell(cell) for cell in row.cells)
            yield SourceLine(number, stripped, page=page, after_blank=after_blank, cells=cells)
            return
        if isinstance(row, Separator):
            yield SourceLine(number, stripped, page=page, after_blank=after_blank, separator=True)
            return
    if "\t" in raw.rstrip() and (cells := _tabbed_cells(raw)):
        yield SourceLine(number, raw, page=page, after_blank=after_blank, cells=cells)
        return
    for part in _without_tags(_without_tabs(raw)):
        if line := _unmarked(number, part, page, after_blank):
            yield line
            after_blank = False


def _html_table_lines(number: int, raw: str, page: int) -> Iterator[SourceLine]:
    try:
        tables = list(read_html_table(raw))
    except TableTooLargeError as error:
        problem = TermsProblem(number, Reason("table_too_large", {"cells": MOST_CELLS}))
        raise TermsImportError([problem]) from error
    for table, loose in tables:
        yield SourceLine(number, loose, page=page, after_blank=True, table=table)


def _without_tabs(raw: str) -> str:
    """With tabs before the text as its indentation, and others as spaces."""
    text = raw.lstrip()
    return raw[: len(raw) - len(text)].expandtabs(4) + text.replace("\t", " ")


def _tabbed_cells(raw: str) -> tuple[str, ...]:
    first, *others = raw.rstrip("\n").split("\t")
    if not others or (first.strip() and _LABEL_BEFORE_TAB.fullmatch(first.strip()) and len(others) == 1):
        return ()
    if not first.strip() and not any(cell.strip() for cell in others[1:]):
        return ()
    return tuple(plain_cell(cell) for cell in (first, *others))


def plain_cell(cell: str) -> str:
    """The lines of a cell without the tags of HTML."""
    parts = [part.strip() for line in cell.split("\n") for part in _without_tags(line)]
    return "\n".join(part for part in parts if part)


def _without_tags(text: str) -> list[str]:
    """The text between HTML's block tags; the tags themselves are markup, not text."""
    if not (_BLOCK_TAG.search(text) or _INLINE_TAG.search(text)):
        return [text]
    return [html.unescape(_INLINE_TAG.sub("", part)) for part in _BLOCK_TAG.split(text)]


def _unmarked(number: int, raw: str, page: int, after_blank: bool) -> SourceLine | None:
    text = raw.strip()
    indent = columns(raw[: len(raw) - len(raw.lstrip())])
    heading, dash = 0, False
    if match := _HEADING.fullmatch(text):
        heading, text = len(match[1]), match[2]
    elif match := _QUOTE.fullmatch(text):
        text = match[1].strip()
    if match := _DASH.fullmatch(text):
        dash, text = True, match[1]
    text = _STRONG.sub(r"\1", text)
    text = _LOOSE_STRONG.sub("", text).strip()
    if not text:
        return None
    return SourceLine(number, text, indent, heading, dash, page, after_blank)


def _is_lone_row(lines: list[SourceLine], index: int) -> bool:
    """A line with a tab that has no row beside it is a line of text."""
    line = lines[index]
    if not line.cells or line.text.startswith("|"):
        return False
    below = lines[index + 1] if index + 1 < len(lines) else None
    joined_above = index > 0 and bool(lines[index - 1].cells) and not line.after_blank
    return not joined_above and not (below and below.cells and not below.after_blank)


def _as_text(line: SourceLine) -> SourceLine:
    return SourceLine(line.number, line.plain, page=line.page, after_blank=line.after_blank)
