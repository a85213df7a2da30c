"""Sending in the background. Tasks only say that something may be due; the database knows what."""

from celery import shared_task
from django.db import transaction

from portal.installation.holding import unless_held
from portal.installation.telling import tell
from portal.outbox.worker import send_due

TICK = 30
"""Seconds from one look for what is due to the next, and after which a message says nothing new any more."""


@shared_task
@unless_held
def send_mails() -> None:
    """Send what is due; where that takes long, other work has its turn in between."""
    if send_due():
        tell(send_mails, expires=TICK)


def send_soon() -> None:
    """Have e-mails sent once the transaction is committed."""
    transaction.on_commit(lambda: tell(send_mails, expires=TICK))
