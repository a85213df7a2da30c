"""What becomes of each row of a table: tried out and taken back, or done, by django-import-export."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext as _
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import Result, RowResult
from tablib import Dataset

from portal.formats.tables import Rows
from portal.tables_in.columns import Column
from portal.tables_in.kinds import Desk, Outcome, Row, TableKind
from portal.tables_in.reading import COMMENT, cell_text

_log = logging.getLogger(__name__)
_PLACE = "place"


@dataclass(frozen=True)
class Plan:
    """What becomes of the rows of a table."""

    rows: Sequence[Row]
    digest: str

    @property
    def counts(self) -> dict[Outcome, int]:
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in Outcome}


def carried_out(kind: TableKind, content: Rows, desk: Desk, *, for_good: bool) -> Plan:
    """Carry out what the rows of a file ask for; unless it is for good, all of it is taken back.

    ValidationError for a file whose headings can't be understood, or that has no or too many rows.
    """
    rows = rows_of(kind, content)
    resource = TableResource(kind, desk, rows)
    result = resource.import_data(resource.table(), dry_run=not for_good, use_transactions=True)
    if errors := [*result.base_errors, *(one for _number, some in result.row_errors() for one in some)]:
        for failed in errors:
            _log.error("A table of the kind %s failed", kind.key, exc_info=failed.error)
        raise ValidationError(_failed())
    return Plan(rows, _digest(kind, rows))


def rows_of(kind: TableKind, content: Rows) -> list[Row]:
    """The rows of a file by the columns of a kind, without those that are empty or notes for people."""
    numbered = [(number, [cell_text(cell) for cell in cells]) for number, cells in enumerate(content, 1)]
    filled = [
        (number, texts)
        for number, texts in numbered
        if any(texts) and not str(content[number - 1][0] or "").lstrip().startswith(COMMENT)
    ]
    if not filled:
        raise ValidationError(_("This table is empty. Its first row has to hold the headings."))
    columns = _columns(kind, filled[0][1])
    rows = [_row(number, texts, columns) for number, texts in filled[1:]]
    if not rows:
        raise ValidationError(_("There is no row below the headings."))
    if len(rows) > kind.most_rows:
        text = _("The table has %(count)s rows; at most %(most)s can be brought in at once. Divide it.")
        raise ValidationError(text % {"count": f"{len(rows):,}", "most": f"{kind.most_rows:,}"})
    _refuse_doubles(kind, rows)
    return rows


def _columns(kind: TableKind, headings: Sequence[str]) -> dict[int, Column | None]:
    """The columns by their places, None without a heading; ValidationError names all that is wrong."""
    found: dict[int, Column | None] = {}
    unknown = []
    for place, heading in enumerate(headings):
        column = next((one for one in kind.columns if one.is_headed(heading)), None)
        if column is None and heading:
            unknown.append(heading[:50])
        found[place] = column
    there = Counter(column.key for column in found.values() if column)
    problems = []
    if unknown:
        known = _(", ").join(str(column.heading) for column in kind.columns)
        text = _("These headings are not known: %(headings)s. Known are: %(known)s.")
        problems.append(text % {"headings": _(", ").join(unknown), "known": known})
    if missing := [column for column in kind.columns if column.required and column.key not in there]:
        text = _("These columns are missing: %(headings)s.")
        problems.append(text % {"headings": _(", ").join(str(column.heading) for column in missing)})
    for key, count in there.items():
        if count > 1:
            text = _("Several columns are headed “%(heading)s”. Leave the one that is meant.")
            problems.append(text % {"heading": kind.column(key).heading})
    if problems:
        raise ValidationError(problems)
    return found


def _row(number: int, texts: Sequence[str], columns: dict[int, Column | None]) -> Row:
    row = Row(number, {})
    for place in range(max(len(texts), len(columns))):
        text, column = texts[place] if place < len(texts) else "", columns.get(place)
        if column is None:
            if text:
                row.refuse(_("“%(text)s” stands in a column without a heading.") % {"text": text[:50]})
            continue
        row.texts[column.key] = text
        try:
            row.values[column.key] = column.read(text)
        except ValidationError as error:
            row.refuse(" ".join(error.messages), column.key)
    return row


def _refuse_doubles(kind: TableKind, rows: Sequence[Row]) -> None:
    """The same row again is told of and does nothing; another row of the same name is refused."""
    first: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        name = tuple(row.values.get(key) for key in kind.once)
        if not any(name) or row.problems:
            continue
        before = first.setdefault(name, row)
        if before is not row:
            named = _(", ").join(str(kind.column(key).heading) for key in kind.once if row.values.get(key))
            text = _("Row %(row)s has the same already: %(columns)s. Leave one of the two.")
            row.refuse(text % {"row": before.number, "columns": named})


class _Loader(BaseInstanceLoader):  # type: ignore[misc]
    """Finds what is stored of a row, as its kind has looked it up."""

    def get_instance(self, row: Any) -> Row | None:
        found: Row = self.resource.rows[row[_PLACE]]
        return found if found.now is not None else None


class TableResource(Resource):  # type: ignore[misc]
    """The rows of a table; what they ask for is carried out by the operations of their kind."""

    class Meta:
        using_db = "default"
        import_id_fields = ()
        instance_loader_class = _Loader
        skip_diff = True

    def __init__(self, kind: TableKind, desk: Desk, rows: Sequence[Row]) -> None:
        super().__init__()
        self.kind, self.desk, self.rows = kind, desk, rows

    def table(self) -> Dataset:
        return Dataset(*((place,) for place in range(len(self.rows))), headers=[_PLACE])

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        self.kind.look_up(self.rows, self.desk)
        for row in self.rows:
            self._leave_as_stored(row)

    def _leave_as_stored(self, row: Row) -> None:
        """A cell that says what is stored changes nothing, though it would be refused by today's rules."""
        for key, text in row.texts.items() if row.now is not None else ():
            stored = (row.now or {}).get(key)
            if text == self.kind.column(key).says(stored):
                row.values[key] = stored
                row.problems = [problem for problem in row.problems if problem.column != key]

    def init_instance(self, row: Any = None) -> Row:
        found: Row = self.rows[row[_PLACE]]
        return found

    def skip_row(self, instance: Row, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return instance.outcome == Outcome.UNCHANGED

    def validate_instance(self, instance: Row, *args: Any, **kwargs: Any) -> None:
        if instance.problems:
            raise ValidationError([problem.text for problem in instance.problems])

    def save_instance(self, instance: Row, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing yet: what belongs together is carried out together, in the end."""

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        for unit in self._units():
            self._carry_out(unit)
        for row, told in zip(self.rows, result.rows, strict=False):
            if row.problems:
                told.import_type = RowResult.IMPORT_TYPE_INVALID

    def _units(self) -> Iterator[list[Row]]:
        units: dict[Hashable, list[Row]] = {}
        for row in self.rows:
            units.setdefault(self.kind.unit_of(row), []).append(row)
        return iter(units.values())

    def _carry_out(self, unit: list[Row]) -> None:
        if any(row.problems for row in unit):
            self._refuse(
                [row for row in unit if not row.problems],
                _("Another row that belongs to this one is refused; they are taken in together."),
            )
        elif any(row.outcome != Outcome.UNCHANGED for row in unit):
            self._bring(unit)

    def _bring(self, unit: list[Row]) -> None:
        """An operation may refuse; whatever else goes wrong is told in the log, and refused too."""
        try:
            with transaction.atomic():
                self.kind.bring(unit, self.desk)
        except ValidationError as error:
            for row in unit:
                row.refuse_as(error, row.texts)
        except PermissionDenied:
            self._refuse(unit, _("You have no right to do this. Ask a colleague who has it."))
        except IntegrityError:
            self._refuse(unit, _("Somebody stored the same at this moment. Bring the table in again."))
        except (DatabaseError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
            _log.exception("A row of a table of the kind %s failed", self.kind.key)
            self._refuse(unit, _failed())

    def _refuse(self, rows: Sequence[Row], text: str) -> None:
        for row in rows:
            row.refuse(text)


def _failed() -> str:
    return _("Something went wrong that should not. Nothing was stored; please tell who runs the portal.")


def _digest(kind: TableKind, rows: Sequence[Row]) -> str:
    """The SHA-256, in hexadecimal, of what becomes of the rows, in whatever language they are shown."""
    stated = [
        [
            row.number,
            row.outcome.value,
            row.texts,
            {key: str((row.now or {}).get(key)) for key in row.changes},
        ]
        for row in rows
    ]
    return hashlib.sha256(json.dumps([kind.key, stated], sort_keys=True).encode()).hexdigest()
