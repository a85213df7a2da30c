"""Files of usage for django-import-export: its formats, and the resource that takes the rows."""

from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset

from billing.models import RefusedUsage, UsageImport, UsageRecord
from billing.pricing.usage_rows import (
    COLUMNS,
    ReadRow,
    Refusal,
    UsageChecks,
    column_name,
    heading_of,
    read_row,
)
from contracts.models import Contract
from portal.formats.tables import Rows, read_csv, read_workbook
from portal.limits.reading import read_apart
from portal.organisations.models import User
from portal.staffing.reach import within

_SHOWN_OF_TAKEN, _SHOWN_OF_OTHERS = 50, 1000


class JapaneseCSV(CSV):
    """CSV as UTF-8, or as Shift_JIS the way Windows writes it; read in a process of its own."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **options: Any) -> Dataset:
        """UnicodeDecodeError for a file that is neither; TooLargeTableError, TooMuchToReadError."""
        return _dataset(read_apart(read_csv, in_stream))


class BoundedXLSX(XLSX):
    """The first sheet of a workbook, read in a process of its own."""

    def create_dataset(self, in_stream: bytes) -> Dataset:
        """TooLargeTableError, TooMuchToReadError; others for what is no workbook."""
        return _dataset(read_apart(read_workbook, in_stream))


FORMATS = [JapaneseCSV, BoundedXLSX]


def _dataset(rows: Rows) -> Dataset:
    """A table with headings; short rows are filled up, rows without any cell left out."""
    headings, *others = rows or [[]]
    width = len(headings)
    return Dataset(*(row + [""] * (width - len(row)) for row in others if row), headers=headings)


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
        dataset.headers = [column_name(heading) for heading in dataset.headers or ()]
        missing = [name for name in COLUMNS if name not in dataset.headers]
        if missing:
            dataset.wipe()
            raise ValidationError(
                _("The file needs columns that are missing: %(columns)s.") % {"columns": ", ".join(missing)}
            )
        self._rows = [read_row(row) for row in dataset.dict]
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
            # The heading is the first line of the file.
            self._refused.append((kwargs["row_number"] + 1, row, problems))
            reasons = " ".join(str(problem.label) for problem in problems)
            return _shown(result, RowResult.IMPORT_TYPE_SKIP, row, reasons)
        self._checks.taken(read)
        self._taken += 1
        if not kwargs["dry_run"]:
            self.create_instances.append(self._record(read))
        return _shown(result, RowResult.IMPORT_TYPE_NEW, row, _("Taken"))

    def get_diff_headers(self) -> list[str]:
        return [
            _("Outcome"),
            _("Reference"),
            _("Contract number"),
            _("Product"),
            _("Month of use"),
            _("Quantity"),
            _("Day of use"),
        ]

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        """For the preview: what is not taken first, and only so much that a page can show it."""
        result.counts = self.counts
        taken = [row for row in result.rows if row.import_type == RowResult.IMPORT_TYPE_NEW]
        others = [row for row in result.rows if row.import_type != RowResult.IMPORT_TYPE_NEW]
        result.rows = [*others[:_SHOWN_OF_OTHERS], *taken[:_SHOWN_OF_TAKEN]]

    def _record(self, row: ReadRow) -> UsageRecord:
        values: dict[str, Any] = {
            "contract": self._checks.contract(row),
            "product": row.product,
            "month": row.month and row.month.first,
            "quantity": row.quantity,
            "occurred_on": row.occurred_on,
            "reference": row.reference,
            "imported": self._imported,
        }
        return UsageRecord(**values)


def _shown(result: RowResult, import_type: str, row: dict[str, Any], outcome: str) -> RowResult:
    result.import_type = import_type
    result.diff = [outcome, *("" if row.get(name) is None else str(row[name]) for name in COLUMNS)]
    return result
