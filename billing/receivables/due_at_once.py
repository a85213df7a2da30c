"""Debts that the end of a contract makes due before their day."""

from datetime import date

from django.db.models import Max

from billing.models import Invoice
from contracts.models import Contract


def debts_due(contract: Contract, on: date | None) -> None:
    """Let what is invoiced by a day and open fall due on it, where its own day is later.

    Without a day it is due on its own again, as the contract goes on.
    """
    charging = Invoice.objects.claims().filter(contract=contract)
    if on is None:
        charging.filter(due_at_once_on__isnull=False).update(due_at_once_on=None)
    else:
        later = charging.filter(issued_on__lte=on, open_due_on__gt=on, open_amount__gt=0)
        later.update(due_at_once_on=on)


def due_at_once_on(contract: Contract) -> date | None:
    """The day on which what is invoiced was made due; None where nothing was."""
    charging = Invoice.objects.claims().filter(contract=contract)
    last: date | None = charging.aggregate(last=Max("due_at_once_on"))["last"]
    return last
