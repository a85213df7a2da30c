"""The e-mails that tell a customer of an invoice, a return, or a cancellation."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.invoicing.pdfs import make_pdf
from billing.models import Invoice
from contracts.wording.formats import day_text, yen_text
from portal.outbox.attachments import KeptFile
from portal.outbox.kinds import Written
from portal.outbox.models import Mail

ISSUED = "invoice"
CANCELLED = "invoice_cancelled"


def written_invoice_mail(mail: Mail, at: datetime) -> Written:
    """An e-mail about an invoice: with a link, and the PDF where the terms have it delivered so, or by post.

    The PDF is made if it is not there yet.
    """
    invoice = Invoice.objects.get(pk=mail.about)
    if not invoice.pdf:
        make_pdf(invoice)
    by_post = not mail.address and mail.kind == ISSUED
    attached = bool(mail.data.get("attached")) or by_post
    with override(mail.language):
        values = {
            "invoice": invoice,
            "attached": attached,
            "amount": yen_text(invoice.gross),
            "due": day_text(invoice.due_on),
            "url": settings.PORTAL_URL + reverse("billing:invoice-detail", args=[invoice.number]),
        }
        subject, values["opening"] = (text % _facts(invoice) for text in _texts(mail.kind, invoice))
        text = render_to_string("billing/email/invoice.txt", values)
    files = (KeptFile(f"{invoice.number}.pdf", str(invoice.pdf.name), invoice.pdf_hash),) if attached else ()
    return Written(" ".join(subject.split()), text.strip() + "\n", files)


def _texts(kind: str, invoice: Invoice) -> tuple[str, str]:
    """Subject and first sentence, by what the e-mail is about."""
    if kind == CANCELLED:
        return (
            _("Invoice %(number)s from %(provider)s was cancelled"),
            _("We cancelled the invoice below. Please do not pay it; what you paid is kept as your credit."),
        )
    if invoice.is_return:
        return (
            _("Return invoice %(number)s from %(provider)s"),
            _("We returned an amount of invoice %(original)s. The return invoice is ready in the portal."),
        )
    if invoice.replaces_id:
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
