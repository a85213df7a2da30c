"""Tables that others bring, as CSV or as a workbook: read to plain rows, within bounds."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import openpyxl

ENCODINGS = ("utf-8-sig", "cp932")
LARGEST_FILE = 20_000_000
"""Bytes."""
LARGEST_CONTENT = 200_000_000
"""Bytes that a workbook may unfold to."""
MOST_ROWS = 100_000
MOST_COLUMNS = 100

Rows = list[list[Any]]
Limit = Literal["size", "content", "rows", "columns", "sheets"]


class TooLargeTableError(ValueError):
    """A table beyond a limit, with what is the most."""

    def __init__(self, limit: Limit, most: int) -> None:
        super().__init__(limit, most)
        self.limit, self.most = limit, most


def read_csv(content: bytes) -> Rows:
    """The rows of a CSV file. UnicodeDecodeError if it is neither UTF-8 nor Shift_JIS; TooLargeTableError."""
    _ensure_size(content)
    return _bounded(csv.reader(io.StringIO(decoded(content), newline="")))


def read_workbook(content: bytes) -> Rows:
    """The rows of the first sheet of a workbook, values for formulas. TooLargeTableError."""
    _ensure_size(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_CONTENT:
            raise TooLargeTableError("content", LARGEST_CONTENT // 1_000_000)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    return _bounded([cell.value for cell in row] for row in book.worksheets[0].rows)


def decoded(content: bytes) -> str:
    """A text file's content; UnicodeDecodeError if it is neither UTF-8 nor Shift_JIS, or holds a NUL."""
    place = content.find(b"\0")
    if place >= 0:
        raise UnicodeDecodeError(ENCODINGS[0], content, place, place + 1, "NUL")
    try:
        return content.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        return content.decode(ENCODINGS[1])


def _ensure_size(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise TooLargeTableError("size", LARGEST_FILE // 1_000_000)


def _bounded(rows: Iterable[list[Any]]) -> Rows:
    return list(_within(rows))


def _within(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise TooLargeTableError("rows", MOST_ROWS)
        if len(row) > MOST_COLUMNS:
            raise TooLargeTableError("columns", MOST_COLUMNS)
        yield row
