"""A worker's process stands still within a transaction, as on a machine cut off, and wakes up later."""

import os
import signal

import pytest
from django.db import connection

from billing.models import BillingRun, Invoice
from tests.faults.bill_and_die import CHUNK
from tests.faults.month_scene import assert_all_done, done
from tests.faults.waiting import wait_for

pytestmark = pytest.mark.production


def somebody_pauses_within_a_transaction() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
            " AND datname = current_database() AND clock_timestamp() - state_change > interval '50 ms'"
        )
        return bool(cursor.fetchone()[0])


def test_others_need_not_wait_for_who_stands_still_in_a_transaction(run, mail_folder, start_worker):
    worker = start_worker("record=1.5")
    wait_for(lambda: Invoice.objects.count() == CHUNK and somebody_pauses_within_a_transaction())
    process = int(BillingRun.objects.get().worker.rpartition(":")[2])
    os.kill(process, signal.SIGSTOP)
    assert Invoice.objects.count() == CHUNK

    # The database ends the transaction, and with it what others wait for.
    wait_for(done)
    os.kill(process, signal.SIGCONT)
    worker.terminate()  # it finishes what it has at hand first
    wait_for(lambda: worker.poll() is not None)

    assert_all_done(mail_folder)
