"""The template of a file of running contracts: headings in the reader's language, and what they mean."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from contracts.extensions.takeover import Column, Sheet
from contracts.takeover.sheets import sheets
from portal.formats.workbooks import written_book
from portal.language import in_english


def template() -> bytes:
    """A workbook with every sheet, empty but for its headings, and one that explains the columns."""
    tables: dict[str, list[Sequence[Any]]] = {_name(sheet): [_headings(sheet)] for sheet in sheets()}
    return written_book({**tables, _("Explanation"): list(_explained())})


def _explained() -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = [
        [_("Sheet"), _("Column"), _("Kind of value"), _("Needed"), _("What it is")],
    ]
    for sheet in sheets():
        rows.append([_name(sheet), "", "", "", str(sheet.note)])
        rows += [_of_column(sheet, column) for column in sheet.columns]
    return rows


def _of_column(sheet: Sheet, column: Column) -> Sequence[Any]:
    kinds = {
        "text": _("Text"),
        "day": _("Day, such as 2026-10-05"),
        "month": _("Month, such as 2026-10"),
        "number": _("Whole number"),
        "amount": _("Whole number"),
        "choice": _("One of what is named"),
    }
    needed = _("yes") if column.required else ""
    return [_name(sheet), _heading(column), kinds[column.kind], needed, str(column.note)]


def _headings(sheet: Sheet) -> list[str]:
    return [_heading(column) for column in sheet.columns]


def _heading(column: Column) -> str:
    return column.key if in_english() else column.ja


def _name(sheet: Sheet) -> str:
    return sheet.key if in_english() else sheet.ja
