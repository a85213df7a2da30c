"""A month issued by workers where stored files lie in a bucket; one is killed after it has stored a file."""

import signal

from django.core.files.storage import default_storage

from billing.models import Invoice
from tests.faults.month_scene import assert_all_done, ended, let_leases_run_out, work
from tests.faults.work_and_fail import BEFORE_NAMING


def test_a_run_goes_on_after_a_worker_that_was_killed(bucket, run, mail_folder):
    assert ended(work(BEFORE_NAMING, 4)) == -signal.SIGKILL
    assert Invoice.objects.exclude(pdf="").count() == 3
    assert len(default_storage.listdir("invoices/CD/2026-10")[1]) == 4, "the fourth has no name yet"

    let_leases_run_out()
    assert ended(work()) == 0
    assert_all_done(mail_folder)
