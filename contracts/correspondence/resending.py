"""Sending an issued letter once more."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import contract_mails as mail
from contracts.correspondence.letters import pdf_of
from contracts.correspondence.sending import people_of
from contracts.models import IssuedLetter
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.kept_files import DamagedFileError
from portal.organisations.models import User


def send_letter_again(letter: IssuedLetter, staff: User, at: datetime) -> IssuedLetter:
    """Send a letter as it was issued to those who act for its organisation now.

    ValidationError where nobody acts for it, its file is damaged, or the mail server refuses. HeldBackError.
    """
    ensure_free()
    if not people_of(letter.organisation):
        raise ValidationError(_("Nobody acts for this organisation in the portal."), code="nobody")
    try:
        pdf_of(letter)
    except DamagedFileError as error:
        raise ValidationError(
            _("The stored file of the letter is missing or was altered, so it can't be sent again."),
            code="damaged",
        ) from error
    if not mail.letter_again(letter.pk):
        raise ValidationError(
            _("The mail server did not take the letter. Please try again later."), code="not_sent"
        )
    _record_sent(letter, staff, at)
    return letter


@transaction.atomic
def _record_sent(letter: IssuedLetter, staff: User, at: datetime) -> None:
    record("letter.sent_again", staff, letter, number=letter.number, kind=letter.kind, at=at)
