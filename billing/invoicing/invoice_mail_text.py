"""The e-mail that tells a customer of an invoice."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.models import Invoice, InvoiceMail
from contracts.wording.formats import day_text, yen_text


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
        subject, values["opening"] = (text % _facts(invoice) for text in _texts(mail))
        return EmailMessage(
            subject=" ".join(subject.split()),
            body=render_to_string("billing/email/invoice.txt", values).strip() + "\n",
            to=[mail.address],
            reply_to=[invoice.document["issuer"]["email"]],
            headers={"Message-ID": f"<{message_id(mail)}>"},
            connection=connection,
        )


def _texts(mail: InvoiceMail) -> tuple[str, str]:
    """Subject and first sentence, by what the e-mail is about."""
    if mail.about == InvoiceMail.About.CANCELLED:
        return (
            _("Invoice %(number)s from %(provider)s was cancelled"),
            _("We cancelled the invoice below. Please do not pay it; what you paid is kept as your credit."),
        )
    if mail.invoice.is_return:
        return (
            _("Return invoice %(number)s from %(provider)s"),
            _("We returned an amount of invoice %(original)s. The return invoice is ready in the portal."),
        )
    if mail.invoice.replaces_id:
        return (
            _("Invoice %(number)s from %(provider)s replaces %(original)s"),
            _("We cancelled invoice %(original)s. This one takes its place and is ready in the portal."),
        )
    return _("Invoice %(number)s from %(provider)s"), _("Your invoice is ready in the portal.")


def _facts(invoice: Invoice) -> dict[str, str]:
    document = invoice.document
    return {
        "number": invoice.number,
        "provider": document["issuer"]["name"],
        "original": document["original"]["number"] if "original" in document else "",
    }


def message_id(mail: InvoiceMail) -> str:
    """The same for every attempt, so that a server that is given it twice can tell.

    It bears the invoice's number: that of its row may have been another's, before a backup was restored.
    """
    about = "" if mail.about == InvoiceMail.About.ISSUED else f"{mail.about}-"
    return f"{about}invoice-{mail.invoice.number}@{urlsplit(settings.PORTAL_URL).hostname}"
