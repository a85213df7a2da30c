"""Files of usage for django-import-export: its formats, and the resource that takes the rows."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset

from billing.models import RefusedUsage, UsageImport, UsageRecord
from billing.pricing.usage_rows import (
    COLUMN_LABELS,
    COLUMNS,
    ReadRow,
    Refusal,
    UsageChecks,
    column_name,
    heading_of,
    headings_of,
    is_amount,
    read_row,
)
from contracts.models import Contract
from portal.formats.book_reading import read_workbook
from portal.formats.tables import read_csv
from portal.limits.reading import read_apart
from portal.organisations.models import User
from portal.staffing.reach import within

_WORKBOOK = b"PK\x03\x04"
_SHOWN_OF_TAKEN, _SHOWN_OF_OTHERS = 50, 1000


class JapaneseCSV(CSV):
    """CSV as UTF-8, or as Shift_JIS the way Windows writes it; a workbook under that name is read as one."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **options: Any) -> Dataset:
        """As for `read_usage`."""
        return read_usage(in_stream)


class BoundedXLSX(XLSX):
    """The first sheet of a workbook; CSV under that name is read as such."""

    def create_dataset(self, in_stream: bytes) -> Dataset:
        """As for `read_usage`."""
        return read_usage(in_stream)


FORMATS = [JapaneseCSV, BoundedXLSX]


class UsageTable(Dataset):
    """Rows of usage with the numbers that they have in their file, from 1 for its first row."""

    numbers: Sequence[int] = ()


def read_usage(content: bytes) -> UsageTable:
    """A file of usage, read in a process of its own, as what it is: a workbook, or else CSV.

    Headings are the first row that holds anything. Rows without any value are left out, as sheets have them
    that were ruled to their end; short rows are filled up. ValidationError for a file that holds nothing, or
    headings alone; UnicodeDecodeError, TooLargeTableError, TooMuchToReadError; others for what is no table.
    """
    read = read_workbook if content.startswith(_WORKBOOK) else read_csv
    rows = [(number, row) for number, row in enumerate(read_apart(read, content), 1) if _holds_anything(row)]
    if not rows:
        raise _empty()
    if len(rows) == 1:
        raise ValidationError(_("The file has a row of headings, and no other row."), code="no_rows")
    headings = rows[0][1]
    width = len(headings)
    table = UsageTable(*(row + [""] * (width - len(row)) for _number, row in rows[1:]), headers=headings)
    table.numbers = [number for number, _row in rows[1:]]
    return table


def _holds_anything(row: list[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


class UsageResource(ModelResource):
    """Takes the rows of a file. Without an import to belong to it only shows what would happen.

    Where `staff` bring it, rows are of contracts of the providers that they work for.
    Nothing that is wrong in a row stops the others: `counts` says how many were taken, known already and
    refused, `refused_rows` gives the last ones with their reasons.
    """

    class Meta:
        model = UsageRecord
        fields = COLUMNS
        import_id_fields = ("reference",)
        use_bulk = True
        batch_size = 500
        report_skipped = True
        skip_diff = True

    def get_user_visible_fields(self) -> list[Any]:
        """What the page says of the columns; it reads their names alone."""
        return [SimpleNamespace(column_name=heading_of(name)) for name in COLUMNS]

    def __init__(
        self, imported: UsageImport | None = None, staff: User | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self._imported = imported
        self._staff = staff
        self._rows: list[ReadRow] = []
        self._numbers: Sequence[int] = ()
        self._refused: list[tuple[int, dict[str, Any], list[Refusal]]] = []
        self._taken = self._known = 0

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many rows were taken, known already, refused."""
        return self._taken, self._known, len(self._refused)

    def refused_rows(self) -> list[RefusedUsage]:
        return [
            RefusedUsage(
                imported=self._imported,
                row_number=number,
                values={name: "" if value is None else str(value) for name, value in values.items()},
                reasons=[str(problem) for problem in problems],
            )
            for number, values, problems in self._refused
        ]

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        headings = dataset.headers or []
        columns = [column_name(heading) for heading in headings]
        if problem := _problem_of(headings, columns):
            dataset.wipe()
            raise problem
        dataset.headers = columns
        amounts = is_amount(headings[columns.index("quantity")])
        self._rows = [read_row(row, amounts=amounts) for row in dataset.dict]
        self._numbers = getattr(dataset, "numbers", ()) or range(2, len(self._rows) + 2)
        contracts = Contract.objects.all()
        self._checks = UsageChecks(self._rows, within(self._staff, contracts) if self._staff else contracts)

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        read = self._rows[kwargs["row_number"] - 1]
        result = self.get_row_result_class()()
        if not read.problems and self._checks.is_known(read):
            self._known += 1
            return _shown(result, RowResult.IMPORT_TYPE_SKIP, row, _("Known already; not counted again."))
        problems = self._checks.problems(read)
        if problems:
            self._refused.append((self._numbers[kwargs["row_number"] - 1], row, problems))
            reasons = " ".join(str(problem.label) for problem in problems)
            return _shown(result, RowResult.IMPORT_TYPE_SKIP, row, reasons)
        self._checks.taken(read)
        self._taken += 1
        if not kwargs["dry_run"]:
            self.create_instances.append(self._record(read))
        return _shown(result, RowResult.IMPORT_TYPE_NEW, row, pgettext("row of usage", "Taken"))

    def get_diff_headers(self) -> list[str]:
        return [_("Outcome"), *(str(label) for label in COLUMN_LABELS.values())]

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        """For the preview: what is not taken first, and only so much that a page can show it."""
        result.counts = self.counts
        taken = [row for row in result.rows if row.import_type == RowResult.IMPORT_TYPE_NEW]
        others = [row for row in result.rows if row.import_type != RowResult.IMPORT_TYPE_NEW]
        result.rows = [*others[:_SHOWN_OF_OTHERS], *taken[:_SHOWN_OF_TAKEN]]

    def _record(self, row: ReadRow) -> UsageRecord:
        return record_of(row, self._checks.contract(row), self._imported)


def record_of(row: ReadRow, contract: Contract | None, imported: UsageImport | None) -> UsageRecord:
    """The record of a row that nothing is wrong with."""
    values: dict[str, Any] = {
        "contract": contract,
        "product": row.product,
        "month": row.month and row.month.first,
        "quantity": row.quantity,
        "occurred_on": row.occurred_on,
        "reference": row.reference,
        "imported": imported,
    }
    return UsageRecord(**values)


def _empty() -> ValidationError:
    return ValidationError(_("The file is empty."), code="empty")


def _problem_of(headings: Sequence[Any], columns: Sequence[str]) -> ValidationError | None:
    """What is wrong with the headings of a file as a whole."""
    if not headings:
        return _empty()
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        text = _("The file needs columns that are missing: %(columns)s.")
        return ValidationError(text % {"columns": ", ".join(missing)}, code="column_missing")
    if twice := headings_of(columns, headings):
        text = _("Several headings of the file mean one column: %(headings)s. Keep the one that is meant.")
        named = " / ".join(", ".join(alike) for alike in twice.values())
        return ValidationError(text % {"headings": named}, code="columns_alike")
    return None


def _shown(result: RowResult, import_type: str, row: dict[str, Any], outcome: str) -> RowResult:
    result.import_type = import_type
    result.diff = [outcome, *("" if row.get(name) is None else str(row[name]) for name in COLUMNS)]
    return result
