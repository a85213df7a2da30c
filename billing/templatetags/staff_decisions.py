"""Amounts beside what staff decide on: what is open on a contract, what a request changes in its fees."""

from typing import Any

from django import template
from django.db.models import Sum
from django.utils.timezone import localdate

from billing.invoicing.forecast import forecast
from billing.models import Invoice
from billing.receivables.balances import with_paid
from contracts.models import Contract, ContractRequest
from contracts.models.fields import in_current_language
from contracts.requests.product_changes import ProductChange, new_quantity
from contracts.requests.registry import handler_of
from contracts.requests.what_if import Answer
from contracts.wording.formats import yen_text

register = template.Library()


@register.simple_tag
def open_amount(contract: Contract) -> str:
    """What is not paid of a contract's issued invoices, with tax; empty where nothing is open."""
    invoices = with_paid(Invoice.objects.filter(contract=contract)).filter(open_amount__gt=0)
    total = invoices.aggregate(total=Sum("open_amount"))["total"]
    return yen_text(total) if total else ""


@register.filter
def readers_language(names: dict[str, str]) -> str:
    """A name that was stored in each language, as the reader reads it."""
    return in_current_language(names)


@register.inclusion_tag("admin/contracts/_fee_change.html")
def fee_change(request: ContractRequest) -> dict[str, Any]:
    """The monthly fee without and with an open change of products, and what is left of a minimum term.

    Without what is charged by use. No fee is told of a decided request, or where a price is missing.
    """
    charge = request.decision.get("minimum_term_charge")
    shown = {"minimum_term_charge": yen_text(charge) if charge else ""}
    changes = isinstance(handler_of(request.kind), ProductChange) and request.decision.get("effective_on")
    if not request.is_open or not changes:
        return shown
    decided = Answer(
        request.decision["outcome"], request.decision, request.terms_version, change=new_quantity(request)
    )
    ahead = forecast(request.contract, decided, localdate(), fees_only=True)
    if ahead is None:
        return shown
    last = ahead.months[-1]
    difference = last.then.net - last.now.net
    return {
        **shown,
        "month": last.month,
        "now": yen_text(last.now.net),
        "then": yen_text(last.then.net),
        "difference": f"{'+' if difference > 0 else ''}{yen_text(difference)}",
        "sample": ahead.sample,
    }
