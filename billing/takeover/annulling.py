"""Undoing what billing stored of contracts that were brought in by mistake."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from billing.models import CreditBalance, CreditEntry, DebitMandate, Invoice, InvoiceKind, UsageRecord
from billing.receivables.credits import book, locked_balance
from billing.takeover.money import contract_of
from contracts.models import Contract
from contracts.rules.calendar.period import japan_date
from portal.organisations.models import User

_SINCE = F("contract__takeover_row__brought_at")
OWN = {
    "billing.chargedifference": Q(pk__isnull=True),
    "billing.comparison": Q(),
    "billing.deposit": Q(uses__isnull=True, returned_on__isnull=True, letters__isnull=True),
    "billing.invoice": Q(
        kind=InvoiceKind.BROUGHT,
        cancelled_on__isnull=True,
        payments__isnull=True,
        reminder_lines__isnull=True,
        debit_lines__isnull=True,
        passed__isnull=True,
        held__isnull=True,
    ),
    "billing.invoicedelsewhere": Q(recorded_at=_SINCE),
    "billing.previewline": Q(),  # of a run that is not issued, and finds it gone
    "billing.usagerecord": Q(invoice__isnull=True, imported__imported_at=_SINCE),
}
"""Of what names a contract, the rows that came with it, and with which nothing was done since."""


def obstacles(contracts: Collection[int]) -> Iterator[str]:
    """What credit that came with contracts was used for since."""
    for balance, brought in _credit_of(contracts):
        if balance.amount < brought:
            yield _("The credit of %(name)s was used.") % {"name": balance.organisation}


def _credit_of(contracts: Collection[int]) -> list[tuple[CreditBalance, int]]:
    """The balances to which credit came with contracts, and how much of it, in yen."""
    theirs = Contract.objects.filter(pk__in=contracts)
    numbers = set(theirs.values_list("number", flat=True))
    booked = CreditEntry.objects.filter(
        kind=CreditEntry.Kind.BROUGHT,
        balance__provider__in=theirs.values("service__provider"),
        balance__organisation__in=theirs.values("organisation"),
    )
    sums: dict[CreditBalance, int] = {}
    for entry in booked.select_related("balance__organisation", "balance__provider"):
        if contract_of(entry.reference) in numbers:
            sums[entry.balance] = sums.get(entry.balance, 0) + entry.amount
    return list(sums.items())


def annul(contracts: Collection[int], reason: str, staff: User, at: datetime) -> None:
    """Cancel the open items, withdraw the use, take the credit back, and end mandates.

    Deposits stay with their contracts, which nobody can do anything with any more.
    """
    Invoice.objects.filter(contract__in=contracts, kind=InvoiceKind.BROUGHT).update(
        cancelled_on=japan_date(at), cancel_reason=reason
    )
    UsageRecord.objects.standing().filter(contract__in=contracts).update(
        withdrawn_at=at, withdrawal_reason=reason
    )
    for balance, brought in _credit_of(contracts):
        locked = locked_balance(balance.provider, balance.organisation)
        book(locked, CreditEntry.Kind.TAKEN_BACK, -brought, japan_date(at), f"takeover: {reason}"[:100])
    _end_mandates(contracts, at)


def _end_mandates(contracts: Collection[int], at: datetime) -> None:
    """End the accounts to debit of customers who have no other contract with the provider."""
    theirs = Contract.objects.filter(pk__in=contracts)
    others = Contract.objects.exclude(pk__in=contracts).filter(
        organisation=OuterRef("organisation"), service__provider=OuterRef("provider")
    )
    mandates = DebitMandate.objects.filter(
        provider__in=theirs.values("service__provider"),
        organisation__in=theirs.values("organisation"),
        ended_on__isnull=True,
    )
    mandates.filter(~Exists(others)).update(ended_on=japan_date(at))
