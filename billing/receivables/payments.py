"""Money that staff enter for an invoice."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import CreditEntry, Invoice, Payment
from billing.pricing.deciding import ensure_positive
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import receive
from billing.receivables.open_items import Terms
from contracts.rules.calendar.period import japan_date
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
    invoice: Invoice,
    paid_on: date,
    amount: int,
    reference: str,
    staff: User | None = None,
    now: datetime | None = None,
) -> Receipt:
    """Store that an amount in yen arrived on a day; `reference` names the bank's entry and is used once.

    What exceeds the open amount is kept to the customer's credit. Where the terms count less than the open
    amount as not paid, that is kept for the invoice, and pays it on the day on which the rest has come in.
    Raises ValidationError for a day still to come, an amount below 1 yen, an invoice of which nothing is open
    or that is the staff's own organisation's, or a reference used before.
    """
    ensure_no_own_cause(staff, invoice.debtor)
    moment = now or timezone.now()
    if paid_on > japan_date(moment):
        raise ValidationError({"paid_on": _("This day is still to come.")})
    ensure_positive(amount, "amount")
    related = Invoice.objects.select_related("contract__service", "debtor", "provider")
    locked = related.select_for_update(of=("self",)).get(pk=invoice.pk)
    _check_new(reference)
    if not locked.open_amount:
        raise ValidationError(_("Nothing is open of this invoice. Nothing was added."), code="nothing_open")
    try:
        with transaction.atomic():
            receipt = _stored(locked, paid_on, amount, reference, moment)
    except IntegrityError as error:  # somebody else used the reference at the same moment
        raise _used_before() from error
    record(
        "payment.recorded",
        staff,
        locked,
        amount=amount,
        paid=receipt.payment.amount if receipt.payment else 0,
        credit=receipt.credit,
        paid_on=paid_on.isoformat(),
        personal={"reference": reference},
    )
    return receipt


def _check_new(reference: str) -> None:
    paid = Payment.objects.filter(reference=reference)
    if paid.exists() or CreditEntry.objects.filter(reference=reference, amount__gt=0).exists():
        raise _used_before()


def _used_before() -> ValidationError:
    text = _("A payment with this reference is recorded already. Nothing was added.")
    return ValidationError({"reference": text})


def _stored(invoice: Invoice, paid_on: date, amount: int, reference: str, moment: datetime) -> Receipt:
    part = min(amount, invoice.open_amount)
    whole_only = Terms(paid_on).whole_only(invoice)
    payment = receive(
        invoice, part, paid_on, reference, Payment.Kind.ENTERED, whole_only=whole_only, at=moment
    )
    rest = amount - part
    if rest:
        balance = locked_balance(invoice.provider, invoice.debtor)
        book(balance, CreditEntry.Kind.OVERPAID, rest, paid_on, reference, at=moment)
    return Receipt(payment, rest if payment else amount)
