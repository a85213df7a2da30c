"""Rules come from data: no code asks for a service by its name."""

import re
from pathlib import Path

import pytest

from portal.catalog import CATALOG

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    file
    for package in ("portal", "contracts", "billing", "templates", "static/js")
    for file in (ROOT / package).rglob("*")
    if file.suffix in (".py", ".html", ".txt", ".js") and "catalog" not in file.parts
]
SLUGS = [folder.name for folder in CATALOG.iterdir() if folder.is_dir()]


def test_there_is_code_to_look_at():
    assert len(CODE) > 100
    assert len(SLUGS) == 5


@pytest.mark.parametrize("slug", SLUGS)
def test_no_code_names_a_service(slug):
    named = re.compile(rf"(?<![\w-]){re.escape(slug)}(?![\w-])")
    assert [str(file.relative_to(ROOT)) for file in CODE if named.search(file.read_text("utf-8"))] == []
