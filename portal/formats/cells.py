"""Cells of spreadsheets that others open: the one rule by which none becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal

FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_IN_A_CELL = 32_767


def harmless(cell: str) -> str:
    """The text of a cell that can't become a formula: what would begin one gets a ' in front."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def csv_line(cells: Iterable[str | int | Decimal]) -> str:
    """A line of a CSV file, with its end. Texts are made harmless, numbers stay."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return line.getvalue()


def without_control(text: str) -> str:
    """A text without the control characters, and halves of characters, that a workbook can't hold."""
    return _CONTROL.sub("", text)


def fitting(text: str) -> str:
    """As much of a text as a workbook's cell holds."""
    return without_control(text)[:MOST_IN_A_CELL]
