"""A database after all migrations: made once, and copied for each run of the tests that it fits."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

KEPT = settings.BASE_DIR / ".pytest_cache" / "migrated"

# What a migrated database holds follows from these; the rights of staff are given after migrating.
MADE_FROM = (
    *(
        f"{app}/**/{name}"
        for app in ("billing", "contracts", "portal")
        for name in ("migrations/*.py", "models.py", "models/*.py")
    ),
    "portal/frozen.py",
    "portal/imprint/defaults/*.md",
    "portal/organisations/roles.py",
    "portal/staff/rights.py",
    "requirements.txt",
)


def copy_to(target: Path) -> None:
    """Copy a migrated SQLite database to a path. Several runs at once wait for the one that makes it."""
    with _alone():
        made = KEPT / f"{_digest()}.sqlite3"
        if not made.exists():
            for earlier in KEPT.glob("*.sqlite3"):
                earlier.unlink()
            _migrate(made)
        shutil.copyfile(made, target)


@contextmanager
def _alone() -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(made: Path) -> None:
    with TemporaryDirectory() as var:
        database = Path(var) / "made.sqlite3"
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PORTAL_VAR": var, "DATABASE_URL": f"sqlite:///{database}"},
            check=True,
        )
        shutil.move(database, made)


def _digest() -> str:
    read = sha256()
    for file in sorted({file for pattern in MADE_FROM for file in settings.BASE_DIR.glob(pattern)}):
        read.update(f"{file.relative_to(settings.BASE_DIR)}\n".encode() + file.read_bytes())
    return read.hexdigest()
