"""Workers on three machines share a run over PostgreSQL, RabbitMQ and a media folder; one machine is lost."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from billing.models import BillingChunk, BillingRun, InvoiceMail
from billing.operations.chunks import invoices_of
from portal.celery import app
from tests.faults.machines import switch_on
from tests.faults.test_billing_killed import PATIENCE, environment, scene
from tests.faults.test_celery import done, kill_group, wait_for
from tests.faults.test_workers_fail import assert_all_done, mail_folder, run

__all__ = ["mail_folder", "run", "scene"]

pytestmark = pytest.mark.production

NAMES = ("tokyo", "osaka", "nagoya")
PAUSE = 0.2
PROCESSES = 2
"""Of each machine: so many e-mails can be under way on it at once."""


@pytest.fixture
def machines(run, mail_folder, tmp_path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """By name, each with a beat. None begins with the run before all are there."""
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(exist_ok=True)
    BillingRun.objects.update(leased_until=timezone.now() + timedelta(seconds=PATIENCE))
    started = {}
    try:
        for name in NAMES:
            scratch = tmp_path / name
            scratch.mkdir()
            started[name] = switch_on(name, environment(), scratch, [media, mail_folder], PAUSE)
        wait_for(lambda: waiting_for_messages() == len(NAMES))
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
        if invoices_of(chunk).filter(pdf="").count() >= 2 and invoices_of(chunk).exclude(pdf="").exists()
    ]
    return {chunk.pk: machine(chunk.worker) for chunk in begun}


def test_a_run_outlives_a_machine(machines, mail_folder):
    wait_for(lambda: len(set(busy().values())) >= 2)
    chunk_pk, lost = next(iter(busy().items()))
    kill_group(machines[lost])
    orphan = BillingChunk.objects.get(pk=chunk_pk)
    assert machine(orphan.worker) == lost
    assert not done()

    # Its lease runs out, and another machine takes it up.
    wait_for(lambda: BillingChunk.objects.get(pk=chunk_pk).worker not in ("", orphan.worker))
    heir = machine(BillingChunk.objects.get(pk=chunk_pk).worker)
    assert heir in set(NAMES) - {lost}
    wait_for(done)

    unsure = InvoiceMail.objects.to_look_at().count()
    assert unsure <= PROCESSES
    assert_all_done(mail_folder, unsure=unsure, lost=None)
    assert BillingRun.objects.get().worker == ""
