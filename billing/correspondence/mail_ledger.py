"""How e-mails of a ledger are handed to the mail server: nobody gets one twice."""

import logging
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models.mail import Mail
from portal.installation.holding import ensure_free, going_out
from portal.installation.mail_server import noting_trouble

_log = logging.getLogger(__name__)

Write = Callable[[Any, BaseEmailBackend], EmailMessage]


def hand_over_each(
    waiting: QuerySet[Any],
    write: Write,
    put_off: Callable[[Any], object] = lambda mail: None,
    after_each: Callable[[], None] = lambda: None,
) -> None:
    """Hand e-mails to the mail server, as `write` composes them.

    Each is claimed in the database first, so this may be killed, started again and run by several at once.
    What was claimed and never confirmed stays `interrupted`, for staff to look at. `put_off` is told of what
    the server wants later. Raises OSError when it can't be reached, or asks to come again: the rest waits.
    Raises HeldBackError.
    """
    ensure_free()
    later: OSError | None = None
    with noting_trouble(), get_connection() as connection:
        for mail in waiting:
            if _claim(mail):
                later = _send(mail, write, put_off, connection) or later
            after_each()
    if later:
        raise later


def put_back(mail: Mail, address: str) -> None:
    """Have an e-mail that was interrupted or refused wait again, to go to the address of now.

    ValidationError for another one.
    """
    if mail.state not in (Mail.State.INTERRUPTED, Mail.State.REFUSED):
        raise ValidationError(_("Only what was interrupted or refused is sent again."), code="not_needed")
    mail.address = address
    mail.claimed_at, mail.refusal = None, ""
    mail.save()


def _claim(mail: Mail) -> bool:
    """Take an e-mail for this process; false where another one was first."""
    with going_out():
        return bool(_row(mail).filter(claimed_at__isnull=True).update(claimed_at=timezone.now()))


def _send(
    mail: Mail, write: Write, put_off: Callable[[Any], object], connection: BaseEmailBackend
) -> OSError | None:
    """Hand one e-mail over; gives why the server wants it later. Other errors are the caller's."""
    try:
        write(mail, connection).send()
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        if _is_passing(refusal):
            _row(mail).update(claimed_at=None)
            put_off(mail)
            return refusal
        _log.warning("The e-mail %s was refused: %s", mail, refusal)
        _row(mail).update(refusal=str(refusal)[:500])
    else:
        _row(mail).update(accepted_at=timezone.now())
    return None


def _row(mail: Mail) -> QuerySet[Any]:
    return type(mail)._default_manager.filter(pk=mail.pk)


def _is_passing(refusal: SMTPRecipientsRefused | SMTPResponseException) -> bool:
    """Whether the server asks to come again later (codes from 400 to 499)."""
    if isinstance(refusal, SMTPResponseException):
        return 400 <= refusal.smtp_code < 500
    return all(400 <= code < 500 for code, _reply in refusal.recipients.values())
