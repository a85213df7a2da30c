"""The PDFs of issued invoices: each made once and stored where only the portal's views hand it out."""

from collections.abc import Callable
from typing import cast

from django.db.models import Q, QuerySet
from django.utils import timezone

from billing.documents.drawers import Drawers
from billing.documents.invoice_document import InvoiceDocument
from billing.documents.invoice_pdf import draw
from billing.models import BillingRun, Invoice, PlainDrawing
from portal.kept_files import place_of, store
from portal.pdf import DrawnPdf

BATCH = 100


def without_pdf(run: BillingRun) -> QuerySet[Invoice]:
    """What has no PDF yet of a run, and of its issuers' returns, which belong to none."""
    of_run = Q(run=run) | Q(run__isnull=True)
    return Invoice.objects.filter(of_run, provider__in=run.provider.issuing_keys, pdf="")


def make_missing_pdfs(run: BillingRun, made: Callable[[], None], drawers: Drawers) -> None:
    """Make the PDF of every invoice of the run that has none, and call `made` after each."""
    make_pdfs(without_pdf(run), made, drawers)


def make_pdfs(missing: QuerySet[Invoice], made: Callable[[], None], drawers: Drawers) -> None:
    """Make the PDF of invoices, asked for again until there are none without.

    It may be interrupted anywhere: the file comes first, its name after it, and the same invoice gives the
    same bytes whoever makes them again. Those that an error in the shared layout had drawn the plain way are
    noted. Raises OSError where a file cannot be written.
    """
    while batch := list(missing.select_related("provider").order_by("kind", "sequence")[:BATCH]):
        drawings = drawers.draw([cast(InvoiceDocument, invoice.document) for invoice in batch])
        for invoice, drawn in zip(batch, drawings, strict=True):
            _keep(invoice, drawn)
            made()


def make_pdf(invoice: Invoice) -> None:
    """Make and store the PDF of one invoice that has none."""
    _keep(invoice, draw(cast(InvoiceDocument, invoice.document)))


def _keep(invoice: Invoice, drawn: DrawnPdf) -> None:
    invoice.pdf.name = pdf_name(invoice)
    invoice.pdf_hash = store(invoice.pdf.name, drawn.content)
    if drawn.layout_failed:
        PlainDrawing.objects.get_or_create(invoice=invoice, defaults={"drawn_at": timezone.now()})
    Invoice.objects.filter(pk=invoice.pk, pdf="").update(pdf=invoice.pdf.name, pdf_hash=invoice.pdf_hash)


def pdf_name(invoice: Invoice) -> str:
    """Where an invoice's PDF lies in the private storage."""
    return f"invoices/{invoice.provider.code}/{invoice.month:%Y-%m}/{invoice.number}.pdf"


def pdf_folder(run: BillingRun) -> str:
    """Where the PDFs of a run's provider lie, for people."""
    return place_of(f"invoices/{run.provider.code}/{run.month:%Y-%m}")
