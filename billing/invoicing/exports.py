"""Handing out many issued documents at once, as an inspection asks for them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from billing.documents.archive import Row, archive
from billing.invoicing.stored_pdfs import issued_pdf
from billing.models import Invoice
from portal.audit.record import record
from portal.kept_files import DamagedFileError
from portal.organisations.models import User

MOST = 100_000
_AT_ONCE = 200


def export_documents(invoices: QuerySet[Invoice], staff: User) -> Iterator[bytes]:
    """A ZIP of the PDFs with an index, piece by piece; who took it is recorded before the first.

    ValidationError for nothing, or for more than one archive should hold.
    """
    chosen = invoices.order_by("issued_on", "number")
    count = chosen.count()
    if not 0 < count <= MOST:
        raise ValidationError(
            _("Choose between 1 and %(most)s documents; these are %(count)s.")
            % {"most": f"{MOST:,}", "count": f"{count:,}"}
        )
    with transaction.atomic():
        record("documents.exported", staff, staff, count=count)
    return archive(_index(chosen), _files(chosen))


def _index(chosen: QuerySet[Invoice]) -> Iterator[Row]:
    rows = chosen.select_related("contract", "original", "replaces").defer(
        "document", "original__document", "replaces__document"
    )
    rows = rows.annotate(registration_number=KT("document__issuer__registration_number"))
    for invoice in rows.iterator(chunk_size=_AT_ONCE):
        earlier = invoice.original or invoice.replaces
        yield (
            _kind(invoice),
            invoice.number,
            invoice.issued_on.isoformat(),
            invoice.recipient_name,
            invoice.contract.number,
            f"{invoice.month:%Y-%m}",
            invoice.net,
            invoice.tax,
            invoice.gross,
            invoice.cancelled_on.isoformat() if invoice.cancelled_on else "",
            earlier.number if earlier else "",
            _name(invoice),
            invoice.pdf_hash,
        )


def _kind(invoice: Any) -> str:
    kind = "返還請求書" if invoice.is_return else "請求書"
    return f"適格{kind}" if invoice.registration_number else kind


def _files(chosen: QuerySet[Invoice]) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    for invoice in chosen.defer("document").iterator(chunk_size=_AT_ONCE):
        yield _name(invoice), partial(_whole_pdf, invoice)


def _whole_pdf(invoice: Invoice) -> bytes | None:
    try:
        return issued_pdf(invoice)
    except DamagedFileError:
        return None


def _name(invoice: Invoice) -> str:
    return f"{invoice.issued_on:%Y-%m}/{invoice.number}.pdf"
