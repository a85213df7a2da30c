"""Doing things for real, at any moment, and leaving nothing behind."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import time_machine
from django.db import connection, transaction
from django.utils.translation import override

from portal.installation.holding import rehearsing
from portal.kept_files import kept_in
from portal.storage import MemoryStorage


@contextmanager
def nothing_stays() -> Iterator[None]:
    """A transaction that is rolled back, and files that are gone afterwards; nothing goes out.

    IntegrityError where what was done breaks a constraint that the database checks in the end.
    """
    with ExitStack() as stack:
        stack.enter_context(override("ja"))
        stack.enter_context(rehearsing())
        stack.enter_context(kept_in(MemoryStorage()))
        stack.enter_context(transaction.atomic())
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let it be a moment for everything in this process that asks for the time, and stand still."""
    with time_machine.travel(moment.astimezone(UTC), tick=False):
        yield
