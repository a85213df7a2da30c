"""The visible sheets of a workbook as plain rows; what cells leave open is refused, and not guessed."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl

from portal.formats.tables import LARGEST_CONTENT, Rows, TooLargeTableError, bounded, ensure_size

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^>]*ref=[\"']([A-Z]+[0-9]+:[A-Z]+[0-9]+)[\"']")
_AT_ONCE = 1_000_000
_OVERLAP = 200
_VISIBLE = "visible"


class UnclearCellsError(ValueError):
    """Cells of a sheet that leave open what they say: `merged` ones, or `formula` without a result."""

    def __init__(self, kind: str, sheet: str, cells: str) -> None:
        super().__init__(kind, sheet, cells)
        self.kind, self.sheet, self.cells = kind, sheet, cells


def visible_sheets(content: bytes, most: int | None = None) -> Iterator[tuple[str, Rows]]:
    """The sheets that people see, with their names, values for formulas; the first `most` of them.

    TooLargeTableError. UnclearCellsError for cells that are merged, which hold one value for several rows,
    and for formulas that no program has calculated, which would read as empty.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_CONTENT:
            raise TooLargeTableError("content", LARGEST_CONTENT // 1_000_000)
        parts = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
        with_formulas = any(_first(_FORMULA, archive, name) for name in parts)
        merged = {name: _first(_MERGED, archive, name) for name in parts}
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if with_formulas else None
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == _VISIBLE]
    for sheet in seen[:most]:
        if cells := merged.get(_part_of(sheet)):
            raise UnclearCellsError("merged", sheet.title, cells)
        rows = bounded(_values(sheet))
        if formulas:
            _ensure_calculated(sheet.title, rows, formulas[sheet.title])
        yield sheet.title, rows


def _part_of(sheet: Any) -> str:
    """The entry of the archive that holds a sheet."""
    return str(sheet._worksheet_path).lstrip("/")


def _values(sheet: Any) -> Iterator[Sequence[Any]]:
    sheet.reset_dimensions()  # programs state them too large, or not at all
    yield from sheet.iter_rows(values_only=True)


def _ensure_calculated(title: str, rows: Rows, written: Any) -> None:
    written.reset_dimensions()
    for number, (values, row) in enumerate(zip(rows, written.iter_rows(), strict=False), 1):
        for place, cell in enumerate(row):
            if cell.data_type == "f" and (place >= len(values) or values[place] is None):
                raise UnclearCellsError("formula", title, f"{cell.coordinate or number}")


def _first(wanted: re.Pattern[bytes], archive: zipfile.ZipFile, name: str) -> str:
    """The first that is found in an entry, or its part that is named; read in pieces of bounded size."""
    kept = b""
    with archive.open(name) as entry:
        while piece := entry.read(_AT_ONCE):
            if found := wanted.search(kept + piece):
                return found[found.lastindex or 0].decode("ascii", "replace")
            kept = piece[-_OVERLAP:]
    return ""


def read_workbook(content: bytes) -> Rows:
    """The rows of the first visible sheet of a workbook; nothing where there is none. As `visible_sheets`."""
    ensure_size(content)
    return next((rows for _name, rows in visible_sheets(content, most=1)), [])
