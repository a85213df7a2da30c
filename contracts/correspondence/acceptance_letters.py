"""Letters that form a contract, or its change: each states the day on which it goes out."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.correspondence import letters
from contracts.models import IssuedLetter
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.consent import start_of
from contracts.wording.formats import day_text
from portal.outbox import delivery
from portal.outbox.attachments import KeptFile, attachments_of
from portal.outbox.kinds import NotYetError
from portal.outbox.models import Mail

MARGIN = delivery.LONGEST
"""So long before midnight none is begun: its letter states the day on which it goes out."""


def ensure_day_lasts(at: datetime) -> None:
    """Raise NotYetError where a letter that is begun now may go out on the next day only."""
    tomorrow = start_of(japan_date(at) + timedelta(days=1))
    if at + MARGIN > tomorrow:
        raise NotYetError(tomorrow)


def file_of(mail: Mail, letter: IssuedLetter) -> KeptFile:
    """The PDF of a drafted letter; that of the last try, where it said the same."""
    if mail.data.get("document") == letter.document and mail.attachments:
        return attachments_of(mail)[0]
    return letters.drawn(letter)


def stated_day(mail: Mail) -> date | None:
    """The day that the letter of an e-mail states; None where it was not drafted, or is not stored here."""
    document = mail.data.get("document")
    return date.fromisoformat(document["issued_on"]) if document else None


def ensure_stated_day(mail: Mail, at: datetime) -> None:
    """ValidationError (`at`) for another day than the one that the letter states."""
    stated = stated_day(mail)
    if stated is None:  # it went out after the backup that was restored
        raise ValidationError({"at": _("The letter that went out is not stored here; send it again.")})
    if japan_date(at) != stated:
        message = _("Its letter states %(day)s. If it went out on another day, send it again.")
        raise ValidationError({"at": message % {"day": day_text(stated)}})
