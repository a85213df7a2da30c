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
from portal.outbox.models import Mail


@transaction.atomic
def send_letter_again(letter: IssuedLetter, staff: User, at: datetime) -> IssuedLetter:
    """Send a letter as it was issued to those who act for its organisation now.

    ValidationError where nobody acts for it, its file is damaged, or it is being sent again already.
    HeldBackError.
    """
    ensure_free()
    current = IssuedLetter.objects.select_for_update().get(pk=letter.pk)
    if not people_of(current.organisation, about=current.contract):
        raise ValidationError(_("Nobody acts for this organisation in the portal."), code="nobody")
    if Mail.objects.waiting().filter(kind="letter_again", about=current.pk).exists():
        raise ValidationError(_("The letter is being sent again already."), code="being_sent")
    _ensure_whole(current)
    mail.letter_again(current.pk)
    record("letter.sent_again", staff, current, number=current.number, kind=current.kind, at=at)
    return current


def _ensure_whole(letter: IssuedLetter) -> None:
    try:
        pdf_of(letter)
    except DamagedFileError as error:
        raise ValidationError(
            _("The stored file of the letter is missing or was altered, so it can't be sent again."),
            code="damaged",
        ) from error
