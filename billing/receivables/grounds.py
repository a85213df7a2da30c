"""What the ledger knows of grounds on which the terms let the provider act."""

from datetime import date

from billing.models import Deposit, Invoice
from billing.receivables.balances import overdue_on
from billing.receivables.held import held_by_invoice
from contracts.models import Contract


def is_overdue(contract: Contract, day: date, since_on: date | None) -> bool:
    """Whether anything of a contract is past its due day on a day, and was due by another."""
    overdue = overdue_on(day, Invoice.objects.filter(contract=contract))
    return (overdue.filter(open_due_on__lte=since_on) if since_on else overdue).exists()


def is_underpaid(contract: Contract, day: date, since_on: date | None) -> bool:
    """Whether less came in for an invoice of a contract than it asks for."""
    invoices = Invoice.objects.claims().filter(contract=contract, open_amount__gt=0)
    if invoices.filter(paid__gt=0).exists():
        return True
    kept = held_by_invoice(set(invoices.values_list("debtor", flat=True)))
    return invoices.filter(pk__in=[pk for pk, amount in kept.items() if amount]).exists()


def is_deposit_late(contract: Contract, day: date, since_on: date | None) -> bool:
    """Whether a deposit was asked for that is past the day by which it was to be paid."""
    return Deposit.objects.filter(contract=contract, received_on__isnull=True, pay_by__lt=day).exists()
