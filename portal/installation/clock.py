"""The clock of the work in the background: `celery --app portal beat`, a process of its own.

It keeps its schedule in memory, so that no folder can stop it. There may be several: all that it rings for
may be done twice at once. Once started it rings for everything that was due since midnight.
"""

import logging
import time
from typing import Any

from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from django.db import close_old_connections
from django.utils import timezone

from portal.installation.models import SignOfLife
from portal.installation.signs import alive, failing

SIGN_EVERY = 15
"""Seconds from one sign of life to the next, at least."""

_log = logging.getLogger(__name__)


class Clock(Scheduler):
    """Rings, and stores that it lives, and whether the broker takes its messages."""

    producer = None  # each message finds its own way: a clock that waits for the broker would seem dead

    def setup_schedule(self) -> None:
        super().setup_schedule()
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        for entry in self.schedule.values():
            entry.last_run_at = midnight
        self._sign_at = time.monotonic()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Ring for one thing that is due; gives the seconds until the next."""
        pause: float = super().tick(*args, **kwargs)
        if time.monotonic() >= self._sign_at:
            alive(SignOfLife.Part.CLOCK)
            close_old_connections()
            self._sign_at = time.monotonic() + SIGN_EVERY
        return min(pause, SIGN_EVERY)

    def apply_async(self, entry: ScheduleEntry, *args: Any, **kwargs: Any) -> Any:
        """Hand the message of an entry over to the broker. Raises SchedulingError where that fails."""
        try:
            told = super().apply_async(entry, *args, **kwargs)
        except SchedulingError as error:
            failing(SignOfLife.Part.BROKER, error.__context__ or error)
            raise
        alive(SignOfLife.Part.BROKER)
        return told

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """The same, for the loop of the clock: what fails is logged in a line, and tried again when due."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            _log.error("The clock could not ring for %s: %s", entry.name, error)
