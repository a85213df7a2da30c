"""That an invoice is paid, and by what, as a PDF for the customer's books (入金確認書); it is no receipt."""

import hashlib
import json
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from billing.documents.invoice_document import InvoiceDocument
from billing.models import Invoice, Payment
from billing.receivables.balances import State, state_for
from billing.statements.content import PAYMENT_KINDS
from billing.statements.lists import own_payments
from contracts.rules.calendar.period import Month
from contracts.wording.formats import day_text, month_text
from portal.organisations.models import Organisation
from portal.pdf import write_pdf


def is_confirmed(invoice: Invoice, organisation: Organisation, today: date) -> bool:
    """Whether an organisation paid an invoice in full, so that this can be confirmed to it."""
    return state_for(organisation, invoice, today) == State.PAID and invoice.paid > 0


def payment_confirmation(invoice: Invoice, organisation: Organisation) -> bytes:
    """The PDF, in Japanese whatever the active language. The same payments give the same bytes."""
    with override("ja"):
        page = _page(invoice, organisation)
        html = render_to_string("pdf/payment_confirmation.html", page)
    stated = json.dumps(page, sort_keys=True).encode()
    return write_pdf(
        html, stylesheet="css/pdf/contract-letter.css", identifier=hashlib.sha256(stated).digest()
    )


def _page(invoice: Invoice, organisation: Organisation) -> dict[str, Any]:
    document: InvoiceDocument = invoice.document
    found = own_payments(Invoice.objects.filter(pk=invoice.pk), organisation).order_by("paid_on", "pk")
    payments = list(found)
    last_on = max(payment.paid_on for payment in payments)
    return {
        "number": invoice.number,
        "confirmed_on": last_on.isoformat(),
        "recipient": _recipient(invoice, organisation),
        "issuer": {"name": document["issuer"]["name"], "address": document["issuer"]["address"]},
        "service": document["service"]["ja"],
        "month": month_text(Month.of(invoice.month)),
        "issued_on": day_text(invoice.issued_on),
        "gross": invoice.gross,
        "returned": invoice.returned,
        "payments": [
            (day_text(payment.paid_on), str(PAYMENT_KINDS[Payment.Kind(payment.kind)]), payment.left)
            for payment in payments
        ],
        "total": sum(payment.left for payment in payments),
    }


def _recipient(invoice: Invoice, organisation: Organisation) -> str:
    """To whom the invoice went; after a succession who owed it then."""
    return invoice.recipient_name if invoice.organisation_id == invoice.debtor_id else organisation.name
