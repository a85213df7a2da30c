"""E-mails that carry letters: about what is owed, and about deposits."""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from billing.correspondence.letters import kept_pdf
from billing.models import DepositLetter, DepositMail, Reminder
from contracts.wording.formats import day_text, yen_text
from portal.installation.holding import HeldBackError, move_on
from portal.installation.mail_server import noting_trouble

logger = logging.getLogger(__name__)

_DEPOSIT_TEXTS = {
    DepositLetter.Kind.ASKED: (
        gettext_noop("Request for a deposit from %(provider)s"),
        gettext_noop("Please pay the deposit below. The letter is attached, and lies in the portal."),
    ),
    DepositLetter.Kind.RECEIVED: (
        gettext_noop("Receipt of your deposit from %(provider)s"),
        gettext_noop("We received your deposit. The receipt is attached, and lies in the portal."),
    ),
    DepositLetter.Kind.RETURNED: (
        gettext_noop("Return of your deposit from %(provider)s"),
        gettext_noop(
            "We returned what was left of your deposit. The letter is attached, and lies in the portal."
        ),
    ),
}


def send_reminder_mail(reminder: Reminder, address: str) -> bool:
    """Send a reminder with its PDF, in the language in which the customer applied.

    What the mail server does not take, or may not go out, is logged, and the function says so.
    """
    line = reminder.lines.select_related("invoice__contract__application").first()
    language = line.invoice.contract.application.language if line else "ja"
    try:
        content = kept_pdf(reminder)
    except OSError:
        logger.exception("Reminder %s has no PDF to be sent with.", reminder.pk)
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
        move_on()
        with noting_trouble():
            return message.send() == 1
    # OSError: what the mail server and the way to it can do to us, smtplib's errors among them.
    except (OSError, HeldBackError):
        logger.exception("Reminder %s could not be handed over.", reminder.pk)
        return False


def deposit_mail(mail: DepositMail, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """The e-mail of a letter about a deposit, with its PDF, in the language in which the customer applied.

    Raises DamagedFileError where the PDF is missing or is not the one that was issued; StorageError.
    """
    letter = mail.letter
    content = kept_pdf(letter)
    document = letter.document
    with override(mail.language):
        subject, opening = _DEPOSIT_TEXTS[DepositLetter.Kind(letter.kind)]
        values = {
            "recipient": document["recipient"]["name"],
            "opening": _(opening),
            "letter": letter,
            "contract": document["contract"],
            "amount": yen_text(letter.deposit.amount),
            "pay_by": day_text(letter.deposit.pay_by) if letter.kind == DepositLetter.Kind.ASKED else "",
            "returned": yen_text(document["returned"]) if letter.kind == DepositLetter.Kind.RETURNED else "",
            "url": settings.PORTAL_URL + reverse("billing:deposit-letter-pdf", args=[letter.pk]),
            "issuer": document["issuer"],
        }
        return EmailMessage(
            subject=" ".join((_(subject) % {"provider": document["issuer"]["name"]}).split()),
            body=render_to_string("billing/email/deposit.txt", values).strip() + "\n",
            to=[mail.address],
            reply_to=[document["issuer"]["email"]],
            headers={"Message-ID": f"<deposit-letter-{letter.pk}@{urlsplit(settings.PORTAL_URL).hostname}>"},
            attachments=[
                (f"deposit-{letter.kind}-{letter.issued_on:%Y%m%d}.pdf", content, "application/pdf")
            ],
            connection=connection,
        )
