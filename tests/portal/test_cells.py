"""No cell of a spreadsheet that leaves the portal becomes a formula, whoever wrote it."""

import ast
import csv
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings
from openpyxl import load_workbook

from billing.documents.archive import INDEX, INDEX_XLSX, archive
from portal.formats.cells import csv_line, harmless
from portal.formats.workbook import Yen

ONE_WRITER = "portal/formats/cells.py"
NOT_FOR_SPREADSHEETS = {"contracts/management/commands/national_holidays.py"}
"""Writes a file of the project, which the project reads."""
NOTHING_LEAVES = {
    "portal/demo/money.py",
    "portal/lives/events/bills.py",
    "portal/tables_in/rehearsing.py",
}
"""Make tables that are taken in."""
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]


def source_files() -> Iterator[tuple[str, ast.Module]]:
    for package in ("portal", "contracts", "billing"):
        for file in (settings.BASE_DIR / package).rglob("*.py"):
            name = file.relative_to(settings.BASE_DIR).as_posix()
            yield name, ast.parse(Path(file).read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> set[str]:
    """What a module calls, by the last part of its name."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {getattr(one, "attr", getattr(one, "id", "")) for one in called}


def imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_one_function_writes_all_csv():
    writers = {
        name
        for name, tree in source_files()
        if any(module.partition(".")[0] == "csv" for module in imports(tree))
        and calls(tree) & {"writer", "DictWriter", "writerow", "writerows"}
    }
    assert writers == {ONE_WRITER} | NOT_FOR_SPREADSHEETS


def test_who_makes_a_workbook_knows_the_rule():
    makers = {
        name
        for name, tree in source_files()
        if calls(tree) & {"Workbook", "Dataset", "Databook"}
        and not any(module.startswith("portal.formats.cells.") for module in imports(tree))
    }
    assert makers == NOTHING_LEAVES


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_would_be_a_formula_is_a_text(formula):
    assert harmless(formula) == f"'{formula}"
    (cells,) = csv.reader([csv_line([formula, "山田商事", -5])])
    assert cells == [f"'{formula}", "山田商事", "-5"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_index_of_a_zip_holds_no_formula(formula):
    """The name of a recipient is the customer's own."""
    amounts = (Yen(1), Yen(1), Yen(2))
    row = ("請求書", "I-1", "2026-11-20", formula, "X", "C-1", "S", "2026-10", *amounts, *[""] * 5)
    with ZipFile(BytesIO(b"".join(archive(lambda missing: [row], [])))) as zipped:
        text = zipped.read(INDEX).decode("utf-8-sig")
        cell = load_workbook(BytesIO(zipped.read(INDEX_XLSX))).active["D2"]
    assert csv_line([formula, "X"]).rstrip() in text
    assert (cell.data_type, cell.value) == ("s", f"'{formula}".replace("\r", "\n"))
