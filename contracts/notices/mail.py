"""A notice as the e-mail that goes to one recipient."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from contracts.models import Notice, NoticeDelivery


def notice_mail(delivery: NoticeDelivery, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """The e-mail of a delivery, in the recipient's language. Its Message-ID names the line of the ledger."""
    notice = delivery.notice
    with override(delivery.language):
        values = {
            "notice": notice,
            "organisation": delivery.organisation,
            "person": delivery.person,
            "service": notice.service,
            "url": notice_url(notice),
        }
        return EmailMessage(
            subject=" ".join(notice.shown_subject.split()),
            body=render_to_string("contracts/email/notice.txt", values).strip() + "\n",
            to=[delivery.address],
            reply_to=[notice.service.provider.email],
            headers={"Message-ID": f"<{message_id(delivery)}>"},
            connection=connection,
        )


def notice_url(notice: Notice) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:notice-detail", args=[notice.pk])


def message_id(delivery: NoticeDelivery) -> str:
    """The same for every attempt, so that a server that is given it twice can tell."""
    return f"notice-{delivery.notice_id}-{delivery.pk}@{urlsplit(settings.PORTAL_URL).hostname}"
