"""The text of a PDF's page, in which ruled tables stand as rows of Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pdfplumber.page import Page
from pdfplumber.table import Table

from contracts.terms.lines import escape_cell

_MOST_RULES = 3_000
"""Of one page. A table of a page has some hundred; drawings have any number."""

_NEAR = 3
"""Points, within which rules meet."""


def page_text(page: Page) -> str:
    """The lines of a page from the top; those of a table as its rows, beside blank lines where text is near.

    No blank line stands before a table that begins its page, so that it goes on with the one before.
    """
    tables = _tables(page)
    if not tables:
        return page.extract_text() or ""
    outside = page.filter(lambda thing: not any(_is_inside(thing, table) for table in tables))
    lines: list[str] = []
    top = page.bbox[1]
    for table in tables:
        _x0, table_top, _x1, bottom = table.bbox
        lines += _lines_between(outside, top, table_top)
        rows = list(_rows(table))
        lines += ["", *rows] if lines else rows
        top = max(top, table_top)
        beside = _lines_between(outside, top, bottom)
        below = max(top, bottom)
        lines += ["", *beside] if beside else []
        top = below
    after = _lines_between(outside, top, page.bbox[3])
    return "\n".join([*lines, "", *after] if after else lines)


def _tables(page: Page) -> list[Table]:
    """The tables with rules around their cells, from the top, none inside another."""
    if not 4 <= len(page.lines) + len(page.rects) + len(page.curves) <= _MOST_RULES:
        return []
    ends = {"explicit_horizontal_lines": _open_ends(page)}
    found = [table for table in page.find_tables(ends) if _is_table(table)]
    return sorted(found, key=lambda table: (table.bbox[1], table.bbox[0]))


def _open_ends(page: Page) -> list[float]:
    """Where the rules between columns end without one below or above: there the page cuts a row."""
    upright = [edge for edge in page.edges if edge["orientation"] == "v"]
    level = [edge["top"] for edge in page.edges if edge["orientation"] == "h"]
    if not upright:
        return []
    ends = (min(edge["top"] for edge in upright), max(edge["bottom"] for edge in upright))
    return [end for end in ends if all(abs(end - height) > _NEAR for height in level)]


def _is_table(table: Table) -> bool:
    """Whether there are rows and columns, and not a frame around a text."""
    rows = table.rows
    return len(rows) > 1 and any(sum(cell is not None for cell in row.cells) > 1 for row in rows)


def _rows(table: Table) -> Iterator[str]:
    """A cell over several columns or rows stands once; its other places are empty."""
    for row in table.extract():
        cells = (_cell(cell) for cell in row)
        yield f"| {' | '.join(cells)} |"


def _cell(text: str | None) -> str:
    return escape_cell("\n".join(filter(None, (line.strip() for line in (text or "").split("\n")))))


def _is_inside(thing: dict[str, Any], table: Table) -> bool:
    """Whether a sign stands in a table, by its middle."""
    if thing.get("object_type") != "char":
        return False
    x0, top, x1, bottom = table.bbox
    across, down = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return bool(x0 <= across <= x1 and top <= down <= bottom)


def _lines_between(page: Any, top: float, bottom: float) -> list[str]:
    """The lines whose middle stands between two heights."""
    part = page.filter(
        lambda thing: (
            thing.get("object_type") != "char" or top <= (thing["top"] + thing["bottom"]) / 2 < bottom
        )
    )
    text = part.extract_text() or ""
    return text.split("\n") if text.strip() else []
