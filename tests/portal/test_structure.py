"""How the code is laid out: folders that can be taken in, imports in one direction."""

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

MOST_MODULES = 20
LONGEST_CHAIN = 20


@pytest.fixture(scope="module")
def structure() -> dict:
    return runpy.run_path(str(settings.BASE_DIR / "scripts" / "structure.py"))


def test_no_folder_holds_more_than_can_be_taken_in(structure):
    folders = structure["modules_by_folder"]()
    assert {folder: count for folder, count in folders.items() if count > MOST_MODULES} == {}


def test_imports_make_no_circle_and_no_longer_chain(structure):
    found = structure["imports"]()
    assert structure["cycle"](found) == []
    assert len(structure["longest_chain"](found)) <= LONGEST_CHAIN


def test_the_way_of_a_cancellation_leads_from_its_view_through_its_rule(db):
    walk = runpy.run_path(str(settings.BASE_DIR / "scripts" / "walk.py"))
    modules = walk["send_cancellation"]()
    assert modules[0].startswith("contracts.views.")
    assert "contracts.rules.life.cancellation" in modules
    assert len(modules) == len(set(modules))


def imported(file: Path) -> Iterator[str]:
    """The names of modules, and of what may be modules, that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_test_module_is_imported():
    """What tests share lies in scene modules and in fixtures, where nobody changes it for one test alone."""
    found = {
        f"{file.relative_to(settings.BASE_DIR)}: {name}"
        for file in (settings.BASE_DIR / "tests").rglob("*.py")
        for name in imported(file)
        if name.startswith("tests.") and any(part.startswith("test_") for part in name.split("."))
    }
    assert found == set()
