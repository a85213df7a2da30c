"""Work on billing runs, and on statements of account, in the background.

Tasks only say that there is something to do; the database knows what. One that is lost, or comes twice, does
no harm: workers look for work again every half minute.
"""

import logging
from typing import Any

from celery import Task, shared_task
from django.db import transaction

from billing.invoicing.document_mails import documents_to_send, send_waiting
from billing.invoicing.pdfs import make_pdf
from billing.models import BillingChunk, BillingRun, StatementOfAccount
from billing.receivables.deposit_mails import deposit_mails_to_send, send_deposit_mails
from billing.runs.states import settle
from billing.runs.work import (
    advance_run,
    chunks_to_finish,
    documents_to_draw,
    finish_chunk,
    runs_to_settle,
    runs_to_take_up,
)
from billing.statements import drawing
from portal.installation.holding import move_on, unless_held
from portal.installation.models import SignOfLife
from portal.installation.processes import this_process
from portal.installation.signs import failing

TICK = 30
"""Seconds from one look for work to the next."""

AT_ONCE = 20  # chunks that a look tells of: they have messages of their own, which are seldom lost

_log = logging.getLogger(__name__)


@shared_task
@unless_held
def take_up(run_pk: int) -> None:
    """Calculate or issue a run; each chunk is finished by whoever is free."""
    advance_run(run_pk, this_process(), lambda chunk: _tell(finish, chunk.pk))


@shared_task
@unless_held
def finish(chunk_pk: int) -> None:
    """Make the PDFs of a chunk and send its e-mails."""
    finish_chunk(chunk_pk, this_process())


@shared_task
@unless_held
def draw_documents() -> None:
    """Make the PDFs of documents that belong to no run."""
    for invoice in documents_to_draw().select_related("provider")[:AT_ONCE]:
        make_pdf(invoice)


@shared_task
@unless_held
def send_documents() -> None:
    """Send the e-mails of documents that belong to no run, and of letters."""
    send_waiting(documents_to_send())
    send_deposit_mails(deposit_mails_to_send())


@shared_task
@unless_held
def draw_statement(statement_pk: int) -> None:
    """Draw a statement of account that was asked for."""
    drawing.draw_statement(statement_pk, this_process())


@shared_task
@unless_held
def look_for_work() -> None:
    """Tell of what waits: after a worker was lost, a restart, or a message that never arrived."""
    move_on()
    for run in runs_to_settle():
        settle(run)
    for pk in runs_to_take_up().values_list("pk", flat=True):
        _tell(take_up, pk, expires=TICK)
    if documents_to_draw().exists():
        _tell(draw_documents, expires=TICK)
    if documents_to_send().exists() or deposit_mails_to_send().exists():
        _tell(send_documents, expires=TICK)
    for pk in drawing.statements_to_draw().values_list("pk", flat=True)[:AT_ONCE]:
        _tell(draw_statement, pk, expires=TICK)
    for pk in chunks_to_finish().values_list("pk", flat=True)[:AT_ONCE]:
        _tell(finish, pk, expires=TICK)


def start_soon(run: BillingRun) -> None:
    """Have a run taken up once the transaction is committed."""
    transaction.on_commit(lambda: _tell(take_up, run.pk))


def finish_soon(chunk: BillingChunk) -> None:
    """Have what is left of a chunk done once the transaction is committed."""
    transaction.on_commit(lambda: _tell(finish, chunk.pk))


def send_soon() -> None:
    """Have the e-mails of single documents and letters sent once the transaction is committed."""
    transaction.on_commit(lambda: _tell(send_documents))


def draw_soon(asked: StatementOfAccount) -> None:
    """Have a statement of account drawn once the transaction is committed."""
    transaction.on_commit(lambda: _tell(draw_statement, asked.pk))


def _tell(task: Task, *about: int, **options: Any) -> None:
    """Send a message; where the broker can't be reached, the next look for work does instead."""
    try:
        task.apply_async(about, **options)
    except Exception as trouble:
        _log.exception("The broker could not be told of work.")
        failing(SignOfLife.Part.BROKER, trouble)
