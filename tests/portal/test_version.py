"""The portal says which release it is."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from portal import __version__
from portal.organisations.roles import StaffRole

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("asked", ["--version", "version"])
def test_the_command_line_says_the_version_of_the_portal_not_of_django(asked):
    answer = subprocess.run(
        [sys.executable, "manage.py", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout == f"{__version__}\n"


def test_staff_see_the_version_on_their_first_page(make_staff, signed_in):
    page = signed_in(make_staff("new@provider.example", StaffRole.RECEPTION)).get(reverse("admin:index"))
    assert f"ポータルのバージョン：{__version__}" in page.content.decode()


def test_the_changelog_begins_with_what_the_version_says():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in changelog.splitlines() if line.startswith("## "))
    assert newest.startswith("## Unreleased" if "dev" in __version__ else f"## {__version__} (")
