"""Runs `manage.py bill` in a process of its own that kills itself at a chosen point.

Usage: python -m tests.faults.bill_and_die POINT NTH MONTH [WORKERS]. With NTH 0 it lives.
At `drawers-lost` it kills the processes that draw for it instead, and goes on. At `slowly` it takes its time
with each PDF, and waits for whoever kills it from outside.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command

CHUNK = 5

ANSWERABLE = "root@faults.example"
"""Who answers for a month that nobody approved."""

BEFORE_COMMIT = "before-commit"
BEFORE_PDFS = "before-pdfs"
WHILE_WRITING = "while-writing"
BEFORE_NAMING = "before-naming"
DRAWERS_LOST = "drawers-lost"
SLOWLY = "slowly"

PAUSE = 0.3
"""In seconds, after each PDF."""


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


def slow(function: Callable[..., Any], pause: float) -> Callable[..., Any]:
    """The function, taking so many seconds longer."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        time.sleep(pause)
        return result

    return wrapped


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
        SLOWLY: (pdfs, "store", True),
    }
    module, name, after = places[point]
    kill = kill_drawers if point == DRAWERS_LOST else kill_this
    whole = getattr(module, name)
    changed = slow(whole, PAUSE) if point == SLOWLY else deadly(whole, nth, after=after, kill=kill)
    setattr(module, name, changed)
    call_command("bill", month, issued_on="2026-11-10", workers=workers, by=ANSWERABLE, reason="a test")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int((*sys.argv, "1")[4]))
