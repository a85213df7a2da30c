"""Workbooks of several sheets, or the same as files of CSV, alone or in a ZIP: read, and written."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from portal.formats.book_reading import UnclearCellsError, visible_sheets
from portal.formats.tables import (
    LARGEST_CONTENT,
    MOST_ROWS,
    Rows,
    TooLargeTableError,
    ensure_size,
    read_csv,
)

MOST_SHEETS = 30
_ZIP = b"PK\x03\x04"
_BOOK = "xl/workbook.xml"

Sheets = list[tuple[str, Rows]]
Files = Sequence[tuple[str, bytes]]


class NoTableError(ValueError):
    """A file that is neither a workbook nor CSV nor a ZIP of these; its name."""


def read_sheets(files: Files) -> Sheets:
    """The sheets of files with their names: those of workbooks, and of files of CSV what these are called.

    Cells give their values, dates as such. TooLargeTableError; NoTableError for what can't be read;
    UnclearCellsError as `visible_sheets`.
    """
    found: Sheets = []
    for name, content in files:
        found += _sheets_of(name, content)
        if len(found) > MOST_SHEETS:
            raise TooLargeTableError("sheets", MOST_SHEETS)
    if sum(len(rows) for _name, rows in found) > MOST_ROWS:
        raise TooLargeTableError("rows", MOST_ROWS)
    return found


def _sheets_of(name: str, content: bytes) -> Sheets:
    ensure_size(content)
    try:
        if not content.startswith(_ZIP):
            return [(PurePosixPath(name).stem, read_csv(content))]
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > LARGEST_CONTENT:
                raise TooLargeTableError("content", LARGEST_CONTENT // 1_000_000)
            if _BOOK in archive.namelist():
                return list(visible_sheets(content))
            return _of_archive(archive, entries)
    except (TooLargeTableError, UnclearCellsError):
        raise
    except Exception as unreadable:
        raise NoTableError(name) from unreadable


def _of_archive(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> Sheets:
    named = [(_name(entry), entry) for entry in entries]
    tables = [(name, entry) for name, entry in named if _is_table(name)]
    if not tables:
        raise NoTableError(archive.filename or "")
    if len(tables) > MOST_SHEETS:
        raise TooLargeTableError("sheets", MOST_SHEETS)
    return [(PurePosixPath(name).stem, read_csv(archive.read(entry))) for name, entry in tables]


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; Windows writes Japanese ones as Shift_JIS, and says nothing of it."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("cp932")
    except UnicodeError:
        return entry.filename


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        path.suffix.lower() in (".csv", ".txt") and not path.name.startswith(".") and "__MACOSX" not in name
    )
