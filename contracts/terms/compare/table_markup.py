"""The markup of a published comparison table: HTML, or lines of cells separated by tabs.

A cell is a list of lines: its `<p>` elements, or what `<br>` and line ends separate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser

Cells = Sequence[Sequence[str]]
"""The cells of one row, each a list of lines."""


def read_rows(text: str) -> tuple[list[Cells], list[str]]:
    """The rows of every table in a text, and the lines that stand outside of all tables."""
    if re.search(r"<t[rdh][\s>]", text, re.IGNORECASE):
        reader = _TableReader()
        reader.feed(text)
        reader.close()
        return reader.rows, [line for line in reader.outside if line]
    rows: list[Cells] = []
    outside: list[str] = []
    for line in text.splitlines():
        if "\t" in line:
            rows.append([_lines(cell) for cell in line.split("\t")])
        elif line.strip():
            outside.append(line.strip())
    return rows, outside


def _lines(cell: str) -> list[str]:
    """The lines of a cell. Empty elements stay, as they keep the place of what stands beside them."""
    reader = _TextReader()
    reader.feed(cell)
    reader.close()
    return reader.lines()


class _TextReader(HTMLParser):
    """Collects the lines of what it is fed."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = [""]
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" or (tag in ("p", "div", "li") and (self._open or self._lines[-1].strip())):
            self._lines.append("")
        self._open = self._open or tag in ("p", "div", "li")

    def handle_data(self, data: str) -> None:
        if self._open and not data.strip():
            return
        self._lines[-1] += data

    def lines(self) -> list[str]:
        found = [" ".join(line.split()) for line in self._lines]
        return [] if found == [""] else found


class _TableReader(HTMLParser):
    """Collects the rows of tables, and the text around them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Cells] = []
        self.outside: list[str] = []
        self._row: list[Sequence[str]] | None = None
        self._cell: _TextReader | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._cell = _TextReader()
        elif self._cell:
            self._cell.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            if self._row is not None:
                self._row.append(self._cell.lines())
            self._cell = None
        elif tag == "tr" and self._row is not None:
            self.rows.append(self._row)
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.handle_data(data)
        elif self._row is None:
            self.outside.append(data.strip())
