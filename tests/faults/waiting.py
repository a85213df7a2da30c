"""Waiting for what other processes do: for as long as the work gets on, however slow the machine is."""

import subprocess
import time
from collections.abc import Callable

import pytest
from django.db.models import Count, Q

from billing.models import BillingChunk, BillingRun, Invoice
from portal.outbox.models import Mail

PATIENCE = 120
"""So many seconds without any progress, and nothing more is waited for."""

LOOK = 0.05
SECOND = 1.0


def work_done() -> list[dict[str, int] | list[tuple[str, object]]]:
    """What is settled of runs, chunks, invoices and e-mails: it changes as work gets on, and never back."""
    return [
        list(BillingRun.objects.order_by("pk").values_list("status", "issued_at")),
        BillingChunk.objects.aggregate(begun=Count("pk"), finished=Count("finished_at")),
        Invoice.objects.aggregate(issued=Count("pk"), without_pdf=Count("pk", filter=Q(pdf=""))),
        Mail.objects.aggregate(claimed=Count("claimed_at"), taken=Count("taken_at")),
    ]


def wait_for(done: Callable[[], bool], progress: Callable[[], object] = work_done) -> None:
    """Return once it is done; fail when `progress` has told the same for too long."""
    known, since, looked = progress(), time.monotonic(), time.monotonic()
    while not done():
        time.sleep(LOOK)
        if time.monotonic() - looked < SECOND:
            continue
        looked = time.monotonic()
        if (now := progress()) != known:
            known, since = now, looked
        elif looked - since > PATIENCE:
            pytest.fail(f"nothing has moved for {PATIENCE} seconds: {known}")


def output_of(process: subprocess.Popen[str]) -> str:
    """What a process, and those that it started, have printed once all of them have ended."""
    printed: list[str] = []

    def over() -> bool:
        try:
            printed.append(process.communicate(timeout=LOOK)[0])
        except subprocess.TimeoutExpired:
            return False
        return True

    wait_for(over)
    return printed[0]
