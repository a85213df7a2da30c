"""The repository stands alone: what is in it, with nothing beside it, passes its tests."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
# What reads reference files where there are some. This module is not in it.
PART = [
    "tests/terms",
    "tests/rules",
    "tests/documents/test_jp_pint_rules.py",
    "tests/test_worked_examples.py",
]
FEWEST = 800


def git(*arguments: str | Path) -> str | None:
    """What git answers about the checkout; None where there is no git, or none of it."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return None
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else None


@pytest.fixture
def alone(tmp_path) -> Path:
    """The repository in a folder of its own: cloned, or copied where there are changes, or no git."""
    folder = tmp_path / "alone" / "portal"
    changes = git("status", "--porcelain")
    if changes is None:
        made = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*(name.rstrip("/") for name in made)))
    elif changes:
        for name in filter(None, git("ls-files", "-z").split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
    else:
        git("clone", "--quiet", ROOT, folder)
    return folder


def test_a_copy_with_nothing_beside_it_passes_and_says_what_it_left_out(alone):
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *PART]
    ran = subprocess.run(command, cwd=alone, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) >= FEWEST
    assert int(re.search(r"^(\d+) tests were left out", ran.stdout, re.MULTILINE)[1]) > 0
