"""Workers on three machines share a run over PostgreSQL, RabbitMQ and a media folder; one machine is lost."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from billing.invoicing.pdfs import pdf_name
from billing.models import BillingChunk, BillingRun
from billing.runs.chunks import invoices_of
from portal.celery import app
from tests.faults.machines import switch_on
from tests.faults.month_scene import assert_all_done, done, environment, kill_group
from tests.faults.waiting import wait_for
from tests.faults.worker import GO_ON

pytestmark = pytest.mark.production

NAMES = ("tokyo", "osaka", "nagoya")


@pytest.fixture
def notes(tmp_path) -> Path:
    """Where each machine notes the PDFs that it stores, and sees whether it may go on."""
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def machines(run, mail_folder, notes, tmp_path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """By name, each with a beat and one process. None begins with the run before all are there."""
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(exist_ok=True)
    BillingRun.objects.update(leased_until=timezone.now() + timedelta(days=1))
    own = environment() | {"PROCESSES": "1", "PAUSED_IN": str(notes)}
    started = {}
    try:
        for name in NAMES:
            scratch = tmp_path / name
            scratch.mkdir()
            started[name] = switch_on(name, own, scratch, [media, mail_folder, notes])
        wait_for(lambda: waiting_for_messages() == len(NAMES), progress=waiting_for_messages)
        BillingRun.objects.update(leased_until=timezone.now())
        yield started
    finally:
        for process in started.values():
            kill_group(process)


def waiting_for_messages() -> int:
    """How many workers the broker has."""
    with app.connection_for_read() as connection:
        queue = app.amqp.queues[app.conf.task_default_queue](connection.default_channel)
        queue.declare()
        return queue.queue_declare(passive=True).consumer_count


def machine(worker: str) -> str:
    return worker.rpartition(":")[0]


def busy() -> dict[int, str]:
    """Which machine holds a chunk of which some PDFs are made and others are still to be made."""
    held = BillingChunk.objects.exclude(worker="").filter(finished_at__isnull=True)
    begun = [
        chunk
        for chunk in held
        if invoices_of(chunk).filter(pdf="").exists() and invoices_of(chunk).exclude(pdf="").exists()
    ]
    return {chunk.pk: machine(chunk.worker) for chunk in begun}


def drawn_on(notes: Path, name: str, chunk: BillingChunk) -> set[str]:
    """Which PDFs of a chunk a machine has stored."""
    stored = {line for file in notes.glob(f"{name}.*") for line in file.read_text("utf-8").splitlines()}
    return stored & {pdf_name(invoice) for invoice in invoices_of(chunk)}


def test_a_run_outlives_a_machine(machines, mail_folder, notes):
    wait_for(lambda: len(set(busy().values())) >= 2)
    chunk_pk, lost = next(iter(busy().items()))
    kill_group(machines[lost])
    orphan = BillingChunk.objects.get(pk=chunk_pk)
    assert not done()

    # Its lease runs out, and another machine takes it up.
    (notes / GO_ON).touch()
    wait_for(done)

    assert drawn_on(notes, lost, orphan)
    heirs = set(NAMES) - {lost}
    assert len(set().union(*(drawn_on(notes, heir, orphan) for heir in heirs))) == orphan.last - orphan.first
    assert_all_done(mail_folder)
    assert BillingRun.objects.get().worker == ""
