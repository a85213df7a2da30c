"""A real worker of Celery that is killed while it works.

Its messages are files, as in the embedded default, or go over the broker that BROKER_URL names.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from billing.models import BillingRun, Invoice, InvoiceMail
from tests.faults import worker
from tests.faults.test_billing_killed import environment, scene
from tests.faults.test_workers_fail import assert_all_done, mail_folder, run
from tests.faults.waiting import wait_for

__all__ = ["mail_folder", "run", "scene"]

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_worker() -> Iterator[Start]:
    """Starts workers, slow ones if told, and kills in the end what is left of them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*pauses: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", worker.__name__, *pauses]
        own = {"cwd": settings.BASE_DIR, "env": environment(), "start_new_session": True}
        started.append(subprocess.Popen(command, **own, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """The worker, and with it the processes that work for it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill_who_works(process: subprocess.Popen[bytes]) -> None:
    """The process that holds the run or a chunk of it; the worker itself lives on."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    held = BillingRun.objects.get()
    holders = {held.worker, *held.chunks.values_list("worker", flat=True)} - {""}
    busy = [int(holder.rpartition(":")[2]) for holder in holders]
    for child in busy:
        assert str(child) in children
        os.kill(child, signal.SIGKILL)


def done() -> bool:
    return BillingRun.objects.get().status == BillingRun.Status.DONE


def test_a_run_outlives_its_workers(run, mail_folder, start_worker):
    first = start_worker("store=0.3")
    wait_for(lambda: Invoice.objects.exclude(pdf="").count() >= 1)
    kill_who_works(first)  # the worker replaces it
    wait_for(lambda: Invoice.objects.exclude(pdf="").count() >= 4)
    kill_group(first)
    assert not done()

    start_worker()
    start_worker()
    wait_for(done)

    unsure = InvoiceMail.objects.to_look_at().count()
    assert unsure <= 2  # one a kill, at most
    assert_all_done(mail_folder, unsure=unsure, lost=None)
