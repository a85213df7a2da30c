"""Who owes what, for how long, and what follows from it: read from issued invoices and what came in."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from billing.calculation.owed.appropriation import Claim
from billing.calculation.owed.unpaid import Ground, grounds_on
from billing.models import (
    BankTransaction,
    CreditBalance,
    CreditEntry,
    Deposit,
    Invoice,
    Payout,
)
from contracts.models import TermsVersion
from contracts.policies.rulebooks import Rulebooks
from portal.organisations.models import Organisation


def open_invoices(invoices: QuerySet[Invoice] | None = None) -> QuerySet[Any]:
    """Invoices with an amount open, those due first in front."""
    every = Invoice.objects.all() if invoices is None else invoices
    found = every.filter(open_amount__gt=0).select_related("debtor", "contract__service")
    return found.defer("document").order_by("open_due_on", "number")


def debts_and_credit(organisation: Organisation) -> Iterator[str]:
    """Each invoice that an organisation has not paid in full, and what it has as credit, in words.

    That is what it is needed for because of money: somebody must be there to pay, and to be paid.
    """
    for invoice in open_invoices().filter(debtor=organisation):
        yield _("Invoice %(number)s is not paid in full.") % {"number": invoice.number}
    for balance in CreditBalance.objects.filter(organisation=organisation, amount__gt=0):
        about = {"amount": f"{balance.amount:,}", "provider": balance.provider}
        yield _("There is a credit of %(amount)s yen with %(provider)s.") % about


class Terms:
    """What the terms in force on a day say of what is owed. Make one for a page or an operation."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._books = Rulebooks()

    def version(self, invoice: Invoice) -> TermsVersion | None:
        return self._books.in_force_for(invoice.contract, self.day)

    def whole_only(self, invoice: Invoice) -> bool:
        """Whether paying less than what is open counts as not paid."""
        version = self.version(invoice)
        rule = version.policy.charging.underpayment if version else None
        return rule is not None and rule.rule == "not_paid"

    def claim(self, invoice: Invoice, kept: int) -> Claim:
        """An open invoice as payments and set-offs meet it; `kept` is what is kept for it, in yen."""
        version = self.version(invoice)
        percent = version.policy.charging.late_interest.percent_a_year if version else Decimal()
        to_come = invoice.open_amount - kept
        return Claim(invoice.number, to_come, invoice.open_due_on, percent, self.whole_only(invoice))

    def grounds(self, invoice: Invoice) -> tuple[Ground, ...]:
        """What the terms let the provider do about an open invoice."""
        version = self.version(invoice)
        return grounds_on(version.policy.charging, invoice.open_due_on, self.day) if version else ()


def unpaid_deposits(day: date) -> QuerySet[Deposit]:
    """Deposits that were asked for and did not come in by the day named."""
    return Deposit.objects.filter(received_on__isnull=True, pay_by__lt=day)


def payouts_to_transfer() -> QuerySet[Payout]:
    """Payouts that no file of transfers holds yet."""
    return Payout.objects.filter(batch__isnull=True)


def credit_that_covers() -> QuerySet[CreditBalance]:
    """Balances whose free credit reaches for an open invoice of the same customer and provider."""
    entries = CreditEntry.objects.filter(balance=OuterRef("pk"), claim__isnull=True).order_by()
    free = Subquery(entries.values("balance").annotate(sum=Sum("amount")).values("sum"))
    covered = Invoice.objects.filter(
        provider=OuterRef("provider"),
        debtor=OuterRef("organisation"),
        open_amount__gt=0,
        open_amount__lte=OuterRef("free"),
    )
    return CreditBalance.objects.filter(amount__gt=0).annotate(free=free).filter(Exists(covered))


def entries_to_match() -> QuerySet[BankTransaction]:
    """What came in and is for nobody knows what yet."""
    return BankTransaction.objects.filter(status=BankTransaction.Status.OPEN)
