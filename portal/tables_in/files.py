"""Files for who brings tables in: templates with an example and notes, and what is stored as such a table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.formats.workbooks import Cell, Sheet, csv_file, workbook
from portal.tables_in.kinds import Desk, TableKind
from portal.tables_in.reading import COMMENT


@dataclass(frozen=True)
class Format:
    """A format that tables are written in: what browsers call it, and how it is written."""

    content_type: str
    write: Callable[[list[Sheet]], bytes]


FORMATS = {
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
    "csv": Format("text/csv; charset=utf-8", lambda sheets: csv_file(sheets[0])),
}


def template_of(kind: TableKind, file_format: str) -> bytes:
    """A file to fill in: headings, an example that is no row, and in a workbook a sheet of notes."""
    example = [column.cell(column.example) for column in kind.columns]
    return FORMATS[file_format].write([_sheet(kind, [_as_comment(example)]), _notes(kind)])


def stored_as_table(kind: TableKind, desk: Desk, file_format: str) -> bytes:
    """All that is stored and somebody reaches; brought in again, it changes nothing."""
    rows = ([column.cell(row.get(column.key)) for column in kind.columns] for row in kind.stored(desk))
    return FORMATS[file_format].write([_sheet(kind, rows), _notes(kind)])


def _sheet(kind: TableKind, rows: Iterable[list[Cell]]) -> Sheet:
    return Sheet(str(kind.label)[:31], [str(column.heading) for column in kind.columns], rows)


def _as_comment(example: list[Cell]) -> list[Cell]:
    first, *others = example
    return [f"{COMMENT}{_('Example')} {first}", *others]


def _notes(kind: TableKind) -> Sheet:
    rows: list[list[Cell]] = [
        [str(column.heading), _("Required") if column.required else "", str(column.help)]
        for column in kind.columns
    ]
    rows.append(["", "", _("A row whose first cell begins with ※ is not read.")])
    return Sheet(_("Notes"), [_("Column"), _("Required"), _("What to write")], rows)
