"""Handing a notice's e-mails over, and what becomes known of e-mails and letters afterwards."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Literal

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contracts.applications.acceptance import Clock, now
from contracts.models import Notice, NoticeDelivery
from contracts.notices.check import effective_at
from contracts.notices.mail import notice_mail
from portal.audit.record import record
from portal.installation.holding import ensure_free, going_out
from portal.installation.mail_server import noting_trouble
from portal.organisations.models import User

CHUNK = 50
Outcome = Literal["accepted", "refused", "later"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeliveryReport:
    """How many e-mails of a notice the server took now, how many it refused, and how many still wait."""

    accepted: int
    refused: int
    waiting: int


def deliver(notice: Notice, *, clock: Clock = now) -> DeliveryReport:
    """Hand over the e-mails that wait, in chunks of one connection each. Nobody gets one twice.

    Each is claimed in the database before it is handed over, so this may be killed, started again and run by
    several at once. What was claimed and never confirmed stays `interrupted`, for staff to look at. When the
    server can't be reached the rest waits. Raises HeldBackError.
    """
    ensure_free()
    outcomes: Counter[Outcome] = Counter()
    last = 0
    while chunk := list(waiting_mails(notice).filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        connection = get_connection()
        try:
            with noting_trouble():
                connection.open()
                claimed = (mail for mail in chunk if _claim(mail, clock()))
                outcomes.update(_hand_over(mail, connection, clock) for mail in claimed)
        except OSError:  # what the server and the way to it can do to us, the rest of smtplib's errors too
            logger.exception("The e-mails of notice %s could not all be handed over.", notice.pk)
            break
        finally:
            connection.close()
    return DeliveryReport(outcomes["accepted"], outcomes["refused"], waiting_mails(notice).count())


def waiting_mails(notice: Notice) -> QuerySet[NoticeDelivery]:
    """The e-mails of a notice that nobody has begun to hand over."""
    mails = NoticeDelivery.objects.filter(
        notice=notice, channel=NoticeDelivery.Channel.EMAIL, sent_at__isnull=True
    )
    related = ("notice__service__provider", "notice__governing_version", "organisation", "person")
    return mails.select_related(*related).order_by("pk")


def _claim(delivery: NoticeDelivery, at: datetime) -> bool:
    """Take a delivery for this process; false where another one was first."""
    delivery.sent_at = at
    unclaimed = NoticeDelivery.objects.filter(pk=delivery.pk, sent_at__isnull=True)
    with going_out():
        return bool(unclaimed.update(sent_at=at))


def _hand_over(delivery: NoticeDelivery, connection: BaseEmailBackend, clock: Clock) -> Outcome:
    """Hand one e-mail over; what the server can't take now waits again. Other errors are the caller's."""
    try:
        notice_mail(delivery, connection).send()
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        if _is_passing(refusal):
            delivery.sent_at = None
            delivery.save(update_fields=["sent_at"])
            return "later"
        _note_bounce(delivery, clock(), str(refusal))
        return "refused"
    delivery.accepted_at = delivery.arrived_at = clock()
    delivery.effective_at = effective_at(delivery)
    delivery.save(update_fields=["accepted_at", "arrived_at", "effective_at"])
    return "accepted"


def _is_passing(refusal: SMTPRecipientsRefused | SMTPResponseException) -> bool:
    """Whether the server asks to try again later (codes from 400 to 499)."""
    if isinstance(refusal, SMTPResponseException):
        return 400 <= refusal.smtp_code < 500
    return all(400 <= code < 500 for code, _reply in refusal.recipients.values())


def _note_bounce(delivery: NoticeDelivery, at: datetime, why: str) -> None:
    """What bounced did not arrive; where dispatch counts, what was handed over took effect all the same."""
    delivery.bounced_at, delivery.bounce_note = at, why[:500]
    delivery.arrived_at = None
    delivery.effective_at = effective_at(delivery)
    delivery.save(update_fields=["bounced_at", "bounce_note", "arrived_at", "effective_at"])


@transaction.atomic
def record_bounce(
    delivery: NoticeDelivery, at: datetime, why: str, staff: User | None = None
) -> NoticeDelivery:
    """Record that an e-mail or letter came back. ValidationError where it was not sent, or bounced before."""
    current = _locked(delivery)
    if current.channel == NoticeDelivery.Channel.SITE or current.sent_at is None:
        raise ValidationError(_("Only what was sent can come back."), code="not_sent")
    if current.bounced_at:
        raise ValidationError(_("That it came back is recorded already."), code="already_done")
    _note_bounce(current, at, why)
    record(
        "notice.bounced",
        staff,
        current,
        notice=current.notice_id,
        personal={"address": current.address, "why": why},
    )
    return current


@transaction.atomic
def send_again(delivery: NoticeDelivery, staff: User) -> NoticeDelivery:
    """Put an e-mail whose handing over was interrupted, or that bounced, back among those that wait."""
    current = _locked(delivery)
    if current.state not in (NoticeDelivery.State.INTERRUPTED, NoticeDelivery.State.BOUNCED):
        raise ValidationError(_("Only what was interrupted or came back is sent again."), code="not_needed")
    if current.channel != NoticeDelivery.Channel.EMAIL:
        raise ValidationError(_("Only e-mails are sent again from here."), code="not_needed")
    current.sent_at = current.accepted_at = current.bounced_at = current.effective_at = None
    current.bounce_note = ""
    if current.person:
        current.address = current.person.email
    current.save()
    record(
        "notice.sent_again", staff, current, notice=current.notice_id, personal={"address": current.address}
    )
    return current


@transaction.atomic
def record_posting(notice: Notice, staff: User, at: datetime) -> int:
    """Record that the letters of a notice were posted; gives how many. ValidationError where none waits."""
    letters = NoticeDelivery.objects.filter(notice=notice, channel=NoticeDelivery.Channel.LETTER)
    found = list(letters.filter(sent_at__isnull=True).select_for_update())
    if not found:
        raise ValidationError(_("No letter waits to be posted."), code="nothing_waits")
    for letter in found:
        letter.sent_at = at
        letter.effective_at = effective_at(letter)
        letter.save(update_fields=["sent_at", "effective_at"])
    record("notice.letters_posted", staff, notice, letters=len(found), at=at)
    return len(found)


@transaction.atomic
def record_arrival(delivery: NoticeDelivery, staff: User, at: datetime) -> NoticeDelivery:
    """Record when a letter arrived. ValidationError where it was not posted before that moment."""
    current = _locked(delivery)
    if current.channel != NoticeDelivery.Channel.LETTER:
        raise ValidationError(_("Only letters have their arrival recorded by hand."), code="no_letter")
    if current.sent_at is None or at < current.sent_at:
        raise ValidationError({"at": _("The letter was not posted by then.")}, code="not_sent")
    current.arrived_at = at
    current.bounced_at, current.bounce_note = None, ""
    current.effective_at = effective_at(current)
    current.save()
    record("notice.letter_arrived", staff, current, notice=current.notice_id, at=at)
    return current


def _locked(delivery: NoticeDelivery) -> NoticeDelivery:
    return NoticeDelivery.objects.select_for_update().get(pk=delivery.pk)
