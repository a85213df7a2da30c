"""Work in the background on contracts. Tasks only say that there is something to do, not what."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from contracts.inbox.daily import run_day
from contracts.models import Posting, Takeover
from contracts.posting import drawing
from contracts.takeover import work
from portal.installation.holding import unless_held
from portal.installation.processes import this_process
from portal.installation.telling import tell

TICK = 30
"""Seconds from one look for work to the next."""


@shared_task
@unless_held
def run_today() -> None:
    """Send the reminders of today that have not gone out yet."""
    run_day(timezone.localdate())


@shared_task
@unless_held
def draw_posting(posting_pk: int) -> None:
    """Draw a print file for envelopes."""
    drawing.draw_posting(posting_pk)


@shared_task
@unless_held
def take_over(takeover_pk: int) -> None:
    """Check the running contracts of a file, or bring them in."""
    work.carry_on(takeover_pk, this_process())


@shared_task
@unless_held
def look_for_postings() -> None:
    """Tell of print files that wait: after a worker was lost, or a message that never arrived."""
    for pk in drawing.postings_to_draw().values_list("pk", flat=True):
        tell(draw_posting, pk, expires=TICK)


def draw_soon(posting: Posting) -> None:
    """Have a print file drawn once the transaction is committed."""
    transaction.on_commit(lambda: tell(draw_posting, posting.pk))


@shared_task
@unless_held
def look_for_takeovers() -> None:
    """Tell of files of running contracts that wait: a worker was lost, or a message never arrived."""
    for pk in work.to_work_on().values_list("pk", flat=True):
        tell(take_over, pk, expires=TICK)


def take_over_soon(takeover: Takeover) -> None:
    """Have a file worked on once the transaction is committed."""
    transaction.on_commit(lambda: tell(take_over, takeover.pk))
