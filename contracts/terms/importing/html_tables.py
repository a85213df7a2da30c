"""Tables written in HTML inside a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from contracts.terms.tree import Table

_BREAKING = {"br", "p", "li", "div"}
_MAX_SPAN = 50
_OPEN_TAG = re.compile(r"<(?=[^<>]*(?:<|\Z))")  # is text; looking for its end would take quadratic time
MOST_CELLS = 20_000
"""Of one table, those counted that a cell over several columns and rows covers."""


class TableTooLargeError(ValueError):
    """A table has more than MOST_CELLS cells."""


def read_html_table(source: str) -> Iterator[tuple[Table | None, str]]:
    """The tables of a piece of HTML, and (without a table) the text that stands in none of their cells.

    Raises TableTooLargeError.
    """
    parser = _TableParser()
    parser.feed(_OPEN_TAG.sub("&lt;", source))
    parser.close()
    rows = parser.finished_rows()
    if parser.loose:
        yield None, " ".join(parser.loose)
    if rows:
        width = max(len(row) for row in rows)
        padded = tuple(row + ("",) * (width - len(row)) for row in rows)
        header = padded[0] if parser.first_row_is_header and len(padded) > 1 else ()
        yield Table(header, padded[1:] if header else padded), ""


class _TableParser(HTMLParser):
    """Collects rows of cells; a cell over several columns or rows leaves empty cells beside and below it."""

    def __init__(self) -> None:
        super().__init__()
        self.loose: list[str] = []
        self.first_row_is_header = False
        self._rows: list[list[str]] = []
        self._kept: dict[tuple[int, int], str] = {}
        self._cells = 0
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._open_cell(tag, dict(attrs))
        elif tag in _BREAKING and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close_cell()
        elif tag in _BREAKING and self._cell is not None:
            self._cell.append("\n")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        elif data.strip():
            self.loose.append(" ".join(data.split()))

    def finished_rows(self) -> list[tuple[str, ...]]:
        self._close_cell()
        return [tuple(row) for row in self._rows if any(row)]

    def _open_cell(self, tag: str, attrs: dict[str, str | None]) -> None:
        self._close_cell()
        if not self._rows:
            self._rows.append([])
        row = len(self._rows) - 1
        if row == 0 and not self._rows[0]:
            self.first_row_is_header = tag == "th"
        self._fill_spanned(row)
        column = len(self._rows[row])
        rows, columns = _span(attrs.get("rowspan")), _span(attrs.get("colspan"))
        self._cells += rows * columns
        if self._cells > MOST_CELLS:
            raise TableTooLargeError
        for down in range(rows):
            for right in range(columns):
                if (down, right) != (0, 0):
                    self._kept[row + down, column + right] = ""
        self._cell = []

    def _fill_spanned(self, row: int) -> None:
        cells = self._rows[row]
        while (row, len(cells)) in self._kept:
            cells.append(self._kept.pop((row, len(cells))))

    def _close_cell(self) -> None:
        if self._cell is None:
            return
        lines = (" ".join(line.split()) for line in "".join(self._cell).split("\n"))
        self._rows[-1].append("\n".join(line for line in lines if line))
        self._cell = None
        self._fill_spanned(len(self._rows) - 1)


def _span(value: str | None) -> int:
    return min(max(int(value), 1), _MAX_SPAN) if value and value.isdecimal() else 1
