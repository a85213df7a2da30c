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
        made = _made_for("sqlite3")
        if not made.exists():
            with TemporaryDirectory() as folder:
                database = Path(folder) / "made.sqlite3"
                _migrate(f"sqlite:///{database}")
                shutil.move(database, made)
        shutil.copyfile(made, target)


def restore_to(server: str, name: str) -> None:
    """Make a migrated database of that name on a PostgreSQL server, anew where there is one.

    `server` is the address of its cluster, such as `postgres://portal@127.0.0.1:5432`.
    """
    address = f"{server}/{name}"
    _run(
        "psql",
        "-qc",
        f'DROP DATABASE IF EXISTS "{name}"',
        "-c",
        f'CREATE DATABASE "{name}"',
        f"{server}/postgres",
    )
    with _alone():
        made = _made_for("sql")
        if made.exists():
            _run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(made), address)
            return
        _migrate(address)
        unfinished = made.with_suffix(".new")
        _run("pg_dump", "--no-owner", "-f", str(unfinished), address)
        unfinished.rename(made)


def _made_for(kind: str) -> Path:
    """Where the one for the code as it is lies, or is to lie; those of other code are removed."""
    made = KEPT / f"{_digest()}.{kind}"
    for earlier in KEPT.glob(f"*.{kind}"):
        if earlier != made:
            earlier.unlink()
    return made


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _alone() -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(address: str) -> None:
    with TemporaryDirectory() as var:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PORTAL_VAR": var, "DATABASE_URL": address},
            check=True,
        )


def _digest() -> str:
    read = sha256()
    for file in sorted({file for pattern in MADE_FROM for file in settings.BASE_DIR.glob(pattern)}):
        read.update(f"{file.relative_to(settings.BASE_DIR)}\n".encode() + file.read_bytes())
    return read.hexdigest()
