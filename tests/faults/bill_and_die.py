"""Runs `manage.py bill` in a process of its own that kills itself at a chosen point.

Usage: python -m tests.faults.bill_and_die POINT NTH MONTH. With NTH 0 it lives.
"""

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


def deadly(function: Callable[..., Any], nth: int, *, after: bool) -> Callable[..., Any]:
    """The function, killing the process before or after its nth call."""
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def main(point: str, nth: int, month: str) -> None:
    django.setup()
    from billing.operations import pdfs, runs

    runs.CHUNK = CHUNK
    places = {
        BEFORE_COMMIT: (runs, "record", True),
        BEFORE_PDFS: (runs, "make_missing_pdfs", False),
        WHILE_WRITING: (pdfs.os, "fsync", False),
        BEFORE_NAMING: (pdfs, "store", True),
    }
    module, name, after = places[point]
    setattr(module, name, deadly(getattr(module, name), nth, after=after))
    call_command("bill", month, issued_on="2026-11-10")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
