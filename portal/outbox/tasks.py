"""Sending in the background. Tasks only say that something may be due; the database knows what."""

import logging

from celery import shared_task
from django.db import transaction

from portal.installation.holding import HeldBackError
from portal.installation.telling import tell
from portal.outbox.worker import send_due

TICK = 30
"""Seconds from one look for what is due to the next, and after which a message says nothing new any more."""

_log = logging.getLogger(__name__)


@shared_task
def send_mails() -> None:
    """Send what is due; where that takes long, other work has its turn in between."""
    try:
        if send_due():
            tell(send_mails, expires=TICK)
    except HeldBackError as error:
        _log.warning("E-mails wait: %s", error.reason.value)


def send_soon() -> None:
    """Have e-mails sent once the transaction is committed."""
    transaction.on_commit(lambda: tell(send_mails, expires=TICK))
