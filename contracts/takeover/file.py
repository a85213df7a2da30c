"""A file of running contracts as it was read: its sheets and columns known, its lines joined by contract."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.extensions.takeover import Column, Line, Sheet
from contracts.takeover.cells import UnreadableCellError, folded, from_json, plain, to_json, typed
from contracts.takeover.sheets import OLD_NUMBER, sheets
from portal.formats.sheets import Sheets

Said = dict[str, Any]
_EXPLAINING = ("説明", "explanation")
"""The sheet of the template that explains the others."""


@dataclass
class OldContract:
    """A contract of the file: the lines that belong to it, and what can't be read of them."""

    number: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    problems: list[Said] = field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        return {
            sheet: [
                {"row": line.row, "values": {key: to_json(value) for key, value in line.values.items()}}
                for line in lines
            ]
            for sheet, lines in self.lines.items()
        }

    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of all that its lines state, wherever they stand in the file."""
        return digest_of(self.stored())


@dataclass
class OldSystem:
    """All contracts of a file, in its order, and the lines that belong to none of them."""

    contracts: list[OldContract]
    loose: list[Said]


def digest_of(lines: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    stated = {
        sheet: [{key: value for key, value in line["values"].items() if value is not None} for line in found]
        for sheet, found in lines.items()
        if found
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def lines_of(stored: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Line]]:
    """The lines of a contract as they were stored, typed again."""
    known = {sheet.key: {column.key: column for column in sheet.columns} for sheet in sheets()}
    return {
        sheet: [
            Line(
                sheet,
                line["row"],
                {
                    key: from_json(known[sheet][key], value)
                    for key, value in line["values"].items()
                    if key in known[sheet]
                },
            )
            for line in lines
        ]
        for sheet, lines in stored.items()
        if sheet in known
    }


def read_old_system(found: Sheets) -> OldSystem:
    """The contracts of the sheets of a file.

    ValidationError for a file without the sheet of contracts, for a sheet that comes twice or lacks a column
    that is needed, and for headings of which two mean one column, or one means none.
    """
    tables = _known(found)
    contracts: dict[str, OldContract] = {}
    loose: list[Said] = []
    for sheet in sheets():
        for line, problems in _lines(sheet, tables.get(sheet.key, [])):
            number = line[OLD_NUMBER.key]
            if sheet.key == "contracts" and number:
                if number in contracts:
                    contracts[number].problems.append(_said(line, OLD_NUMBER.key, "number_twice"))
                    continue
                contracts[number] = OldContract(number)
            if not number or number not in contracts:
                loose.append(_said(line, OLD_NUMBER.key, "no_contract" if number else "old_number_missing"))
                continue
            contracts[number].lines.setdefault(sheet.key, []).append(line)
            contracts[number].problems += problems
    return OldSystem(list(contracts.values()), loose)


def _known(found: Sheets) -> dict[str, list[list[Any]]]:
    tables: dict[str, list[list[Any]]] = {}
    for name, rows in found:
        if not any(plain(cell) for row in rows for cell in row):
            continue
        if folded(name) in _EXPLAINING:
            continue
        sheet = _sheet_of(name, rows)
        if sheet is None:
            message = _("The sheet “%(name)s” is none of those that are known. Name it as in the template.")
            raise ValidationError(message % {"name": name}, "unknown_sheet")
        if sheet.key in tables:
            message = _("The sheet “%(name)s” comes twice.")
            raise ValidationError(message % {"name": sheet.ja}, "sheet_twice")
        tables[sheet.key] = rows
    if "contracts" not in tables:
        raise ValidationError(_("The file has no sheet of contracts (契約)."), "no_contracts")
    return tables


def _sheet_of(name: str, rows: Sequence[Sequence[Any]]) -> Sheet | None:
    """The sheet that is meant, by its name; else the one that has all of the headings."""
    for sheet in sheets():
        if folded(name) in (folded(sheet.key), folded(sheet.ja)):
            return sheet
    headings = {folded(cell) for cell in rows[0] if plain(cell)}
    fitting = [
        sheet
        for sheet in sheets()
        if headings <= _headings(sheet)
        and {column.key for column in sheet.columns if column.required}
        <= {_column(sheet, heading) for heading in headings}
    ]
    return fitting[0] if len(fitting) == 1 else None


def _headings(sheet: Sheet) -> set[str]:
    return {folded(heading) for column in sheet.columns for heading in (column.key, column.ja)}


def _column(sheet: Sheet, heading: str) -> str | None:
    for column in sheet.columns:
        if heading in (folded(column.key), folded(column.ja)):
            return column.key
    return None


def _columns(sheet: Sheet, headings: Sequence[Any]) -> dict[int, Column]:
    found: dict[int, Column] = {}
    for place, heading in enumerate(headings):
        if not plain(heading):
            continue
        key = _column(sheet, folded(heading).removesuffix("*"))
        about = {"sheet": sheet.ja, "column": plain(heading)}
        if key is None:
            message = _("Sheet %(sheet)s: the column “%(column)s” is none of those that are known.")
            raise ValidationError(message % about, "unknown_column")
        if key in {column.key for column in found.values()}:
            message = _("Sheet %(sheet)s: the column “%(column)s” comes twice.")
            raise ValidationError(message % about, "column_twice")
        found[place] = sheet.column(key)
    there = {column.key for column in found.values()}
    missing = [column.ja for column in sheet.columns if column.required and column.key not in there]
    if missing:
        message = _("Sheet %(sheet)s lacks columns: %(columns)s.")
        raise ValidationError(message % {"sheet": sheet.ja, "columns": "、".join(missing)}, "no_column")
    return found


def _lines(sheet: Sheet, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Line, list[Said]]]:
    if not rows:
        return
    columns = _columns(sheet, rows[0])
    for number, row in enumerate(rows[1:], 2):
        if not any(plain(cell) for cell in row):
            continue
        line, problems = Line(sheet.key, number, values := {}), []
        for place, column in columns.items():
            try:
                values[column.key] = typed(column, row[place] if place < len(row) else None)
            except UnreadableCellError as unreadable:
                values[column.key] = None
                about = {"written": plain(row[place])[:60], **unreadable.values}
                problems.append(_said(line, column.key, unreadable.key, **about))
                continue
            if column.required and values[column.key] is None:
                problems.append(_said(line, column.key, "missing"))
        beyond = [cell for place, cell in enumerate(row) if place not in columns and plain(cell)]
        if beyond:
            problems.append(_said(line, "", "beyond", written=plain(beyond[0])[:60]))
        yield line, problems


def _said(line: Line, column: str, key: str, **values: Any) -> Said:
    return {"sheet": line.sheet, "row": line.row, "column": column, "key": key, "values": values}
