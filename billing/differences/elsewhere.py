"""Months that were invoiced before a contract came into the portal: they count as charged."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from billing.differences.marks import fact_changed
from billing.models import Invoice, InvoicedElsewhere
from contracts.deciding.guards import locked_contract
from contracts.models import Contract
from contracts.rules.calendar.period import Month, japan_date
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User


@transaction.atomic
def note_invoiced_elsewhere(
    contract: Contract, through: date, reason: str, staff: User | None, at: datetime
) -> InvoicedElsewhere:
    """Let a contract's months up to a last day count as charged, as they were invoiced outside the portal.

    ValidationError without a reason, for a day that ends no month or is still to come, where the portal has
    invoiced any of these months, and for staff's own organisation.
    """
    locked = locked_contract(contract)
    ensure_no_own_cause(staff, locked.organisation)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    if through != Month.of(through).last or through > japan_date(at):
        raise ValidationError({"through": _("Give the last day of a month that is over.")})
    invoiced = Invoice.objects.charging().filter(contract=locked, month__lte=through)
    if invoiced.exists():
        raise ValidationError({"through": _("The portal has invoiced some of these months.")})
    noted, _created = InvoicedElsewhere.objects.update_or_create(
        contract=locked,
        defaults={
            "through": through,
            "reason": reason.strip(),
            "recorded_at": at,
            "recorded_by": staff,
        },
    )
    fact_changed(locked.pk)
    record("contract.invoiced_elsewhere", staff, locked, through=through, personal={"reason": noted.reason})
    return noted


def charged_here_since(contracts: Collection[int]) -> dict[int, Month]:
    """The first month that the portal charges, of those contracts that were invoiced elsewhere before."""
    noted = InvoicedElsewhere.objects.filter(contract__in=contracts).values_list("contract", "through")
    return {contract: Month.of(through + timedelta(days=1)) for contract, through in noted}
