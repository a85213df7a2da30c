"""Signs of life of the processes of a worker.

One that carries out messages shows that it lives by each of them, and goes on doing so while one takes long.
Idle it says nothing, as a worker that gets no messages is none; unless nobody is there who could send it any.
"""

import os
import time
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_process_init
from django.db import Error, close_old_connections
from django.utils import timezone

from portal.installation.models import SignOfLife
from portal.installation.signs import alive

SIGN_EVERY = 15
"""Seconds from one sign of life to the next, at least."""

NOT_ASKED = timedelta(seconds=45)
"""After how long without a word of the clock, or of the broker, a worker speaks of itself."""

Part = SignOfLife.Part


class Signs:
    """Those of this process."""

    def __init__(self) -> None:
        self._busy = Event()
        self._sign_at = 0.0

    def begin_work(self) -> None:
        self._busy.set()
        self._sign()

    def end_work(self) -> None:
        self._busy.clear()

    def go_on(self) -> None:
        """Sign again and again, as long as the worker itself is there."""
        worker = os.getppid()
        while os.getppid() == worker:
            time.sleep(SIGN_EVERY)
            if self._busy.is_set() or nobody_asks():
                self._sign()
            close_old_connections()

    def _sign(self) -> None:
        if time.monotonic() >= self._sign_at:
            self._sign_at = time.monotonic() + SIGN_EVERY
            alive(Part.WORKER)


def nobody_asks() -> bool:
    """Whether the clock or the broker is away; false where the database can't be asked."""
    asked_since = timezone.now() - NOT_ASKED
    try:
        heard = SignOfLife.objects.filter(part__in=(Part.CLOCK, Part.BROKER), at__gte=asked_since)
        return heard.count() < 2
    except Error:
        return False


_signs = Signs()


@worker_process_init.connect
def _start(**_about: Any) -> None:
    Thread(target=_signs.go_on, name="signs of life", daemon=True).start()


@task_prerun.connect
def _begin(sender: Any, **_about: Any) -> None:
    if not sender.request.is_eager:
        _signs.begin_work()


@task_postrun.connect
def _end(**_about: Any) -> None:
    _signs.end_work()
