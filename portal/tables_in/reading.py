"""Files of tables as they come: recognised by what they hold, read apart, refused in words."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.formats.book_reading import UnclearCellsError, read_workbook
from portal.formats.cells import FORMULA_STARTS
from portal.formats.tables import Limit, Rows, TooLargeTableError, read_csv
from portal.formats.written import text_of
from portal.limits.reading import TOO_MUCH, TooMuchToReadError, read_apart

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
COMMENT = "※"
"""A row whose first cell begins so is a note for people."""

_BEYOND: Mapping[Limit, Any] = {
    "size": gettext_lazy("The file is larger than %(most)s MB. Divide it."),
    "content": gettext_lazy("The content of the workbook is larger than %(most)s MB. Divide it."),
    "rows": gettext_lazy(
        "The file has more than %(most)s rows; empty ones count. Divide it, or delete empty rows."
    ),
    "columns": gettext_lazy(
        "A row has more than %(most)s columns; empty ones count. Delete what is not needed."
    ),
    "sheets": gettext_lazy("There are more than %(most)s sheets. Divide them."),
}

_UNCLEAR = {
    "merged": gettext_lazy(
        "Sheet “%(sheet)s”: cells %(cells)s are merged. Unmerge them, and fill in each row."
    ),
    "formula": gettext_lazy(
        "Sheet “%(sheet)s”: the formula in %(cells)s has no result. Open the file in a spreadsheet program,"
        " and save it again."
    ),
}

UNREAD = (TooLargeTableError, TooMuchToReadError, UnclearCellsError)
"""Why a file is not read that may well be a table."""


def read_table(content: bytes) -> Rows:
    """The rows of a CSV file or a workbook, whatever its name says.

    ValidationError for what is neither, and for what is larger than tables may be.
    """
    if content.startswith(_OLD_EXCEL):
        raise ValidationError(
            _("This workbook is protected, or of an old format (.xls). Save it as .xlsx without a password.")
        )
    is_workbook = content.startswith(_ZIP)
    try:
        return read_apart(read_workbook if is_workbook else read_csv, content)
    except UNREAD as error:
        raise ValidationError(why_unread(error)) from error
    except Exception as error:  # the readers of such files raise whatever they meet
        raise ValidationError(_unreadable(is_workbook)) from error


def why_unread(error: TooLargeTableError | TooMuchToReadError | UnclearCellsError) -> str:
    """What a file has too much of, or which cells leave open what they say, and what to do."""
    if isinstance(error, TooMuchToReadError):
        return str(TOO_MUCH)
    if isinstance(error, TooLargeTableError):
        return str(_BEYOND[error.limit]) % {"most": f"{error.most:,}"}
    return str(_UNCLEAR[error.kind]) % {"sheet": error.sheet, "cells": error.cells}


def _unreadable(is_workbook: bool) -> str:
    if is_workbook:
        return _("This can't be read as a workbook. Save it anew as .xlsx in its program.")
    return _("This can't be read as a table. Save it as .xlsx, or as CSV in UTF-8 or Shift_JIS.")


def cell_text(value: Any) -> str:
    """What a cell says, as somebody would type it."""
    return _unguarded(_UNWRITABLE.sub("", text_of(value)).strip())


def guarded(text: str) -> str:
    """A text for a cell that `cell_text` gives back, though it begins as a note or with the mark itself.

    What would become a formula gets the same mark from who writes the file.
    """
    return f"'{text}" if text.startswith((COMMENT, "'")) else text


def _unguarded(text: str) -> str:
    """Without the ' in front that keeps a text from becoming something else."""
    guards = text.startswith("'") and text[1:].startswith((*FORMULA_STARTS, COMMENT, "'"))
    return text[1:] if guards else text
