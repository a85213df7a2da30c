"""The whole PostgreSQL server is restarted, as after a crash, while a real worker of Celery is at work."""

import os
import shlex
import subprocess

import pytest
from django.db import connections

from billing.models import Invoice
from tests.faults.bill_and_die import CHUNK
from tests.faults.month_scene import assert_all_done, done, sent, unsure_mails
from tests.faults.waiting import wait_for

pytestmark = pytest.mark.production

PROCESSES = 2
"""Of the worker: so many e-mails can be under way at once."""


def restart_database() -> None:
    """Drop every connection, finish no transaction, and come back by what is in the log."""
    control = shlex.split(os.environ["POSTGRES_CONTROL"])
    subprocess.run([*control, "restart", "--mode=immediate"], cwd="/", check=True)
    connections.close_all()


def test_a_run_survives_restarts_of_the_database_server(run, mail_folder, start_worker):
    start_worker("record=0.3", "store=0.3", "send=0.3")
    moments = [
        # The second chunk is being issued.
        lambda: Invoice.objects.count() >= CHUNK,
        lambda: Invoice.objects.exclude(pdf="").count() >= 2,
        lambda: len(sent(mail_folder)) >= 2,
    ]
    for reached in moments:
        wait_for(reached)
        assert not done()
        restart_database()
    wait_for(done)

    unsure = unsure_mails()
    assert unsure <= len(moments) * PROCESSES
    assert_all_done(mail_folder, unsure=unsure, lost=None)
