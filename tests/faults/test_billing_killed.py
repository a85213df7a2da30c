"""A billing run that is killed, wherever it is, and started again; and two that run at once.

Processes of their own work on the test database, with real commits, on whichever database the tests run.
"""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from billing.documents.invoice_document import digest
from billing.models import BillingRun, Invoice, InvoiceCounter
from portal.audit.verify import first_fault
from tests.billing_scene import load_priced_service, make_contracts
from tests.faults import bill_and_die
from tests.faults.bill_and_die import (
    BEFORE_COMMIT,
    BEFORE_NAMING,
    BEFORE_PDFS,
    DRAWERS_LOST,
    WHILE_WRITING,
)
from tests.faults.waiting import output_of, wait_for

MONTH = "2026-10"
CONTRACTS = 12


@pytest.fixture
def scene(transactional_db, organisation, user):
    service = load_priced_service("ct-e1")
    return make_contracts(
        service, organisation, user, [f"C26-{place:06}" for place in range(1, CONTRACTS + 1)]
    )


def environment() -> dict[str, str]:
    """That of a process which works on the test database and the test's files."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "PORTAL_VAR": str(Path(settings.MEDIA_ROOT).parent),
        "PORTAL_MEDIA": str(settings.MEDIA_ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


def start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def bill_dying(point: str, nth: int, workers: int = 1) -> subprocess.Popen[str]:
    return start("-m", bill_and_die.__name__, point, str(nth), MONTH, str(workers))


def bill() -> subprocess.Popen[str]:
    return start("manage.py", "bill", MONTH, "--issued-on", "2026-11-10")


def ended(process: subprocess.Popen[str]) -> int:
    output = output_of(process)
    assert process.returncode in (0, -signal.SIGKILL), output
    return process.returncode


def assert_complete() -> None:
    """Every contract has one invoice, the numbers have no gap, and every PDF lies there whole."""
    invoices = list(Invoice.objects.order_by("sequence"))
    assert [invoice.sequence for invoice in invoices] == list(range(1, CONTRACTS + 1))
    assert len({invoice.contract_id for invoice in invoices}) == CONTRACTS
    assert InvoiceCounter.objects.get().last == CONTRACTS
    for invoice in invoices:
        assert invoice.document_hash == digest(invoice.document)
        assert hashlib.sha256(invoice.pdf.read()).hexdigest() == invoice.pdf_hash
    _folders, files = default_storage.listdir("invoices/CD/2026-10")
    assert sorted(files) == [f"{found}.pdf" for found in invoices]
    assert BillingRun.objects.get().status == BillingRun.Status.DONE
    assert first_fault() is None


@pytest.mark.parametrize(
    ("point", "nth", "left_behind"),
    [
        # A chunk's audit entry is the last that its transaction writes.
        (BEFORE_COMMIT, 2, bill_and_die.CHUNK),
        # The first call looks for what earlier runs left: the third follows the second chunk's commit.
        (BEFORE_PDFS, 3, 2 * bill_and_die.CHUNK),
        (WHILE_WRITING, 3, bill_and_die.CHUNK),
        (BEFORE_NAMING, 7, 2 * bill_and_die.CHUNK),
    ],
)
def test_a_killed_run_goes_on_where_it_stopped(scene, point, nth, left_behind):
    assert ended(bill_dying(point, nth)) == -signal.SIGKILL
    assert Invoice.objects.count() == left_behind
    assert Invoice.objects.filter(pdf="").exists() or point == BEFORE_COMMIT
    numbers = dict(Invoice.objects.values_list("contract__number", "number"))

    assert ended(bill()) == 0

    assert_complete()
    assert numbers.items() <= dict(Invoice.objects.values_list("contract__number", "number")).items()


def test_a_run_killed_from_outside_goes_on(scene):
    process = bill()
    wait_for(lambda: Invoice.objects.exclude(pdf="").count() >= 3)
    process.kill()
    assert ended(process) == -signal.SIGKILL
    assert Invoice.objects.filter(pdf="").exists()

    assert ended(bill()) == 0

    assert_complete()


def test_two_that_start_at_once_share_the_work(scene):
    first, second = bill_dying(BEFORE_PDFS, 0), bill_dying(BEFORE_PDFS, 0)
    assert (ended(first), ended(second)) == (0, 0)
    assert_complete()


def test_one_goes_on_while_another_is_killed(scene):
    dying, living = bill_dying(BEFORE_COMMIT, 2), bill_dying(BEFORE_COMMIT, 0)
    ended(dying)
    assert ended(living) == 0
    assert_complete()


def test_a_run_whose_drawing_processes_are_lost_draws_by_itself(scene):
    process = bill_dying(DRAWERS_LOST, 2, workers=2)
    output = output_of(process)
    assert process.returncode == 0, output
    assert "A process that drew invoices was lost" in output
    assert_complete()


def test_the_drawing_processes_of_a_killed_run_end_with_it(scene):
    process = bill_dying(BEFORE_NAMING, 2, workers=2)
    # Its output stays open as long as a process that it started lives.
    assert ended(process) == -signal.SIGKILL

    assert ended(bill()) == 0

    assert_complete()
