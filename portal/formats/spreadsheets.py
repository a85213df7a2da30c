"""Lists as spreadsheets, piece by piece: what a cell may hold, and the formats that are offered."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice

from django.db.models import TextChoices
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from portal.formats.cells import csv_line
from portal.formats.workbook import CONTENT_TYPE, Cell, Yen, workbook

_YEN = re.compile("(−?)(?:¥([0-9,]+)|([0-9,]+)円)")
_LINES = 100
# What Shift_JIS as Windows knows it spells otherwise, so that the text survives in older programs.
_CP932 = str.maketrans(
    {"〜": "～", "−": "－", "‖": "∥", "—": "―", "¢": "￠", "£": "￡", "¬": "￢", "\u00a0": " "}
)
UNKNOWN = "〓"
"""What stands for a character that Shift_JIS lacks, as in print for a type that is not at hand."""


class Format(TextChoices):
    """As what a list is handed out."""

    XLSX = "xlsx", _("Excel workbook (XLSX)")
    CSV = "csv", _("CSV (UTF-8)")
    CSV_CP932 = "csv-cp932", _("CSV (Shift_JIS)")

    @property
    def ending(self) -> str:
        """With which the name of a file ends."""
        return self.value.partition("-")[0]

    @property
    def content_type(self) -> str:
        charset = {Format.CSV: "utf-8", Format.CSV_CP932: "shift_jis"}
        return CONTENT_TYPE if self == Format.XLSX else f"text/csv; charset={charset[self]}"


def written(
    form: Format, title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    """A list in a format, piece by piece, so that memory does not grow with its rows."""
    if form == Format.XLSX:
        return workbook(title, headings, rows)
    lines = map(_csv_line, chain([headings], rows))
    pieces = iter(lambda: "".join(islice(lines, _LINES)), "")
    if form == Format.CSV_CP932:
        return map(as_cp932, pieces)
    return chain(["\ufeff".encode()], (piece.encode(errors="replace") for piece in pieces))


def yen_in(text: str) -> Yen | None:
    """The amount that a text is, as pages show amounts: 12,345円, −¥500; None for any other text."""
    found = _YEN.fullmatch(text)
    if found is None:
        return None
    amount = int((found[2] or found[3]).replace(",", "") or 0)
    return Yen(-amount if found[1] else amount)


def in_cp932(text: str) -> str:
    """A text with the spellings that Shift_JIS has; what it lacks stays."""
    return text.translate(_CP932)


def as_cp932(text: str) -> bytes:
    """The text in Shift_JIS, with 〓 for each character that it lacks."""
    spelt = in_cp932(text)
    try:
        return spelt.encode("cp932")
    except UnicodeEncodeError:
        return b"".join(map(_letter, spelt))


def _letter(letter: str) -> bytes:
    try:
        return letter.encode("cp932")
    except UnicodeEncodeError:
        return UNKNOWN.encode("cp932")


def _csv_line(row: Iterable[Cell]) -> str:
    return csv_line(map(_plain, row))


def _plain(cell: Cell) -> str | int | Decimal:
    if isinstance(cell, datetime):
        return f"{localtime(cell) if cell.tzinfo else cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else cell
