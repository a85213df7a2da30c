"""Money that arrived for an invoice."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.models import Invoice, Payment
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def record_payment(
    invoice: Invoice, paid_on: date, amount: int, reference: str, staff: User | None = None
) -> Payment:
    """Store that an amount in yen arrived on a day; `reference` names the bank's entry and is used once.

    Raises ValidationError for a day still to come, an amount below 1 yen, or a reference used before.
    """
    if paid_on > localdate():
        raise ValidationError({"paid_on": _("This day is still to come.")})
    if amount < 1:
        raise ValidationError({"amount": _("Enter an amount of 1 yen or more.")})
    locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                invoice=locked, paid_on=paid_on, amount=amount, reference=reference
            )
    except IntegrityError as error:
        text = _("A payment with this reference is recorded already. Nothing was added.")
        raise ValidationError({"reference": text}) from error
    record("payment.recorded", staff, locked, amount=amount, paid_on=paid_on.isoformat(), reference=reference)
    return payment
