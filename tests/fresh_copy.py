"""A fresh copy of the project, with nothing beside it: what somebody has who has just cloned it."""

import shutil
import subprocess
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def copy_into(folder: Path) -> Path:
    """Put the project into a new folder, which comes back.

    It is cloned, or copied where there are changes that are not committed, or no git.
    """
    changes = _git("status", "--porcelain")
    if changes is None:
        made = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*(name.rstrip("/") for name in made)))
    elif changes:
        listed = _git("ls-files", "--cached", "--others", "--exclude-standard", "-z") or ""
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
    else:
        _git("clone", "--quiet", ROOT, folder)
    return folder


def _git(*arguments: str | Path) -> str | None:
    """What git answers about the checkout; None where there is no git, or none of it."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return None
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else None
