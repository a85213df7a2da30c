"""Invoices and their payment, on pages of contracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum
from django.db.models.fields.json import KeyTransform
from django.urls import reverse
from django.utils.timezone import localdate

from billing.invoicing.coming import next_invoices
from billing.models import Adjustment, ChargeDifference, Invoice
from billing.pricing.fees import fees_with_tax
from billing.receivables.balances import overdue_on, state_for, state_of
from billing.receivables.late.left_to_pay import account_text, overdue_before
from contracts.extensions.panels import Panel
from contracts.models import Contract
from contracts.models.fields import in_current_language
from contracts.policies.rulebooks import governing_version
from contracts.rules.calendar.period import Month
from contracts.wording.explain import Explanation, explain
from contracts.wording.formats import yen_text
from portal.organisations.models import Organisation

SHOWN = 3
TOLD = (Adjustment.Kind.COSTS, Adjustment.Kind.SURCHARGE, Adjustment.Kind.EVADED_FEE)


@dataclass(frozen=True)
class WaitingCharge:
    """A one-off charge that no invoice states yet, with its name and what led to it."""

    adjustment: Adjustment
    name: str
    reasons: Explanation


def contract_invoices(contract: Contract, organisation: Organisation) -> Panel:
    """The last invoices of a contract to an organisation, with the state of their payment."""
    today, own = localdate(), contract.organisation == organisation
    issued = Invoice.objects.seen_by(organisation).filter(contract=contract).defer("document")
    invoices = issued.order_by("-month", "-pk")[:SHOWN]
    return Panel(
        "billing/_contract_invoices.html",
        {
            "invoices": [(invoice, state_for(organisation, invoice, today)) for invoice in invoices],
            "service": contract.service,
            "waiting": _charged_once(contract) if own else [],
            "outages_url": _outages_url(contract, today) if own else "",
        },
    )


def contract_fees(contract: Contract, organisation: Organisation) -> Panel | None:
    """What a contract costs this month, and its next invoice, for who is its customer."""
    if contract.organisation != organisation:
        return None
    today = localdate()
    return Panel(
        "billing/_contract_fees.html",
        {
            "fee": fees_with_tax([contract], Month.of(today)).get(contract.pk),
            "coming": next_invoices([contract], today).get(contract.pk),
        },
    )


def to_pay(contract: Contract, organisation: Organisation) -> Panel | None:
    """What an organisation owes of a contract that is overdue, and to which account; None for nothing."""
    owed = Invoice.objects.filter(contract=contract, debtor=organisation)
    overdue = overdue_before(localdate(), owed)
    sums = overdue.order_by().aggregate(total=Sum("left"), count=Count("pk"))
    if not sums["count"]:
        return None
    account = KeyTransform("bank_account", "document")
    latest = overdue.annotate(account=account).order_by("-issued_on", "-number").first()
    return Panel(
        "billing/_contract_to_pay.html",
        {
            "total": sums["total"],
            "invoices": overdue[:SHOWN],
            "more": max(0, sums["count"] - SHOWN),
            "account": account_text(latest.account or {}) if latest else "",
            "service": contract.service,
        },
    )


def _outages_url(contract: Contract, today: date) -> str:
    """Where outages are claimed; empty where there is nothing that could be claimed."""
    if contract.formed_on is None or not governing_version(contract, today).policy.charging.outages:
        return ""
    return reverse("billing:contract-outages", args=[contract.number])


def _charged_once(contract: Contract) -> list[WaitingCharge]:
    """What staff charged once, with a reason, and the next invoice will state."""
    waiting = contract.adjustments.pending().filter(kind__in=TOLD, claim=None).order_by("pk")
    return [
        WaitingCharge(one, in_current_language(one.names), explain(one.decision, one.terms_version))
        for one in waiting.select_related("terms_version__service")
    ]


def open_debts(contract: Contract) -> Panel:
    """What is not paid yet of a contract's issued invoices, and how much of that is overdue."""
    today = localdate()
    unpaid = _unpaid(contract).order_by("open_due_on")
    return Panel(
        "billing/_open_debts.html",
        {
            "unpaid": [(invoice, state_of(invoice, today)) for invoice in unpaid],
            "total": sum(invoice.open_amount for invoice in unpaid),
        },
    )


def open_debts_for_staff(contract: Contract) -> Panel:
    """What is not paid of a contract's issued invoices, with tax, and its differences that wait."""
    total = _unpaid(contract).aggregate(total=Sum("open_amount"))["total"]
    differences = ChargeDifference.objects.open().filter(contract=contract)
    waiting = [(f"{one.month:%Y-%m}", yen_text(one.amount), one.get_state_display()) for one in differences]
    return Panel(
        "admin/billing/_open_debts.html",
        {"open": yen_text(total) if total else "", "differences": waiting},
    )


def overdue_marks(contracts: Sequence[Contract]) -> dict[int, Panel]:
    """A mark for those contracts that have an overdue invoice to their organisation, by primary key."""
    theirs = Invoice.objects.of_present_customers()
    invoices = theirs.filter(contract__in=[contract.pk for contract in contracts])
    mark = Panel("billing/_overdue.html")
    return dict.fromkeys(overdue_on(localdate(), invoices).values_list("contract", flat=True), mark)


def _unpaid(contract: Contract) -> QuerySet[Invoice]:
    return Invoice.objects.of_present_customers().filter(contract=contract, open_amount__gt=0)
