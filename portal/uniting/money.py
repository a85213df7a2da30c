"""What becomes of credit and mandates when two organisations turn out to be one: parts of uniting them.

What was booked stays as it was; what is left goes on with the organisation that stays.
"""

from datetime import datetime

from django.db.models import Sum
from django.utils.timezone import localdate

from billing.models import CreditBalance, CreditEntry, DebitMandate, Invoice
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import pieces_of
from portal.organisations.models import Organisation


def unite_balances(kept: Organisation, united: Organisation, at: datetime) -> int:
    """Give the credit of one organisation to another, with each provider; gives how many balances that were.

    A balance goes over whole where there is none to join. Otherwise what is left of it is booked over: what
    is kept for invoices stays kept for them, and what is free keeps the days on which it came in. Runs inside
    the caller's transaction.
    """
    balances = list(CreditBalance.objects.filter(organisation=united).order_by("pk"))
    for balance in balances:
        other = CreditBalance.objects.filter(organisation=kept, provider=balance.provider_id)
        if other.exists():
            _book_over(locked_balance(balance.provider, united), locked_balance(balance.provider, kept), at)
        else:
            balance.organisation = kept
            balance.save(update_fields=["organisation"])
    return len(balances)


def _book_over(old: CreditBalance, new: CreditBalance, at: datetime) -> None:
    on, kind = localdate(at), CreditEntry.Kind.UNITED
    kept_for = old.entries.filter(claim__isnull=False).order_by().values_list("claim")
    held = {claim: amount for claim, amount in kept_for.annotate(sum=Sum("amount")) if amount}
    for invoice in Invoice.objects.filter(pk__in=held).order_by("pk"):
        book(old, kind, -held[invoice.pk], on, f"united-{old.pk}", claim=invoice, at=at)
        book(new, kind, held[invoice.pk], on, f"united-{old.pk}", claim=invoice, at=at)
    for piece in pieces_of(old):
        book(old, kind, -piece.amount, on, f"united-{old.pk}", at=at)
        book(new, kind, piece.amount, piece.since, f"united-{old.pk}", at=at)
    if old.amount:
        book(new, kind, old.amount, on, f"united-{old.pk}", at=at)
        book(old, kind, -old.amount, on, f"united-{old.pk}", at=at)


def unite_mandates(kept: Organisation, united: Organisation, at: datetime) -> int:
    """Give one organisation's mandates of direct debit to another; gives how many that were.

    Where both have an open one with the same provider, the one of the organisation that stays goes on. Runs
    inside the caller's transaction.
    """
    mandates = list(DebitMandate.objects.filter(organisation=united).order_by("pk"))
    open_with = set(
        DebitMandate.objects.filter(organisation=kept, ended_on__isnull=True).values_list(
            "provider", flat=True
        )
    )
    for mandate in mandates:
        if mandate.ended_on is None and mandate.provider_id in open_with:
            mandate.ended_on = localdate(at)
        mandate.organisation = kept
        mandate.save(update_fields=["organisation", "ended_on"])
    return len(mandates)
