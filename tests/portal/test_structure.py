"""How the code is laid out: folders that can be taken in, imports in one direction."""

import runpy

import pytest
from django.conf import settings

MOST_MODULES = 20
LONGEST_CHAIN = 36  # to become 20


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
