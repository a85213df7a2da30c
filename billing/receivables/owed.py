"""Damages that the provider owes, and that no invoice can state: they become the customer's credit."""

from datetime import datetime

from django.utils import timezone

from billing.models import Adjustment, CreditEntry, Invoice
from billing.receivables.credits import book, locked_balance
from contracts.models import Contract, Provider
from contracts.rules.calendar.period import Month, japan_date
from portal.audit.record import record
from portal.organisations.models import User


def is_owed(adjustment: Adjustment) -> bool:
    """Whether the provider owes it outside the tax: what lowers a taxed fee needs a return instead."""
    return adjustment.amount < 0 and adjustment.tax == Adjustment.Treatment.OUTSIDE


def owing(adjustment: Adjustment) -> Provider:
    """Who owes it: the provider, or its agent as the counterparty in the month that it is for."""
    return adjustment.contract.issuer_on(Month.of(adjustment.month).last)


def turn_into_credit(adjustment: Adjustment, staff: User | None, now: datetime | None = None) -> None:
    """Book what the provider owes, which no invoice states, as the customer's credit.

    Call it in a transaction, for what `is_owed` and waits.
    """
    contract = adjustment.contract
    balance = locked_balance(owing(adjustment), contract.organisation)
    adjustment.credit_entry = book(
        balance,
        CreditEntry.Kind.OWED,
        -adjustment.amount,
        japan_date(now or timezone.now()),
        f"adjustment-{adjustment.pk}",
    )
    adjustment.save(update_fields=["credit_entry"])
    record(
        "adjustment.credited",
        staff,
        contract,
        adjustment=adjustment.pk,
        kind=adjustment.kind,
        amount=-adjustment.amount,
    )


def is_last_month(contract: Contract, month: Month) -> bool:
    """Whether a contract is charged for no month after this one."""
    last = contract.billed_through_on
    return last is not None and Month.of(last) <= month


def gets_no_invoice(contract: Contract) -> bool:
    """Whether the last month that a contract is charged for is invoiced, or there is none that is charged."""
    first, last = contract.billed_from_on, contract.billed_through_on
    if first is None:
        return contract.ends_on is not None
    if last is None:
        return False
    issued = Invoice.objects.charging().filter(contract=contract, month__gte=Month.of(last).first)
    return issued.exists()
