"""The paper itself, where it is to follow what came as an e-mail."""

from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import ContractRequest, Receipt
from contracts.rules.calendar.period import japan_date
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def note_original(receipt: Receipt, staff: User, on: date, at: datetime) -> Receipt:
    """Note that the paper itself came, on a day.

    ValidationError where it is not awaited, or came before (`not_awaited`), and (`on`) for a day that is to
    come, or before that of the receipt.
    """
    current = Receipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
    if not current.waits_for_original:
        raise ValidationError(_("The paper is not awaited, or came already."), code="not_awaited")
    if not japan_date(current.received_at) <= on <= japan_date(at):
        raise ValidationError({"on": _("Enter a day from that of the receipt to today.")})
    current.original_received_on, current.original_noted_by = on, staff
    current.save(update_fields=["original_received_on", "original_noted_by"])
    target = current.application or cast(ContractRequest, current.request).contract
    record("receipt.original_received", staff, target, number=str(current.asked), on=on, at=at)
    return current
