"""What becomes of a notice's e-mails and letters on their way, and what becomes known of them afterwards."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from contracts.models import Notice, NoticeDelivery
from contracts.notices.check import effective_at
from contracts.notices.mail import NOTICE, note_bounce
from portal.audit.record import record
from portal.organisations.models import User
from portal.outbox import delivery as outbox
from portal.outbox import settling
from portal.outbox.models import Mail, MailQuerySet
from portal.outbox.tasks import send_soon


def mails_of(notice: Notice) -> MailQuerySet:
    """The e-mails of a notice in the outbox."""
    return Mail.objects.filter(kind=NOTICE, about__in=notice.deliveries.values("pk"))


def waiting_mails(notice: Notice) -> MailQuerySet:
    """Those that nobody has begun to hand over."""
    return mails_of(notice).waiting()


def with_ledger(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Notices, each with `waits`, whether an e-mail of it does, and how many were accepted, bounced, read."""
    ledger = NoticeDelivery.objects.filter(notice=OuterRef("pk")).order_by().values("notice")
    own = NoticeDelivery.objects.filter(notice=OuterRef(OuterRef("pk"))).values("pk")

    def counted(field: str) -> Coalesce:
        known = ledger.filter(**{f"{field}__isnull": False})
        return Coalesce(Subquery(known.annotate(count=Count("pk")).values("count")), 0)

    return notices.annotate(
        waits=Exists(Mail.objects.filter(kind=NOTICE, about__in=own).waiting()),
        count_accepted=counted("accepted_at"),
        count_bounced=counted("bounced_at"),
        count_read=counted("read_at"),
    )


@transaction.atomic
def hurry(notice: Notice) -> int:
    """Let the e-mails of a notice that wait be tried at once; gives how many."""
    waiting = waiting_mails(notice).update(due_at=timezone.now())
    send_soon()
    return waiting


def mail_of(delivery: NoticeDelivery) -> Mail | None:
    """The newest e-mail of a line of the ledger."""
    return Mail.objects.filter(kind=NOTICE, about=delivery.pk).order_by("-pk").first()


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
    mail = mail_of(current)
    if mail is None or not outbox.bounced(mail, at, why):
        note_bounce(current, at, why)
    current.refresh_from_db()
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
    """Send an e-mail again that was interrupted, or that bounced, to the person's address of now.

    ValidationError for another one. HeldBackError.
    """
    current = _locked(delivery)
    mail = mail_of(current)
    if current.channel != NoticeDelivery.Channel.EMAIL or mail is None:
        raise ValidationError(_("Only e-mails are sent again from here."), code="not_needed")
    if mail.state not in settling.TO_LEAVE:
        raise ValidationError(_("Only what was interrupted or came back is sent again."), code="not_needed")
    again = settling.send_again(mail, staff, timezone.now())
    current.address = again.address
    current.save(update_fields=["address"])
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
