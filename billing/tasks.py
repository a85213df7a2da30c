"""Work on billing runs in the background.

Tasks only say that there is something to do; the database knows what. One that is lost, or comes twice, does
no harm: workers look for work again each half minute.
"""

import logging
import os
import socket

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from billing.models import BillingRun
from billing.operations.run_work import chunks_to_finish, finish_chunk, issue_run, runs_to_issue

_log = logging.getLogger(__name__)


@shared_task
def take_up(run_pk: int) -> None:
    """Issue a run; each chunk is finished by whoever is free."""
    issue_run(run_pk, _me(), lambda chunk: _tell(finish, chunk.pk))


@shared_task
def finish(chunk_pk: int) -> None:
    """Make the PDFs of a chunk and send its e-mails."""
    finish_chunk(chunk_pk, _me())


@shared_task
def look_for_work() -> None:
    """Tell of everything that waits: after a worker was lost, a restart, or a message that never arrived."""
    for pk in runs_to_issue().values_list("pk", flat=True):
        _tell(take_up, pk)
    for pk in chunks_to_finish().values_list("pk", flat=True):
        _tell(finish, pk)


def start_soon(run: BillingRun) -> None:
    """Have a run taken up once the transaction is committed."""
    transaction.on_commit(lambda: _tell(take_up, run.pk))


def _tell(task: Task, pk: int) -> None:
    """Send a message; where the broker can't be reached, the next look for work does instead."""
    try:
        task.delay(pk)
    except (OperationalError, OSError):
        _log.exception("The broker could not be told of work.")


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
