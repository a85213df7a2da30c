"""Tables as people bring them, for tests."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from openpyxl import Workbook, load_workbook

from contracts.models import Provider
from portal.organisations.models import User
from portal.tables_in.bringing import show_table, take_in
from portal.tables_in.kinds import kind_named
from portal.tables_in.models import TableImport

Cells = Sequence[Any]
Brought = Iterable[Cells] | bytes


def as_csv(rows: Iterable[Cells], encoding: str = "utf-8") -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode(encoding)


def as_workbook(rows: Iterable[Cells]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def rows_of(content: bytes) -> list[list[Any]]:
    """The rows of the first sheet of a workbook."""
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].rows]


def shown(kind: str, rows: Brought, staff: User, provider: Provider | None = None) -> TableImport:
    """A table as it is shown to staff, before it is taken in."""
    found = kind_named(kind)
    assert found is not None
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    return show_table(found, provider or Provider.objects.get(), "表.csv", content, staff, now())


def taken(kind: str, rows: Brought, staff: User, provider: Provider | None = None) -> TableImport:
    """A table that staff brought, looked at and took in."""
    table = shown(kind, rows, staff, provider)
    return take_in(table, staff, table.digest, now())


def outcomes(table: TableImport) -> list[str]:
    return [row["outcome"] for row in table.rows]


def reasons(table: TableImport) -> list[str]:
    return [f"{column}: {text}" if column else text for row in table.rows for column, text in row["reasons"]]


def bring(client: Client, kind: str, rows: Brought, name: str = "表.csv") -> Any:
    """The page that shows what becomes of a file, or the form with what is wrong with it."""
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    sent = {"provider": Provider.objects.get().pk, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("table", args=[kind]), sent, follow=True)
