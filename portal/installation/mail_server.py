"""Whether the mail server is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from portal.installation.models import SignOfLife
from portal.installation.signs import alive, failing
from portal.storage import StorageError

PATIENCE = 5
"""Seconds that the mail server has to answer one who only asks whether it is there."""

NOT_AGAIN = timedelta(seconds=20)
"""How long nobody waits for the mail server again after it did not answer."""

LATELY = timedelta(seconds=90)
"""So long after it failed nobody counts on the mail server, unless it answered meanwhile."""


def is_away() -> bool:
    """Whether the mail server did not answer just now."""
    return SignOfLife.objects.filter(
        part=SignOfLife.Part.MAIL, failed_at__gt=timezone.now() - NOT_AGAIN
    ).exists()


def is_failing() -> bool:
    """Whether the mail server did not answer when it was asked last, a moment ago."""
    asked_since = timezone.now() - LATELY
    failing_now = SignOfLife.objects.filter(part=SignOfLife.Part.MAIL, failing_since__isnull=False)
    return failing_now.filter(failed_at__gt=asked_since).exists()


def look_for_mail_server() -> None:
    """Connect to the mail server, and store whether it is there; where e-mails don't go to one, nothing."""
    if not is_used():
        return
    if found := trouble():
        failing(SignOfLife.Part.MAIL, found)
    else:
        alive(SignOfLife.Part.MAIL)


def is_used() -> bool:
    """Whether e-mails go to a mail server."""
    return isinstance(get_connection(), EmailBackend)


def trouble() -> OSError | None:
    """What the mail server answers with, if not well, within some seconds; None where there is none."""
    connection = get_connection()
    if not isinstance(connection, EmailBackend):
        return None
    connection.timeout = PATIENCE
    try:
        connection.open()
        if connection.connection:
            connection.connection.noop()
    except OSError as error:  # smtplib's errors among them
        return error
    finally:
        connection.close()
    return None


@contextmanager
def noting_trouble() -> Iterator[None]:
    """Store that the mail server is not there, where sending within fails for that; the error goes on."""
    try:
        yield
    except OSError as trouble:
        if not _is_about_a_message(trouble):
            failing(SignOfLife.Part.MAIL, trouble)
        raise


def _is_about_a_message(trouble: OSError) -> bool:
    """Whether the server refused one message, or a file to attach can't be had."""
    if isinstance(trouble, (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError)):
        return False
    return isinstance(
        trouble, (SMTPRecipientsRefused, SMTPResponseException, FileNotFoundError, StorageError)
    )
