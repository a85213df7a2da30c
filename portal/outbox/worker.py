"""Handing e-mails to the mail server: nobody gets one twice, and none that it did not take is lost."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from smtplib import (
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from django.core.mail import EmailMessage
from django.db import DatabaseError
from django.utils import timezone

from portal.installation.holding import HeldBackError, ensure_free
from portal.installation.mail_server import is_away
from portal.outbox.delivery import (
    asked_later,
    claim,
    doubt,
    doubt_what_was_lost,
    not_written,
    put_off,
    put_off_unclaimed,
    refused,
    taken,
)
from portal.outbox.kinds import NotYetError, Written, kind_of
from portal.outbox.message import message_of
from portal.outbox.models import Mail, MailQuerySet
from portal.outbox.server import Server, ServerAwayError

AT_ONCE = 100
"""So many are looked up at a time."""

SECONDS = 20
"""So long they are sent in one go: other work has its turn then."""

_log = logging.getLogger(__name__)


def send_due() -> bool:
    """Send what is due, for some seconds; gives whether there is more.

    What somebody waits for goes first, whenever it comes, and not at all once it has expired. Raises
    HeldBackError, when that has gone out.
    """
    until = time.monotonic() + SECONDS
    Mail.objects.expire(timezone.now())
    Mail.objects.erase_spent(timezone.now())
    doubt_what_was_lost()
    if is_away():
        return False
    try:
        with Server() as server:
            _give_urgent(server, until)
            ensure_free()
            for mail in Mail.objects.due().filter(expires_at__isnull=True)[:AT_ONCE]:
                hand_over(mail, server)
                _give_urgent(server, until)
                if time.monotonic() > until:
                    break
    except ServerAwayError as away:
        put_off_unclaimed(Mail.objects.due(), timezone.now(), str(away))
        return False
    return Mail.objects.due().exists()


def _give_urgent(server: Server, until: float) -> None:
    for mail in Mail.objects.urgent_due()[:AT_ONCE]:
        hand_over(mail, server)
        if time.monotonic() > until:
            break


def send_all_due() -> None:
    """Send all that is due, without a worker. Raises HeldBackError."""
    while send_due():
        pass


def send_these(mails: MailQuerySet, after_each: Callable[[], None] = lambda: None) -> str:
    """Send e-mails that wait, due or not, and call `after_each`; what does not go out is tried again later.

    Gives why, where the mail server is away; otherwise nothing. Raises HeldBackError.
    """
    ensure_free()
    waiting = list(mails.to_mail().order_by("pk"))
    try:
        with Server() as server:
            for mail in waiting:
                hand_over(mail, server)
                after_each()
    except ServerAwayError as away:
        left = Mail.objects.filter(pk__in=[mail.pk for mail in waiting])
        put_off_unclaimed(left, timezone.now(), str(away))
        return str(away)
    return ""


def hand_over(mail: Mail, server: Server) -> None:
    """Write an e-mail that waited a moment ago, claim it, and hand it over, unless somebody was first.

    Raises ServerAwayError, HeldBackError.
    """
    at = timezone.now()
    found = _composed(mail, at)
    if found is None:
        return
    written, message = found
    server.connect()
    if claim(mail, written, at):
        _give(mail, message, server)


def _composed(mail: Mail, at: datetime) -> tuple[Written, EmailMessage] | None:
    """What an e-mail says, and its message; None where it can't be written now, or is no longer so."""
    try:
        if kind_of(mail.kind).is_over(mail):
            Mail.objects.waiting().filter(pk=mail.pk).let_be(at)
            return None
        written = kind_of(mail.kind).write(mail, at)
        return written, message_of(mail, written)
    except NotYetError as reason:
        Mail.objects.waiting().filter(pk=mail.pk).update(due_at=reason.until)
    except (DatabaseError, HeldBackError):
        raise
    except Exception as trouble:  # whatever is wrong with one, the others go out
        _log.exception("The e-mail %s could not be written.", mail.name)
        not_written(mail, at, f"{type(trouble).__name__}: {trouble}")
    return None


def _give(mail: Mail, message: EmailMessage, server: Server) -> None:
    """Hand a claimed e-mail over, and store what became of it."""
    try:
        server.give(message)
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        server.hang_up()
        _store(asked_later if _is_passing(refusal) else refused, mail, _words_of(refusal))
    except (ValueError, SMTPNotSupportedError) as trouble:  # an address, say, that no message can bear
        server.hang_up()
        _store(refused, mail, str(trouble))
    except OSError as trouble:
        server.hang_up()
        _store(doubt if server.has_all else put_off, mail, f"{type(trouble).__name__}: {trouble}")
    else:
        moment = timezone.now()
        try:
            taken(mail, moment)
        except Exception:
            _log.exception("The mail server took %s at %s, which could not be stored.", mail.name, moment)
            doubt(mail, moment, f"the mail server took it at {moment.isoformat()}")


def _store(step: Callable[[Mail, datetime, str], None], mail: Mail, why: str) -> None:
    _log.warning("The e-mail %s did not go out: %s", mail.name, why)
    step(mail, timezone.now(), why)


def _is_passing(refusal: SMTPRecipientsRefused | SMTPResponseException) -> bool:
    """Whether the server asks to come again later (codes from 400 to 499), or minds our own address."""
    if isinstance(refusal, SMTPResponseException):
        return 400 <= refusal.smtp_code < 500 or isinstance(refusal, SMTPSenderRefused)
    return all(400 <= code < 500 for code, _reply in refusal.recipients.values())


def _words_of(refusal: SMTPRecipientsRefused | SMTPResponseException) -> str:
    """What the server said."""
    if isinstance(refusal, SMTPResponseException):
        replies = [(refusal.smtp_code, refusal.smtp_error)]
    else:
        replies = list(refusal.recipients.values())
    return "; ".join(
        f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
        for code, text in replies
    )
