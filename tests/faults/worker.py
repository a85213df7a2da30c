"""A real worker of Celery, with small chunks, a quick look for work, and little patience with a standstill.

Usage: python -m tests.faults.worker [PAUSE]. PAUSE: seconds that each chunk, PDF and e-mail takes longer, so
that something can befall them; it comes when the work is done and not yet noted. HOST_NAME stands in for the
name of the machine.
"""

import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

from tests.faults.bill_and_die import CHUNK

SECOND = 1.0


def slow(function: Callable[..., Any], pause: float) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        time.sleep(pause)
        return result

    return wrapped


def slow_down(pause: float) -> None:
    from django.core.mail import EmailMessage

    from billing.operations import chunks, pdfs

    places: list[tuple[Any, str]] = [(chunks, "record"), (pdfs, "store"), (EmailMessage, "send")]
    for place, name in places:
        setattr(place, name, slow(getattr(place, name), pause))


def main(pause: float) -> None:
    if name := os.environ.get("HOST_NAME"):
        socket.gethostname = lambda: name
    django.setup()
    from django.conf import settings
    from django.db import connection

    from billing.operations import chunks, leases
    from portal.celery import app

    chunks.CHUNK = CHUNK
    leases.LEASE = chunks.LEASE = timedelta(seconds=2 * SECOND)
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["options"] = "-c idle_in_transaction_session_timeout=2s"
    slow_down(pause)
    look = settings.CELERY_BEAT_SCHEDULE["look for work on billing runs"]
    app.conf.beat_schedule = {"look": {**look, "schedule": SECOND}}
    app.worker_main(
        [
            *("--quiet", "worker", "--beat", "--loglevel", "WARNING", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


if __name__ == "__main__":
    main(float((*sys.argv, "0")[1]))
