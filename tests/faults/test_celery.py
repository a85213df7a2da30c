"""A real worker of Celery that is killed while it works.

Its messages are files, as in the embedded default, or go over the broker that BROKER_URL names.
"""

import os
import signal
import subprocess
from pathlib import Path

from billing.models import BillingRun, Invoice
from tests.faults.month_scene import assert_all_done, done, kill_group, unsure_mails
from tests.faults.waiting import wait_for


def kill_who_works(process: subprocess.Popen[bytes]) -> None:
    """The process that holds the run or a chunk of it; the worker itself lives on."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    held = BillingRun.objects.get()
    holders = {held.worker, *held.chunks.values_list("worker", flat=True)} - {""}
    busy = [int(holder.rpartition(":")[2]) for holder in holders]
    for child in busy:
        assert str(child) in children
        os.kill(child, signal.SIGKILL)


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

    unsure = unsure_mails()
    assert unsure <= 2  # one a kill, at most
    assert_all_done(mail_folder, unsure=unsure, lost=None)
