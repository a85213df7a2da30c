"""E-mails about what is owed. A mail that the server does not take is logged, and the function says so."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from billing.models import Reminder
from billing.operations.letters import kept_pdf

logger = logging.getLogger(__name__)


def send_reminder_mail(reminder: Reminder, address: str) -> bool:
    """Send a reminder with its PDF, in the language in which the customer applied."""
    line = reminder.lines.select_related("invoice__contract__application").first()
    language = line.invoice.contract.application.language if line else "ja"
    content = kept_pdf(reminder)
    if content is None:
        logger.error("The PDF of reminder %s is missing or was changed.", reminder.pk)
        return False
    with override(language):
        values = {
            "reminder": reminder,
            "organisation": reminder.organisation,
            "provider": reminder.provider,
            "lines": reminder.lines.select_related("invoice"),
            "url": settings.PORTAL_URL + reverse("billing:invoice-list"),
        }
        message = EmailMessage(
            subject=" ".join(render_to_string("billing/email/reminder_subject.txt", values).split()),
            body=render_to_string("billing/email/reminder.txt", values).strip() + "\n",
            to=[address],
            reply_to=[reminder.provider.email],
            attachments=[(f"reminder-{reminder.issued_on:%Y%m%d}.pdf", content, "application/pdf")],
        )
    try:
        return message.send() == 1
    except OSError:  # what the mail server and the way to it can do to us, smtplib's errors among them
        logger.exception("Reminder %s could not be handed over.", reminder.pk)
        return False
