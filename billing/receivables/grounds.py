"""What the ledger knows of grounds on which the terms let the provider act."""

from datetime import date

from billing.models import Deposit, Invoice
from billing.receivables.balances import overdue_on
from contracts.models import Contract


def is_overdue(contract: Contract, day: date) -> bool:
    """Whether anything of a contract is past its due day on a day."""
    return overdue_on(day, Invoice.objects.filter(contract=contract)).exists()


def is_deposit_late(contract: Contract, day: date) -> bool:
    """Whether a deposit was asked for that is past the day by which it was to be paid."""
    return Deposit.objects.filter(contract=contract, received_on__isnull=True, pay_by__lt=day).exists()
