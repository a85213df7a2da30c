"""Giving documents their numbers: gap-free by issuer, fiscal year and kind."""

from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.documents.invoice_document import InvoiceDocument, digest
from billing.models import BillingRun, Invoice, InvoiceCounter, InvoiceKind
from contracts.models import Contract, Provider

_SERIES = {InvoiceKind.INVOICE: "", InvoiceKind.RETURN: "R"}


def locked_counter(issuer: Provider, kind: InvoiceKind, issued_on: date) -> InvoiceCounter:
    """The counter that gives the next numbers, locked until the transaction ends."""
    counter, _created = InvoiceCounter.objects.select_for_update().get_or_create(
        provider=issuer, fiscal_year=fiscal_year(issuer, issued_on), kind=kind
    )
    return counter


def fiscal_year(issuer: Provider, day: date) -> int:
    """The year in which the issuer's fiscal year of a day began."""
    return day.year if day.month >= issuer.fiscal_year_starts_in else day.year - 1


def number_of(issuer: Provider, counter: InvoiceCounter, sequence: int) -> str:
    """`CD-2026-000001` for invoices, `CD-R2026-000001` for returns."""
    return f"{series_of(issuer, counter)}-{sequence:06}"


def series_of(issuer: Provider, counter: InvoiceCounter) -> str:
    """What the numbers of a counter begin with: `CD-2026`, `CD-R2026`."""
    return f"{issuer.code}-{_SERIES[InvoiceKind(counter.kind)]}{counter.fiscal_year}"


def unsaved_invoice(
    document: InvoiceDocument,
    counter: InvoiceCounter,
    sequence: int,
    contract: Contract,
    *,
    run: BillingRun | None = None,
    original: Invoice | None = None,
    replaces: Invoice | None = None,
) -> Invoice:
    """The row that keeps a document under the number that it states; its columns repeat the document."""
    added, earlier = document.get("added"), original or replaces
    return Invoice(
        provider_id=counter.provider_id,
        kind=counter.kind,
        fiscal_year=counter.fiscal_year,
        sequence=sequence,
        number=document["number"],
        run=run,
        contract=contract,
        organisation=contract.organisation,
        debtor_id=earlier.debtor_id if earlier else contract.organisation_id,
        recipient_name=document["recipient"]["name"],
        month=date.fromisoformat(f"{document['month']}-01"),
        issued_on=date.fromisoformat(document["issued_on"]),
        due_on=date.fromisoformat(document["due_on"]),
        added=added["amount"] if added else 0,
        added_due_on=date.fromisoformat(added["due_on"]) if added else None,
        net=document["net"],
        tax=document["tax"],
        gross=document["gross"],
        document=cast(dict[str, Any], document),
        document_hash=digest(document),
        original=original,
        replaces=replaces,
    )


def ensure_issued_here(invoice: Invoice) -> None:
    """ValidationError (code `brought`) for an open item of an old system, whose document others issued."""
    if invoice.is_brought:
        raise ValidationError(
            _(
                "This is an open item of an old system, whose document was not issued here. It is neither"
                " cancelled, returned nor issued anew."
            ),
            code="brought",
        )
