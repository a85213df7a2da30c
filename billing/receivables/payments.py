"""Money that staff enter for an invoice."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import CreditEntry, Invoice, Payment
from billing.pricing.deciding import ensure_positive
from billing.receivables.claims import pay
from billing.receivables.credits import book, locked_balance
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

    What exceeds the open amount is kept to the customer's credit; so is all of it where the terms count less
    than the open amount as not paid. Raises ValidationError for a day still to come, an amount below 1 yen,
    an invoice of which nothing is open or that is the staff's own organisation's, or a reference used before.
    """
    ensure_no_own_cause(staff, invoice.organisation)
    moment = now or timezone.now()
    if paid_on > japan_date(moment):
        raise ValidationError({"paid_on": _("This day is still to come.")})
    ensure_positive(amount, "amount")
    related = Invoice.objects.select_related("contract__service", "organisation", "provider")
    locked = related.select_for_update(of=("self",)).get(pk=invoice.pk)
    _check_new(reference)
    if not locked.open_amount:
        raise ValidationError(_("Nothing is open of this invoice. Nothing was added."), code="nothing_open")
    held = amount < locked.open_amount and Terms(paid_on).whole_only(locked)
    part = 0 if held else min(amount, locked.open_amount)
    try:
        with transaction.atomic():
            receipt = _stored(locked, paid_on, amount, part, reference, moment)
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
    paid = Payment.objects.filter(reference=reference)
    if paid.exists() or CreditEntry.objects.filter(reference=reference, amount__gt=0).exists():
        raise _used_before()


def _used_before() -> ValidationError:
    text = _("A payment with this reference is recorded already. Nothing was added.")
    return ValidationError({"reference": text})


def _stored(
    invoice: Invoice, paid_on: date, amount: int, part: int, reference: str, moment: datetime
) -> Receipt:
    payment = None
    if part:
        payment = pay(invoice, part, paid_on, reference, Payment.Kind.ENTERED, at=moment)
    rest = amount - part
    if rest:
        kind = CreditEntry.Kind.OVERPAID if part else CreditEntry.Kind.HELD
        balance = locked_balance(invoice.provider, invoice.organisation)
        book(balance, kind, rest, paid_on, reference, at=moment)
    return Receipt(payment, rest)
