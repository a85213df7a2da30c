"""The table of OWASP ASVS 5.0 in docs/security.md: complete, as its data say, and what it names is there."""

import re
import runpy
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
IN_THE_STANDARD = {"1": 70, "2": 183}
"""Requirements by level, in ASVS 5.0.0."""
FILES = re.compile(
    r"`((?:portal|contracts|billing|docs|templates|static|tests|scripts)/[\w./-]*|requirements.txt)`"
)


@pytest.fixture(scope="module")
def asvs() -> dict:
    return runpy.run_path(str(ROOT / "scripts/asvs.py"))


def test_every_requirement_of_levels_1_and_2_has_its_row(asvs):
    every = asvs["requirements"]()
    assert Counter(one.level for one in every) == IN_THE_STANDARD
    numbers = [[int(part) for part in one.number.split(".")] for one in every]
    assert numbers == sorted(numbers)
    assert len({one.number for one in every}) == len(every)


def test_the_page_shows_what_the_data_say(asvs):
    page = asvs["PAGE"].read_text(encoding="utf-8")
    assert page == asvs["with_table"](page, asvs["table"](asvs["requirements"]()))


def test_each_row_says_where_or_why_not(asvs):
    for one in asvs["requirements"]():
        assert one.state in asvs["STATES"], one
        assert one.asked, one
        assert one.where, one


def test_what_the_table_names_is_there(asvs):
    missing = []
    for one in asvs["requirements"]():
        file, _colons, test = one.shown.partition("::")
        if file and not (ROOT / file).exists():
            missing.append((one.number, file))
        elif test and f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8"):
            missing.append((one.number, one.shown))
        missing += [(one.number, name) for name in FILES.findall(one.where) if not (ROOT / name).exists()]
    assert missing == []
