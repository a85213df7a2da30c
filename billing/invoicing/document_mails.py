"""E-mails about documents that no billing run sends: returns, reissued and cancelled invoices."""

import logging

from django.db.models import Q, QuerySet

from billing.invoicing.invoice_mails import hand_over
from billing.invoicing.pdfs import make_pdf
from billing.models import Invoice, InvoiceMail
from portal.installation.holding import HeldBackError

_log = logging.getLogger(__name__)


def deliver(invoice: Invoice) -> None:
    """Make the PDF of a document that has none, and hand its e-mails over; what the server refuses waits."""
    if not invoice.pdf:
        make_pdf(invoice)
    send_waiting(Invoice.objects.filter(pk=invoice.pk))


def send_waiting(invoices: QuerySet[Invoice]) -> None:
    """Hand over the waiting e-mails of documents; where the mail server can't be reached, they wait on.

    So they do while the installation is held back.
    """
    try:
        hand_over(invoices)
    except (OSError, HeldBackError):
        _log.exception("E-mails about documents could not be handed over; they wait.")


def documents_to_send() -> QuerySet[Invoice]:
    """Documents with a PDF, and an e-mail that waits and that no chunk of a run sends."""
    alone = Q(run__isnull=True) | Q(replaces__isnull=False) | Q(mail__about=InvoiceMail.About.CANCELLED)
    waiting = InvoiceMail.objects.waiting(Invoice.objects.exclude(pdf=""))
    return Invoice.objects.filter(alone, mail__in=waiting).distinct()
