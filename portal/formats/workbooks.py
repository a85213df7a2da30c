"""Workbooks and CSV files of plain tables, for others to fill in and bring back."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal.formats.cells import csv_line, fitting, harmless

Cell = str | int | date
_WIDTHS = (10, 44)


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the headings, the rows below."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """A workbook. Texts stay texts (a bank's code keeps its zeros), and none becomes a formula."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        page: Any = book.create_sheet(sheet.title)
        page.freeze_panes = "A2"
        for place, heading in enumerate(sheet.headings, start=1):
            wide = min(max(2 * len(heading) + 2, _WIDTHS[0]), _WIDTHS[1])
            page.column_dimensions[get_column_letter(place)].width = wide
        page.append([_heading(page, heading) for heading in sheet.headings])
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def written_book(tables: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """A workbook of tables by the names of their sheets; the first row of each holds the headings."""
    return workbook(_sheet(title, iter(rows)) for title, rows in tables.items())


def _sheet(title: str, rows: Iterator[Sequence[Any]]) -> Sheet:
    return Sheet(title, [str(heading) for heading in next(rows, ())], rows)


def csv_file(sheet: Sheet) -> bytes:
    """A sheet as CSV in UTF-8, with the mark by which spreadsheet programs recognise it."""
    lines = [csv_line(sheet.headings), *(csv_line(map(_plain, row)) for row in sheet.rows)]
    return "".join(lines).encode("utf-8-sig")


def _plain(value: Cell) -> str | int:
    return value.isoformat() if isinstance(value, date) else value


def _heading(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, value=fitting(text))
    cell.font = Font(bold=True)
    return cell


def _cell(page: Any, value: Cell) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(page, value=harmless(fitting(value)))
        cell.number_format = "@"
    elif isinstance(value, date) and not isinstance(value, datetime):
        cell = WriteOnlyCell(page, value=value)
        cell.number_format = "yyyy-mm-dd"
    else:
        return value
    return cell
