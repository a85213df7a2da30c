"""A real worker of Celery, with small chunks, a quick look for work, and little patience with a standstill.

Usage: python -m tests.faults.worker [PLACE=SECONDS…]. So much longer takes what comes to an end at a place,
so that something can befall what is done then and not yet noted: `record`, a chunk; `store`, a PDF; `send`,
an e-mail.

HOST_NAME stands in for the name of the machine, PROCESSES for the two that work on it. In the folder
PAUSED_IN each process notes the PDFs that it stores, and pauses at its second until there is a file GO_ON.
"""

import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from tests.faults.bill_and_die import CHUNK, slow

SECOND = 1.0
GO_ON = "go-on"


def slow_down(pauses: dict[str, float]) -> None:
    from django.core.mail import EmailMessage

    from billing.invoicing import pdfs
    from billing.runs import chunks

    places: dict[str, Any] = {"record": chunks, "store": pdfs, "send": EmailMessage}
    for name, pause in pauses.items():
        setattr(places[name], name, slow(getattr(places[name], name), pause))


def pausing_at_the_second(store: Callable[[str, bytes], str], folder: Path) -> Callable[[str, bytes], str]:
    stored = 0

    def wrapped(name: str, content: bytes) -> str:
        nonlocal stored
        sha256 = store(name, content)
        stored += 1
        with (folder / f"{socket.gethostname()}.{os.getpid()}").open("a", encoding="utf-8") as notes:
            notes.write(f"{name}\n")
        while stored > 1 and not (folder / GO_ON).exists():
            hold_on()
            time.sleep(SECOND / 10)
        return sha256

    return wrapped


def hold_on() -> None:
    """Keep the chunk that this process works on, as it would by getting on with it."""
    from django.utils import timezone

    from billing.models import BillingChunk
    from billing.runs import leases

    held = BillingChunk.objects.filter(worker=leases.this_process())
    held.update(leased_until=timezone.now() + leases.LEASE)


def main(pauses: dict[str, float]) -> None:
    if name := os.environ.get("HOST_NAME"):
        socket.gethostname = lambda: name
    django.setup()
    from django.conf import settings
    from django.db import connection

    from billing.invoicing import pdfs
    from billing.runs import chunks, leases
    from portal.celery import app

    chunks.CHUNK = CHUNK
    leases.LEASE = chunks.LEASE = timedelta(seconds=2 * SECOND)
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["options"] = "-c idle_in_transaction_session_timeout=2s"
    slow_down(pauses)
    if folder := os.environ.get("PAUSED_IN"):
        pdfs.store = pausing_at_the_second(pdfs.store, Path(folder))
    look = settings.CELERY_BEAT_SCHEDULE["look for work on billing runs"]
    app.conf.beat_schedule = {"look": {**look, "schedule": SECOND}}
    app.worker_main(
        [
            *("--quiet", "worker", "--beat", "--loglevel", "WARNING"),
            *("--concurrency", os.environ.get("PROCESSES", "2")),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


if __name__ == "__main__":
    places = (argument.split("=") for argument in sys.argv[1:])
    main({place: float(seconds) for place, seconds in places})
