"""What is left to be paid of issued invoices, and to which account, as who owes it reads it."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from billing.models import CreditEntry, Invoice

_YEN = BigIntegerField()
_ONE_DAY = timedelta(days=1)


def due_by(day: date, invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Those of which something is due by a day, due first in front, each with `left`: how much, in yen.

    What is kept for an invoice until the rest of it comes in is not to be paid again, and what is due on a
    later day of its own (`Invoice.parts`) is not due yet.
    """
    later = Q(due_at_once_on__isnull=True, added_due_on__gt=day)
    added = Case(When(later, then=Least(F("added"), F("open_amount"))), default=Value(0), output_field=_YEN)
    kept = CreditEntry.objects.filter(claim=OuterRef("pk")).order_by().values("claim")
    sums = Coalesce(Subquery(kept.annotate(sum=Sum("amount")).values("sum")), Value(0), output_field=_YEN)
    left = Greatest(F("open_amount") - added - sums, Value(0), output_field=_YEN)
    found = invoices.filter(open_amount__gt=0, open_due_on__lte=day).annotate(left=left).filter(left__gt=0)
    return found.defer("document").order_by("open_due_on", "number")


def overdue_before(day: date, invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """The same of what was due before a day."""
    return due_by(day - _ONE_DAY, invoices)


def overdue_of(contracts: Collection[int], day: date) -> dict[int, int]:
    """What present customers of contracts owe on a day that is overdue, in yen by the contract's key."""
    theirs = Invoice.objects.of_present_customers().filter(contract__in=contracts)
    sums = overdue_before(day, theirs).order_by().values_list("contract").annotate(sum=Sum("left"))
    return dict(sums)


def account_text(account: Mapping[str, str]) -> str:
    """A bank account on one line: bank, branch, kind, number, holder; empty where none is named."""
    named = (account.get(part, "") for part in ("bank", "branch", "kind", "number", "holder"))
    return " ".join(filter(None, named))
