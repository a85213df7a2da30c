"""A notice as the e-mail that goes to one recipient; what becomes of it is written into the ledger."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from contracts.correspondence.sending import sender_of
from contracts.models import Notice, NoticeDelivery
from contracts.notices.check import effective_at
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import unsaved

NOTICE = "notice"


def unsaved_mail(delivery: NoticeDelivery, at: datetime) -> Mail:
    """The e-mail of a stored line of the ledger, for the outbox."""
    notice = delivery.notice
    return unsaved(
        NOTICE,
        delivery.pk,
        delivery.address,
        sender_of(notice.service.provider, delivery.language),
        key=f"{NOTICE}:{delivery.pk}",
        number=str(notice.pk),
        organisation=delivery.organisation,
        language=delivery.language,
        subject=subject_of(delivery),
        due_at=at,
    )


def subject_of(delivery: NoticeDelivery) -> str:
    with override(delivery.language):
        return " ".join(delivery.notice.shown_subject.split())


def notice_url(notice: Notice) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:notice-detail", args=[notice.pk])


def _written(mail: Mail, at: datetime) -> Written:
    """The e-mail of a delivery, in the recipient's language."""
    delivery = _delivery(mail)
    notice = delivery.notice
    with override(delivery.language):
        values = {
            "notice": notice,
            "organisation": delivery.organisation,
            "person": delivery.person,
            "service": notice.service,
            "url": notice_url(notice),
        }
        text = render_to_string("contracts/email/notice.txt", values).strip() + "\n"
    return Written(subject_of(delivery), text)


def _taken(mail: Mail, at: datetime) -> None:
    """An e-mail that the server took has arrived there; what was so before stays."""
    delivery = _delivery(mail)
    if delivery.accepted_at is None:
        delivery.sent_at, delivery.accepted_at = mail.claimed_at or at, at
    delivery.arrived_at = delivery.arrived_at or at
    delivery.bounced_at, delivery.bounce_note = None, ""
    delivery.effective_at = delivery.effective_at or effective_at(delivery)
    delivery.save()


def _failed(mail: Mail, at: datetime, why: str) -> None:
    note_bounce(_delivery(mail), at, why)


def note_bounce(delivery: NoticeDelivery, at: datetime, why: str) -> None:
    """What bounced did not arrive; where dispatch counts, what was handed over took effect all the same."""
    delivery.sent_at = delivery.sent_at or at
    delivery.bounced_at, delivery.bounce_note = at, why[:500]
    delivery.arrived_at = None
    delivery.effective_at = effective_at(delivery)
    delivery.save()


def _delivery(mail: Mail) -> NoticeDelivery:
    related = ("notice__service__provider", "notice__governing_version", "organisation", "person")
    return NoticeDelivery.objects.select_related(*related).get(pk=mail.about)


def _address_of_now(mail: Mail) -> str:
    delivery = NoticeDelivery.objects.select_related("person").get(pk=mail.about)
    return delivery.person.email if delivery.person else delivery.address


NOTICES = Kind(
    key=NOTICE,
    label=_("Notice"),
    model="contracts.noticedelivery",
    write=_written,
    taken=_taken,
    failed=_failed,
    address=_address_of_now,
)
