"""Tables that others bring: the bounds within which they are read, and files of CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Literal

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
    ensure_size(content)
    return bounded(csv.reader(io.StringIO(decoded(content), newline="")))


def decoded(content: bytes) -> str:
    """A text file's content; UnicodeDecodeError if it is neither UTF-8 nor Shift_JIS, or holds a NUL."""
    place = content.find(b"\0")
    if place >= 0:
        raise UnicodeDecodeError(ENCODINGS[0], content, place, place + 1, "NUL")
    try:
        return content.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        return content.decode(ENCODINGS[1])


def ensure_size(content: bytes) -> None:
    """TooLargeTableError for a file that is too large to be read at all."""
    if len(content) > LARGEST_FILE:
        raise TooLargeTableError("size", LARGEST_FILE // 1_000_000)


def bounded(rows: Iterable[Sequence[Any]]) -> Rows:
    """Rows without empty cells at their ends, and without empty rows at the end. TooLargeTableError."""
    found: Rows = []
    empty = 0
    for row in rows:
        cells = _without_end(row)
        if not cells:
            empty += 1
            continue
        if len(cells) > MOST_COLUMNS:
            raise TooLargeTableError("columns", MOST_COLUMNS)
        if len(found) + empty >= MOST_ROWS:
            raise TooLargeTableError("rows", MOST_ROWS)
        found += [[] for _row in range(empty)]
        found.append(cells)
        empty = 0
    return found


def _without_end(row: Sequence[Any]) -> list[Any]:
    end = len(row)
    while end and (row[end - 1] is None or row[end - 1] == ""):
        end -= 1
    return list(row[:end])
