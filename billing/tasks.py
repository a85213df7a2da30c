"""Work on billing runs, letters, and statements of account, in the background.

Tasks only say that there is something to do; the database knows what. One that is lost, or comes twice, does
no harm: workers look for work again every half minute.
"""

import logging

from celery import shared_task
from django.db import DatabaseError, transaction

from billing.correspondence.letter_pdfs import draw_letter, letters_to_draw
from billing.differences.listing import list_changed, to_list
from billing.invoicing.pdfs import make_pdf
from billing.models import BillingRun, StatementOfAccount
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
from portal.installation.processes import this_process
from portal.installation.telling import tell

_log = logging.getLogger(__name__)

TICK = 30
"""Seconds from one look for work to the next."""

AT_ONCE = 20  # chunks that a look tells of: they have messages of their own, which are seldom lost


@shared_task
@unless_held
def take_up(run_pk: int) -> None:
    """Calculate or issue a run; each chunk is finished by whoever is free."""
    advance_run(run_pk, this_process(), lambda chunk: tell(finish, chunk.pk))


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
def draw_letters() -> None:
    """Make the PDFs of letters that no e-mail has brought yet; one that can't be drawn stops no other."""
    for letter in letters_to_draw():
        try:
            draw_letter(letter)
        except (DatabaseError, OSError):
            raise
        except Exception:
            _log.exception("The letter %s %s could not be drawn.", letter._meta.label, letter.pk)


@shared_task
@unless_held
def draw_statement(statement_pk: int) -> None:
    """Draw a statement of account that was asked for."""
    drawing.draw_statement(statement_pk, this_process())


@shared_task
@unless_held
def list_differences() -> None:
    """List what contracts owe otherwise than they were charged, where a fact changed."""
    list_changed()


@shared_task
@unless_held
def look_for_work() -> None:
    """Tell of what waits: after a worker was lost, a restart, or a message that never arrived."""
    move_on()
    for run in runs_to_settle():
        settle(run)
    for pk in runs_to_take_up().values_list("pk", flat=True):
        tell(take_up, pk, expires=TICK)
    if documents_to_draw().exists():
        tell(draw_documents, expires=TICK)
    if to_list().exists():
        tell(list_differences, expires=TICK)
    if any(letters_to_draw()):
        tell(draw_letters, expires=TICK)
    for pk in drawing.statements_to_draw().values_list("pk", flat=True)[:AT_ONCE]:
        tell(draw_statement, pk, expires=TICK)
    for pk in chunks_to_finish().values_list("pk", flat=True)[:AT_ONCE]:
        tell(finish, pk, expires=TICK)


def start_soon(run: BillingRun) -> None:
    """Have a run taken up once the transaction is committed."""
    transaction.on_commit(lambda: tell(take_up, run.pk))


def draw_soon(asked: StatementOfAccount) -> None:
    """Have a statement of account drawn once the transaction is committed."""
    transaction.on_commit(lambda: tell(draw_statement, asked.pk))
