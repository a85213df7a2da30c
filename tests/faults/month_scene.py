"""Processes of their own that bill a month on the test database, and what is to come of it."""

import email
import hashlib
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from billing.documents.invoice_document import digest
from billing.models import BillingChunk, BillingRun, Invoice, InvoiceCounter
from portal.audit.models import AuditEntry
from portal.audit.verify import first_fault
from portal.outbox.delivery import LONGEST, doubt_what_was_lost
from portal.outbox.models import Mail
from tests.faults import work_and_fail
from tests.faults.waiting import output_of
from tests.faults.work_and_fail import KILLED, TAKEN

MONTH = "2026-10"
CONTRACTS = 12


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
        "STORAGE_URL": settings.STORAGE_URL,
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


def ended(process: subprocess.Popen[str]) -> int:
    output = output_of(process)
    assert process.returncode in (0, -signal.SIGKILL), output
    return process.returncode


def work(point: str = TAKEN, nth: int = 0, harm: str = KILLED, lease: float = 60) -> subprocess.Popen[str]:
    return start("-m", work_and_fail.__name__, point, str(nth), harm, str(lease))


def let_leases_run_out() -> None:
    """As if a minute had passed."""
    for model in (BillingRun, BillingChunk):
        model.objects.filter(leased_until__gt=timezone.now()).update(leased_until=timezone.now())


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """The worker, and with it the processes that work for it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def done() -> bool:
    return BillingRun.objects.get().status == BillingRun.Status.DONE


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


def sent(folder: Path) -> Counter[str]:
    """How many e-mails went out, by their Message-IDs: each invoice has its own."""
    texts = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    messages = [message for message in texts.split("-" * 79 + "\n") if message.strip()]
    return Counter(email.message_from_string(message)["Message-ID"] for message in messages)


def unsure_mails() -> int:
    """How many e-mails are interrupted, once their workers have been silent for long."""
    lost = Mail.objects.in_state(Mail.State.SENDING)
    lost.update(claimed_at=timezone.now() - 2 * LONGEST)
    doubt_what_was_lost()
    return Mail.objects.in_state(Mail.State.INTERRUPTED).count()


def assert_all_done(folder: Path, *, unsure: int = 0, lost: int | None = 0) -> None:
    """`unsure` e-mails may have gone out or not; `lost` of these did not (None: nobody knows)."""
    assert_complete()
    assert unsure_mails() == unsure
    assert Counter(found.state for found in Mail.objects.all()) == Counter(
        {Mail.State.TAKEN: CONTRACTS - unsure, Mail.State.INTERRUPTED: unsure}
    )
    told = sent(folder)
    assert len(told) in ([CONTRACTS - lost] if lost is not None else range(CONTRACTS - unsure, CONTRACTS + 1))
    assert set(told.values()) == {1}
    assert BillingRun.objects.get().trouble == ""
    assert not BillingChunk.objects.filter(finished_at__isnull=True).exists()
    issued = AuditEntry.objects.filter(action="invoices.issued")
    assert sum(entry.data["count"] for entry in issued) == CONTRACTS
    assert AuditEntry.objects.filter(action="billing_run.finished").count() == 1
