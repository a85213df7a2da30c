"""Leases: a run or a chunk belongs to one process at a time, until a moment that it moves on as it works.

A lease keeps work from being done twice; that nothing is issued or sent twice doesn't rest on it. The lease
of a process that was lost runs out, and anybody takes up what it held.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from django.db import Error, connections
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from billing.models import BillingRun

LEASE = timedelta(minutes=1)

_RENEW_EVERY = 5.0  # seconds; a lease writes only once a part of its time is over

_log = logging.getLogger(__name__)


class LostLeaseError(Exception):
    """What was held went to another process, because this one did not renew its lease in time."""


class Lease:
    """What a worker holds; see `take`."""

    def __init__(self, held: Model, worker: str) -> None:
        self._mine: QuerySet[Any] = type(held)._default_manager.filter(pk=held.pk, worker=worker)
        self._renew_at = timezone.now() + LEASE / 4

    def renew(self) -> None:
        """Hold on, writing only once a part of the time is over. Raises LostLeaseError."""
        now = timezone.now()
        if now < self._renew_at:
            return
        if not self._mine.update(leased_until=now + LEASE):
            raise LostLeaseError
        self._renew_at = now + LEASE / 4

    def is_held(self) -> bool:
        """False once another process has taken over, or is done with it."""
        return self._mine.exists()

    def release(self) -> None:
        """Let go. When that was stays in `leased_until`: it tells since when nobody works on it."""
        self._mine.update(worker="", leased_until=timezone.now())


def free() -> Q:
    """What nobody holds."""
    return Q(leased_until__isnull=True) | Q(leased_until__lte=timezone.now())


def take(among: QuerySet[Any], pk: int, worker: str) -> Lease | None:
    """Lease what is free; None where somebody else was first, or where it is not among those."""
    if not among.filter(free(), pk=pk).update(worker=worker, leased_until=timezone.now() + LEASE):
        return None
    return Lease(among.model(pk=pk), worker)


@contextmanager
def working(lease: Lease, run_pk: int) -> Iterator[None]:
    """Let go of a lease after the work. What stops the work is kept with the run, for staff, and raised.

    It is no trouble of the run's where another process has taken over. Where it can't be stored, because the
    database is gone, the lease runs out by itself.
    """
    try:
        yield
    except LostLeaseError:
        _log.warning("Work on billing run %s went to another worker.", run_pk)
    except Exception as trouble:
        try:
            _drop_broken_connections()
            if lease.is_held():
                note_trouble(run_pk, trouble)
                lease.release()
        except Error:
            _log.warning("The database can't be told why work on billing run %s stopped.", run_pk)
        raise
    else:
        lease.release()


@contextmanager
def renewed(lease: Lease) -> Iterator[None]:
    """Hold on to a lease while a step is under way that nothing can be done between."""
    done = Event()

    def renew() -> None:
        try:
            while not done.wait(_RENEW_EVERY):
                lease.renew()
        except (LostLeaseError, Error):
            _log.warning("A lease could not be renewed", exc_info=True)
        finally:
            connections.close_all()  # this thread's own

    thread = Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _drop_broken_connections() -> None:
    """One that the database has ended would spoil the next query too."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def note_trouble(run_pk: int, trouble: Exception) -> None:
    """Keep for staff what stopped the work; it is taken up again later."""
    text = f"{type(trouble).__name__}: {trouble}"
    BillingRun.objects.filter(pk=run_pk).update(trouble=text[:1000])
