"""Money that staff enter for an invoice."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.models import CreditEntry, Invoice, Payment
from billing.pricing.deciding import ensure_positive
from billing.receivables.balances import with_paid
from billing.receivables.credits import book, locked_balance
from billing.receivables.open_items import Terms
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User


@dataclass(frozen=True)
class Receipt:
    """What became of an amount: the payment, if it is one, and what is kept for the customer, in yen."""

    payment: Payment | None
    credit: int


@transaction.atomic
def record_payment(
    invoice: Invoice, paid_on: date, amount: int, reference: str, staff: User | None = None
) -> Receipt:
    """Store that an amount in yen arrived on a day; `reference` names the bank's entry and is used once.

    What exceeds the open amount is kept to the customer's credit; so is all of it where the terms count less
    than the open amount as not paid. Raises ValidationError for a day still to come, an amount below 1 yen,
    an invoice of which nothing is open or that is the staff's own organisation's, or a reference used before.
    """
    ensure_no_own_cause(staff, invoice.organisation)
    if paid_on > localdate():
        raise ValidationError({"paid_on": _("This day is still to come.")})
    ensure_positive(amount, "amount")
    Invoice.objects.select_for_update().get(pk=invoice.pk)
    _check_new(reference)
    locked = with_paid(Invoice.objects.select_related("contract__service", "organisation", "provider")).get(
        pk=invoice.pk
    )
    if not locked.open_amount:
        raise ValidationError(_("Nothing is open of this invoice. Nothing was added."), code="nothing_open")
    held = amount < locked.open_amount and Terms(paid_on).whole_only(locked)
    part = 0 if held else min(amount, locked.open_amount)
    try:
        with transaction.atomic():
            receipt = _stored(locked, paid_on, amount, part, reference)
    except IntegrityError as error:  # somebody else used the reference at the same moment
        raise _used_before() from error
    record(
        "payment.recorded",
        staff,
        locked,
        amount=amount,
        paid=part,
        credit=receipt.credit,
        paid_on=paid_on.isoformat(),
        personal={"reference": reference},
    )
    return receipt


def _check_new(reference: str) -> None:
    paid = Payment.objects.standing().filter(reference=reference)
    if paid.exists() or CreditEntry.objects.filter(reference=reference, amount__gt=0).exists():
        raise _used_before()


def _used_before() -> ValidationError:
    text = _("A payment with this reference is recorded already. Nothing was added.")
    return ValidationError({"reference": text})


def _stored(invoice: Invoice, paid_on: date, amount: int, part: int, reference: str) -> Receipt:
    payment = None
    if part:
        payment = Payment.objects.create(
            invoice=invoice, paid_on=paid_on, amount=part, reference=reference, kind=Payment.Kind.ENTERED
        )
    rest = amount - part
    if rest:
        kind = CreditEntry.Kind.OVERPAID if part else CreditEntry.Kind.HELD
        book(locked_balance(invoice.provider, invoice.organisation), kind, rest, paid_on, reference)
    return Receipt(payment, rest)
