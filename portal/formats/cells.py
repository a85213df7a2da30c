"""Cells of spreadsheets that others open."""

import re

FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MOST_IN_A_CELL = 32_767


def harmless(cell: str) -> str:
    """The text of a cell that can't become a formula: what would begin one gets a ' in front."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def without_control(text: str) -> str:
    """A text without the control characters that a workbook can't hold."""
    return _CONTROL.sub("", text)


def fitting(text: str) -> str:
    """As much of a text as a workbook's cell holds."""
    return without_control(text)[:MOST_IN_A_CELL]
