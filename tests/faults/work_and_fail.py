"""Does once what workers do for billing runs, in a process of its own that something befalls at a point.

Usage: python -m tests.faults.work_and_fail POINT NTH HARM [LEASE]. With NTH 0 nothing befalls it. LEASE is in
seconds. E-mails become files in a folder, as EMAIL_URL says.
"""

import errno
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

from tests.faults.bill_and_die import CHUNK, deadly, kill_this

TAKEN = "taken"
BEFORE_CONFIRMING = "before-confirming"
BEFORE_COMMIT = "before-commit"
BEFORE_TELLING = "before-telling"
WHILE_WRITING = "while-writing"
BEFORE_NAMING = "before-naming"
CLAIMED = "claimed"
HANDED_OVER = "handed-over"
BEFORE_CLOSING = "before-closing"
BEFORE_NOTING = "before-noting"
BEFORE_SETTLING = "before-settling"

KILLED = "killed"
DATABASE_LOST = "database-lost"
DISK_FULL = "disk-full"


def lose_database() -> None:
    """What a restart of the database does to those who are connected."""
    from django.db import connection

    if connection.vendor == "postgresql":
        import psycopg

        settings = connection.settings_dict
        reached = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
        with psycopg.connect(**reached, password=settings["PASSWORD"], dbname=settings["NAME"]) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    else:
        connection.connection.close()


class FullDisk:
    """A file on a disk that takes half of what it is given."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *reason: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> None:
        self._file.write(content[: len(content) // 2])
        self._file.flush()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def filling_up(nth: int) -> None:
    """Let the disk be full from the nth PDF on."""
    from portal import storage

    alone, calls = storage._alone, 0

    def full(part: Any, permissions: int) -> Any:
        nonlocal calls
        calls += 1
        file = alone(part, permissions)
        return file if calls < nth else FullDisk(file)

    storage._alone = full


def befall(point: str, nth: int, harm: Callable[[], None]) -> None:
    from django.core.mail import EmailMessage

    from billing import tasks
    from billing.invoicing import pdfs
    from billing.runs import chunks
    from billing.runs import states as run_states
    from billing.runs import work as run_work
    from portal import storage
    from portal.outbox import worker

    places = {
        TAKEN: (run_work, "take", True),
        BEFORE_CONFIRMING: (run_states, "_check_same", False),
        BEFORE_COMMIT: (chunks, "record", True),
        BEFORE_TELLING: (tasks, "tell", False),
        WHILE_WRITING: (storage, "_flush", True),
        BEFORE_NAMING: (pdfs, "store", True),
        CLAIMED: (worker, "claim", True),
        HANDED_OVER: (EmailMessage, "send", True),
        BEFORE_CLOSING: (run_work, "close_chunk", False),
        BEFORE_NOTING: (run_work, "note_issued", False),
        BEFORE_SETTLING: (run_work, "settle", False),
    }
    module, name, after = places[point]
    setattr(module, name, deadly(getattr(module, name), nth, after=after, kill=harm))


def main(point: str, nth: int, harm: str, lease: float) -> None:
    django.setup()
    from billing import tasks
    from billing.runs import chunks, leases
    from portal.celery import app

    app.conf.task_always_eager = True
    chunks.CHUNK = CHUNK
    leases.LEASE = chunks.LEASE = timedelta(seconds=lease)
    if harm == DISK_FULL:
        filling_up(nth)
    else:
        befall(point, nth, kill_this if harm == KILLED else lose_database)
    tasks.look_for_work()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], float((*sys.argv, "60")[4]))
