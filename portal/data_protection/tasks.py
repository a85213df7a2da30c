"""Copies and erasures in the background: tasks only say that some wait."""

from celery import shared_task
from django.core.management import call_command
from django.utils.timezone import now

from contracts.takeover.keeping import erase_old_lines
from portal.data_protection.copies import asking, making
from portal.data_protection.erasing import work
from portal.data_protection.models import DataCopy, Erasure
from portal.installation.processes import this_process
from portal.installation.telling import tell
from portal.tables_in.bringing import clear_old_tables

TICK = 30
"""Seconds from one look for work to the next."""


@shared_task
def make_copy(copy_pk: int) -> None:
    """Make a copy that was asked for."""
    making.make_copy(copy_pk, this_process())


@shared_task
def erase(erasure_pk: int) -> None:
    """Carry an erasure on, chunk by chunk, to its end."""
    work.carry_on(erasure_pk, this_process())


@shared_task
def look_for_work() -> None:
    """Tell of what waits: after a worker was lost, a restart, or a message that never arrived."""
    for pk in making.copies_to_make().values_list("pk", flat=True):
        tell(make_copy, pk, expires=TICK)
    for pk in work.erasures_to_carry_on().values_list("pk", flat=True):
        tell(erase, pk, expires=TICK)


@shared_task
def remove_what_is_over() -> None:
    """Remove copies, tables and lines brought in whose time is over, and sessions that have ended."""
    asking.remove_expired(now())
    clear_old_tables(now())
    erase_old_lines(now())
    call_command("clearsessions")


def make_soon(copy: DataCopy) -> None:
    """Have a copy made once the transaction is committed."""
    tell(make_copy, copy.pk)


def erase_soon(erasure: Erasure) -> None:
    """Have an erasure carried out once the transaction is committed."""
    tell(erase, erasure.pk)
