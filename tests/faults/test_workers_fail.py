"""Workers that are killed, lose the database or find the disk full; and several at once.

Processes of their own work on the test database, with real commits, on whichever database the tests run.
Whatever befalls them, in the end each contract has one invoice, without gaps among the numbers, with one PDF,
and with one e-mail, unless nobody can know whether that went out: then it is named as interrupted.
"""

import signal
from collections import Counter
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from billing.models import BillingRun, Invoice
from billing.runs.states import approve, cancel
from billing.tasks import look_for_work
from contracts.models import Service
from tests.billing_scene import submitted_run
from tests.faults.bill_and_die import CHUNK
from tests.faults.month_scene import CONTRACTS, assert_all_done, ended, let_leases_run_out, sent, start, work
from tests.faults.work_and_fail import (
    BEFORE_CLOSING,
    BEFORE_COMMIT,
    BEFORE_CONFIRMING,
    BEFORE_NAMING,
    BEFORE_NOTING,
    BEFORE_SETTLING,
    BEFORE_TELLING,
    CLAIMED,
    DATABASE_LOST,
    DISK_FULL,
    HANDED_OVER,
    TAKEN,
    WHILE_WRITING,
)
from tests.scenes import staff_member

Status = BillingRun.Status


@pytest.mark.parametrize(
    ("point", "nth", "issued", "unsure", "lost"),
    [
        (TAKEN, 1, 0, 0, 0),
        (BEFORE_CONFIRMING, 1, 0, 0, 0),
        (BEFORE_COMMIT, 2, CHUNK, 0, 0),
        (BEFORE_TELLING, 2, CHUNK, 0, 0),
        (WHILE_WRITING, 3, CHUNK, 0, 0),
        (BEFORE_NAMING, 7, 2 * CHUNK, 0, 0),
        (CLAIMED, 3, CHUNK, 1, 1),
        (HANDED_OVER, 8, 2 * CHUNK, 1, 0),
        (BEFORE_CLOSING, 1, CHUNK, 0, 0),
        (BEFORE_NOTING, 1, CONTRACTS, 0, 0),
        (BEFORE_SETTLING, 4, CONTRACTS, 0, 0),
    ],
)
def test_another_goes_on_where_a_worker_was_killed(run, mail_folder, point, nth, issued, unsure, lost):
    assert ended(work(point, nth)) == -signal.SIGKILL
    assert Invoice.objects.count() == issued
    run.refresh_from_db()
    assert run.status != Status.DONE
    let_leases_run_out()

    look_for_work()

    assert_all_done(mail_folder, unsure=unsure, lost=lost)


def test_what_a_living_worker_holds_is_left_to_it(run, mail_folder):
    assert ended(work(WHILE_WRITING, 3)) == -signal.SIGKILL
    drawn = Invoice.objects.exclude(pdf="").count()

    look_for_work()  # for all it can know, the other one is at work

    assert (Invoice.objects.count(), Invoice.objects.exclude(pdf="").count()) == (CHUNK, drawn)
    let_leases_run_out()
    look_for_work()
    assert_all_done(mail_folder)


@pytest.mark.parametrize("lease", [60, 0])
def test_several_at_once_share_the_work(run, mail_folder, lease):
    """Without leases too, as nothing rests on them."""
    several = [work(lease=lease) for _worker in range(3)]
    assert [ended(process) for process in several] == [0, 0, 0]
    let_leases_run_out()
    look_for_work()  # what they left to each other
    assert_all_done(mail_folder)


@pytest.mark.parametrize(
    ("point", "nth", "unsure", "lost", "status"),
    [
        (BEFORE_COMMIT, 2, 0, 0, Status.ISSUING),
        # The other chunks follow at once, and then the worker looks once more for what is left.
        (BEFORE_NAMING, 3, 0, 0, Status.DONE),
        (CLAIMED, 3, 1, 0, Status.DONE),
        (HANDED_OVER, 8, 1, 0, Status.DONE),
    ],
)
def test_a_run_survives_a_restart_of_the_database(run, mail_folder, point, nth, unsure, lost, status):
    assert ended(work(point, nth, DATABASE_LOST)) == 0
    run.refresh_from_db()
    assert (run.status, run.worker) == (status, "")
    assert bool(run.trouble) == (status != Status.DONE)

    look_for_work()

    assert_all_done(mail_folder, unsure=unsure, lost=lost)


def test_a_run_survives_a_full_disk(run, mail_folder):
    assert ended(work(WHILE_WRITING, 4, DISK_FULL)) == 0
    run.refresh_from_db()
    assert run.status == Status.ISSUING
    assert "No space left on device" in run.trouble
    assert Invoice.objects.count() == CONTRACTS
    assert Invoice.objects.exclude(pdf="").count() == 3
    _folders, files = default_storage.listdir("invoices/CD/2026-10")
    assert sorted(files) == [f"CD-2026-00000{place}.pdf" for place in (1, 2, 3)]
    assert sent(mail_folder) == Counter()

    look_for_work()

    assert_all_done(mail_folder)


def test_what_is_issued_stays_when_a_run_is_cancelled_between_chunks(run, mail_folder):
    assert ended(work(BEFORE_TELLING, 2)) == -signal.SIGKILL
    cancel(run, staff_member("billing"))
    let_leases_run_out()

    look_for_work()

    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert Invoice.objects.exclude(pdf="").count() == Invoice.objects.count() == CHUNK
    assert len(sent(mail_folder)) == CHUNK
    approve(submitted_run(Service.objects.get(), staff_member("billing")), staff_member("manager"))
    look_for_work()
    assert_all_done(mail_folder)


def test_a_run_of_the_terminal_that_was_killed_is_drawn_by_workers(scene, mail_folder):
    command = start("-m", "tests.faults.bill_and_die", "before-naming", "3", "2026-10")
    assert ended(command) == -signal.SIGKILL
    let_leases_run_out()
    look_for_work()
    assert Invoice.objects.exclude(pdf="").count() == Invoice.objects.count() == CHUNK
    assert timezone.now() - Invoice.objects.latest("pk").run.started_at < timedelta(minutes=5)
