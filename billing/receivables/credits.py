"""What customers have to their credit: parts of the operations that receive and use money."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import BankTransaction, CreditBalance, CreditEntry, Invoice
from billing.receivables.claims import take_from
from contracts.models import Provider
from contracts.wording.formats import yen_text
from portal.organisations.models import Organisation


def locked_balance(provider: Provider, organisation: Organisation) -> CreditBalance:
    """A customer's balance with a provider, locked until the transaction ends; made where there is none.

    Of an organisation that was united into another, that one's.
    """
    holder = organisation.standing_id
    CreditBalance.objects.get_or_create(provider=provider, organisation_id=holder)
    return CreditBalance.objects.select_for_update().get(provider=provider, organisation=holder)


def book(
    balance: CreditBalance,
    kind: CreditEntry.Kind,
    amount: int,
    on: date,
    reference: str,
    transaction: BankTransaction | None = None,
    *,
    claim: Invoice | None = None,
    at: datetime | None = None,
) -> CreditEntry:
    """Change a locked balance by an amount in yen; recorded `at`, or now.

    `claim` is the invoice for which it is kept.

    ValidationError when less would be left than nothing.
    """
    balance.refresh_from_db(fields=["amount"])  # an operation may have booked on another copy of the row
    if balance.amount + amount < 0:
        text = _("Only %(amount)s of the customer's credit is left.")
        raise ValidationError(text % {"amount": yen_text(balance.amount)}, code="credit_used")
    balance.amount += amount
    balance.save(update_fields=["amount"])
    return CreditEntry.objects.create(
        balance=balance,
        kind=kind,
        amount=amount,
        on=on,
        reference=reference,
        transaction=transaction,
        claim=claim,
        recorded_at=at or timezone.now(),
    )


def free_overpaid(invoice: Invoice, on: date) -> int:
    """Turn what was paid on an invoice beyond what it still asks for into the customer's credit, in yen.

    For operations that return an amount of an invoice or cancel it: call it in their transaction, after the
    change, with the invoice locked. The latest payments give way first, from the day on. What was paid on an
    invoice that is cancelled was never owed: the customer has that credit since it paid.
    """
    current = Invoice.objects.select_related("provider", "debtor").defer("document").get(pk=invoice.pk)
    owed = 0 if current.is_cancelled else current.gross - current.returned
    excess = freed = max(0, current.paid - owed)
    for payment in current.payments.standing().order_by("-paid_on", "-pk"):
        part = min(excess, payment.left)
        if not part:
            break
        excess -= part
        taken = take_from(payment, part, on)
        balance = locked_balance(current.provider, current.debtor)
        since = payment.paid_on if current.is_cancelled else on
        book(balance, CreditEntry.Kind.OVERPAID, part, since, f"freed-{taken.pk}", payment.transaction)
    return freed
