"""Runs `manage.py bill` in a process of its own that kills itself at a chosen point.

Usage: python -m tests.faults.bill_and_die POINT NTH MONTH [WORKERS]. With NTH 0 it lives.
At `drawers-lost` it kills the processes that draw for it instead, and goes on.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command

CHUNK = 5

BEFORE_COMMIT = "before-commit"
BEFORE_PDFS = "before-pdfs"
WHILE_WRITING = "while-writing"
BEFORE_NAMING = "before-naming"
DRAWERS_LOST = "drawers-lost"


def kill_this() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_drawers() -> None:
    for process in multiprocessing.active_children():
        process.kill()


def deadly(
    function: Callable[..., Any], nth: int, *, after: bool, kill: Callable[[], None] = kill_this
) -> Callable[..., Any]:
    """The function, killing before or after its nth call."""
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            kill()
        result = function(*args, **kwargs)
        if calls == nth and after:
            kill()
        return result

    return wrapped


def answerable() -> Any:
    """Who answers for a month that nobody approved."""
    from portal.organisations.models import User

    found = User.objects.filter(is_superuser=True).first()
    return found or User.objects.create_superuser("root@faults.example")


def main(point: str, nth: int, month: str, workers: int) -> None:
    django.setup()
    from billing.documents import drawers
    from billing.invoicing import pdfs
    from billing.runs import bill as runs
    from billing.runs import chunks
    from portal import storage

    chunks.CHUNK = CHUNK
    drawers.WORTHWHILE = 2
    places = {
        BEFORE_COMMIT: (chunks, "record", True),
        BEFORE_PDFS: (runs, "make_missing_pdfs", False),
        WHILE_WRITING: (storage, "_flush", True),
        BEFORE_NAMING: (pdfs, "store", True),
        DRAWERS_LOST: (pdfs, "store", True),
    }
    module, name, after = places[point]
    kill = kill_drawers if point == DRAWERS_LOST else kill_this
    setattr(module, name, deadly(getattr(module, name), nth, after=after, kill=kill))
    by = answerable().email
    call_command("bill", month, issued_on="2026-11-10", workers=workers, by=by, reason="a test")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int((*sys.argv, "1")[4]))
