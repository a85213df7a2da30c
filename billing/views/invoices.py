"""A customer's invoices: the list, each with its reasons, the PDF and the e-invoice in it."""

from io import BytesIO
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from billing.documents.embedded import embedded_einvoice, file_name
from billing.invoicing.by_month import charged_by_month
from billing.invoicing.listed import in_all, listed, to_pay, totals
from billing.invoicing.reasons import invoice_reasons
from billing.invoicing.search import InvoiceSearch
from billing.invoicing.stored_pdfs import issued_pdf
from billing.models import Invoice
from billing.receivables.account_panel import account_panel
from billing.receivables.balances import State, late_charge_on
from billing.statements.lists import own_payments
from billing.statements.payment_confirmation import is_confirmed, payment_confirmation
from billing.views.plots import plots
from contracts.models import TermsVersion
from contracts.wording.explain import explain
from portal.organisations.access import (
    OrganisationRequest,
    acting_membership,
    organisation_required,
)
from portal.organisations.models import Organisation

PAGE = 24


@organisation_required
def invoice_list(request: OrganisationRequest) -> HttpResponse:
    seen, organisation, today = (
        Invoice.objects.shown_to(request.membership),
        request.organisation,
        localdate(),
    )
    search = InvoiceSearch(seen, organisation, request.GET)
    search.is_valid()
    found = search.found()
    shown = found.select_related("contract__service", "provider").prefetch_related("provider__particulars")
    page = Paginator(shown.defer("document"), PAGE).get_page(request.GET.get("page"))
    parts, charged = totals(found, organisation), charged_by_month(seen, today)
    return render(
        request,
        "billing/invoice_list.html",
        {
            "invoices": listed(page, organisation, today),
            "page_obj": page,
            "search": search,
            "to_pay": to_pay(seen, organisation, today),
            "totals": parts,
            "in_all": in_all(parts),
            "charged": charged,
            "plots": plots(charged),
            **account_panel(request.membership, today),
        },
    )


@organisation_required
def invoice_detail(request: OrganisationRequest, number: str) -> HttpResponse:
    invoices = Invoice.objects.select_related("contract__service", "original", "replaces")
    invoice = by_number(invoices.shown_to(request.membership), number)
    today = localdate()
    document, service = invoice.document, invoice.contract.service
    version = TermsVersion.objects.select_related("service").get(
        service=service, name=document["terms_version"]
    )
    (row,) = listed([invoice], request.organisation, today)
    late = late_charge_on(invoice, today) if row.state == State.OVERDUE else None
    return render(
        request,
        "billing/invoice_detail.html",
        {
            "invoice": invoice,
            "document": document,
            "row": row,
            "owes": row.state != State.PASSED_ON,
            "is_confirmed": is_confirmed(invoice, request.organisation, today),
            "open_reasons": request.GET.get("reasons") == "open",
            "payments": own_payments(Invoice.objects.filter(pk=invoice.pk), request.organisation),
            "reasons": invoice_reasons(document, version),
            "version": version,
            "late": late,
            "later": _later(invoice, request.organisation),
            "linked": _linked(invoice, request.organisation),
            "own_followed": _own_followed(invoice, request.organisation),
            "late_reasons": [explain(decision, version) for decision in late.decisions] if late else [],
        },
    )


def _linked(invoice: Invoice, organisation: Organisation) -> set[int]:
    """Those of the invoices that an invoice refers to which an organisation sees, by primary key."""
    named = Invoice.objects.filter(pk__in=[invoice.original_id, invoice.replaces_id])
    return set(named.seen_by(organisation).values_list("pk", flat=True))


def _later(invoice: Invoice, organisation: Organisation) -> dict[str, Any]:
    """What was issued about an invoice afterwards and an organisation sees: returns, what replaces it.

    After a succession the successor gets what is issued, and its predecessor does not see it.
    """
    about = Q(original=invoice, cancelled_on__isnull=True) | Q(replaces=invoice)
    seen = list(Invoice.objects.seen_by(organisation).filter(about).defer("document").order_by("pk"))
    return {
        "returns": [later for later in seen if later.is_return],
        "replacement": next((later for later in seen if not later.is_return), None),
    }


def _own_followed(invoice: Invoice, organisation: Organisation) -> set[str]:
    """The numbers of the invoices that lines follow, as far as an organisation may see them."""
    numbers = {line["follows"] for line in invoice.document["lines"] if "follows" in line}
    if not numbers:
        return set()
    own = Invoice.objects.seen_by(organisation).filter(number__in=numbers)
    return set(own.values_list("number", flat=True))


@login_required
def invoice_pdf(request: HttpRequest, number: str) -> HttpResponse | FileResponse:
    """The PDF as it was issued, for the invoice's organisation and for staff who may see invoices."""
    invoice = _seen_by(request, number)
    content = issued_pdf(invoice)
    if content is None:
        return render(request, "billing/invoice_pdf_missing.html", {"invoice": invoice}, status=404)
    return _download(content, f"{invoice.number}.pdf", "application/pdf")


@login_required
def invoice_einvoice(request: HttpRequest, number: str) -> HttpResponse | FileResponse:
    """The structured e-invoice as it was issued within the PDF, for those who get the PDF."""
    invoice = _seen_by(request, number)
    pdf = issued_pdf(invoice)
    if pdf is None:
        return render(request, "billing/invoice_pdf_missing.html", {"invoice": invoice}, status=404)
    content = embedded_einvoice(pdf, invoice.number)
    if content is None:
        raise Http404
    return _download(content, file_name(invoice.number), "application/xml")


@organisation_required
def payments_pdf(request: OrganisationRequest, number: str) -> FileResponse:
    """That an invoice is paid in full, for who paid it."""
    invoice = by_number(Invoice.objects.shown_to(request.membership), number)
    if not is_confirmed(invoice, request.organisation, localdate()):
        raise Http404
    content = payment_confirmation(invoice, request.organisation)
    return _download(content, f"{invoice.number}-payment.pdf", "application/pdf")


def _seen_by(request: HttpRequest, number: str) -> Invoice:
    """The invoice, if the own organisation or staff may see it; otherwise there is none."""
    own = acting_membership(request)
    for invoice in Invoice.objects.defer("document").filter(number=number).order_by("-pk"):
        seen = own is not None and Invoice.objects.shown_to(own).filter(pk=invoice.pk).exists()
        if seen or request.user.has_perm("billing.view_invoice", invoice):
            return invoice
    raise Http404


def by_number(invoices: QuerySet[Invoice], number: str) -> Invoice:
    """The one of some invoices with a number, the latest where several providers have it; Http404."""
    found = invoices.filter(number=number).order_by("-pk").first()
    if found is None:
        raise Http404
    return found


def _download(content: bytes, name: str, content_type: str) -> FileResponse:
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)
