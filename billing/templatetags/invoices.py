"""Invoices and their payment, for pages of contracts."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.db.models import F
from django.utils.timezone import localdate

from billing.models import Invoice
from billing.receivables.balances import overdue_on, state_of, with_paid
from contracts.models import Contract
from portal.organisations.models import Organisation

register = template.Library()

SHOWN = 12


@register.inclusion_tag("billing/_contract_invoices.html")
def contract_invoices(contract: Contract, organisation: Organisation) -> dict[str, Any]:
    """The latest invoices of a contract to an organisation, with the state of their payment."""
    today = localdate()
    issued = Invoice.objects.filter(contract=contract, organisation=organisation)
    invoices = with_paid(issued).order_by("-month")[:SHOWN]
    return {"invoices": [(invoice, state_of(invoice, today)) for invoice in invoices]}


@register.inclusion_tag("billing/_open_debts.html")
def open_debts(contract: Contract) -> dict[str, Any]:
    """What is not paid yet of a contract's issued invoices, and how much of that is overdue."""
    today = localdate()
    unpaid = with_paid(Invoice.objects.filter(contract=contract)).filter(open_amount__gt=0).order_by("due_on")
    return {
        "unpaid": [(invoice, state_of(invoice, today)) for invoice in unpaid],
        "total": sum(invoice.open_amount for invoice in unpaid),
    }


@register.simple_tag
def overdue_contracts(contracts: Iterable[Contract]) -> set[int]:
    """The primary keys of those contracts that have an overdue invoice to their organisation."""
    invoices = Invoice.objects.filter(
        contract__in=[contract.pk for contract in contracts], organisation=F("contract__organisation")
    )
    return set(overdue_on(localdate(), invoices).values_list("contract", flat=True))


@register.simple_tag
def is_overdue(contract: Contract) -> bool:
    """Whether a contract has an overdue invoice. For a list of contracts, ask `overdue_contracts` once."""
    return contract.pk in overdue_contracts([contract])
