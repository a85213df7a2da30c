"""Handing out many issued documents at once: to who inspects them, and to the customers themselves."""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from billing.documents.archive import LACKING, Row, archive
from billing.invoicing.stored_pdfs import issued_pdf
from billing.models import Invoice
from portal.audit.record import record
from portal.formats.workbook import Yen
from portal.kept_files import DamagedFileError, StorageError
from portal.organisations.models import User

MOST = 100_000
Period = tuple[date, date]
_AT_ONCE = 200


def export_documents(
    invoices: QuerySet[Invoice], person: User, about: Model | None = None, issued: Period | None = None
) -> Iterator[bytes]:
    """A ZIP of the PDFs with an index, piece by piece; who took it is recorded before the first.

    The entry is about `about`, without it about the person; `issued` are the days by which they were chosen,
    if they were. What can't be read is named in the index. ValidationError for nothing, or for more than one
    archive should hold.
    """
    chosen = invoices.order_by("issued_on", "number")
    count = chosen.count()
    if not 0 < count <= MOST:
        raise ValidationError(
            _("Choose between 1 and %(most)s documents; these are %(count)s.")
            % {"most": f"{MOST:,}", "count": f"{count:,}"}
        )
    with transaction.atomic():
        if issued:
            first, last = issued
            record("documents.exported", person, about or person, count=count, from_day=first, to_day=last)
        else:
            record("documents.exported", person, about or person, count=count)
    return archive(partial(_index, chosen), _files(chosen))


def _index(chosen: QuerySet[Invoice], missing: Collection[str]) -> Iterator[Row]:
    rows = chosen.select_related("contract__service", "original", "replaces").defer(
        "document", "original__document", "replaces__document"
    )
    rows = rows.annotate(
        registration_number=KT("document__issuer__registration_number"),
        issuer=KT("document__issuer__name"),
    )
    for invoice in rows.iterator(chunk_size=_AT_ONCE):
        earlier = invoice.original or invoice.replaces
        name = _name(invoice)
        yield (
            _kind(invoice),
            invoice.number,
            invoice.issued_on,
            invoice.recipient_name,
            invoice.issuer or "",
            invoice.contract.number,
            invoice.contract.service.name,
            f"{invoice.month:%Y-%m}",
            Yen(invoice.net),
            Yen(invoice.tax),
            Yen(invoice.gross),
            invoice.cancelled_on or "",
            earlier.number if earlier else "",
            name,
            invoice.pdf_hash,
            LACKING if name in missing else "",
        )


def _kind(invoice: Any) -> str:
    kind = "返還請求書" if invoice.is_return else "請求書"
    return f"適格{kind}" if invoice.registration_number else kind


def _files(chosen: QuerySet[Invoice]) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    for invoice in chosen.defer("document").iterator(chunk_size=_AT_ONCE):
        yield _name(invoice), partial(_whole_pdf, invoice)


def _whole_pdf(invoice: Invoice) -> bytes | None:
    """The file as it was issued; None where it is not there, or nobody can say: what was begun is not cut."""
    try:
        return issued_pdf(invoice)
    except (DamagedFileError, StorageError):
        return None


def _name(invoice: Invoice) -> str:
    return f"{invoice.issued_on:%Y-%m}/{invoice.number}.pdf"
