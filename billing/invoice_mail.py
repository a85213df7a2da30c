"""The e-mail that tells a customer of an invoice."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.models import InvoiceMail
from contracts.formats import day_text, yen_text


def invoice_mail(mail: InvoiceMail, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """The e-mail of a line of the ledger, in the language of the contract. It carries a link, not the PDF."""
    invoice = mail.invoice
    with override(mail.language):
        values = {
            "invoice": invoice,
            "amount": yen_text(invoice.gross),
            "due": day_text(invoice.due_on),
            "url": settings.PORTAL_URL + reverse("billing:invoice-detail", args=[invoice.number]),
        }
        subject = _("Invoice %(number)s from %(provider)s") % {
            "number": invoice.number,
            "provider": invoice.document["issuer"]["name"],
        }
        return EmailMessage(
            subject=" ".join(subject.split()),
            body=render_to_string("billing/email/invoice.txt", values).strip() + "\n",
            to=[mail.address],
            reply_to=[invoice.document["issuer"]["email"]],
            headers={"Message-ID": f"<{message_id(mail)}>"},
            connection=connection,
        )


def message_id(mail: InvoiceMail) -> str:
    """The same for every attempt, so that a server that is given it twice can tell."""
    return f"invoice-{mail.invoice_id}@{urlsplit(settings.PORTAL_URL).hostname}"
