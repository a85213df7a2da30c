"""Charges and credits that follow from decisions: each is put on the next invoice with its reasons."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.adjustments.outages import release_outages
from billing.calculation.interest import InterestOfPayments
from billing.calculation.surcharge import surcharge
from billing.models import Adjustment, CreditEntry, Invoice
from billing.pricing.deciding import (
    Kind,
    decide,
    ensure_positive,
    named_for,
    version_on,
)
from billing.receivables.balances import late_charge_on
from billing.receivables.credits import book, locked_balance
from contracts.models import Contract
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import NotProvided
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User


def charge_surcharge(
    contract: Contract, evaded_net: int, reason: str, staff: User, now: datetime | None = None
) -> Adjustment:
    """Charge the surcharge on a fee that was evaded unlawfully, in yen without tax; the fee itself is apart.

    ValidationError if the terms know no surcharge.
    """
    ensure_positive(evaded_net, "evaded_net")
    today = japan_date(now or timezone.now())
    version = version_on(contract, today)
    try:
        decision = surcharge(version.policy.charging, evaded_net, today)
    except NotProvided as missing:
        raise ValidationError(_("The terms know no surcharge.")) from missing
    month = Month.of(today)
    return decide(
        contract,
        Kind.SURCHARGE,
        month,
        decision.net,
        "standard",
        decision,
        version,
        staff,
        now,
        reason=reason,
    )


def charge_late_interest(invoice: Invoice, staff: User, now: datetime | None = None) -> Adjustment:
    """Charge the late interest of an invoice that was paid in full, but too late; once, outside the tax.

    ValidationError while something is open, or where nothing came late.
    """
    today = japan_date(now or timezone.now())
    paid = Invoice.objects.charging().filter(pk=invoice.pk).first()
    if paid is None:
        raise ValidationError(_("This document asks for no payment."))
    version = version_on(invoice.contract, today)
    charge = late_charge_on(paid, today)
    if charge.open_amount:
        raise ValidationError(_("Late interest is charged once the invoice is paid in full."))
    if not charge.interest:
        raise ValidationError(_("Nothing was paid late, or too little for interest of 1 yen."))
    steps = tuple(taken for decision in charge.decisions for taken in decision.steps)
    return decide(
        invoice.contract,
        Kind.LATE_INTEREST,
        Month.of(today),
        charge.interest,
        "outside",
        InterestOfPayments(steps=steps),
        version,
        staff,
        now,
        names=named_for(Kind.LATE_INTEREST, invoice.number),
        origin=invoice,
        once_key=invoice.number,
    )


@transaction.atomic
def give_as_credit(adjustment: Adjustment, staff: User, now: datetime | None = None) -> Adjustment:
    """Turn what the provider owes outside the tax, and no invoice states, into the customer's credit.

    Credit is set off or paid out: the way for contracts that get no invoice any more. ValidationError for
    anything else (what lowers a taxed fee needs a return), and for staff's own organisation (`own_request`).
    """
    locked = Adjustment.objects.select_for_update().get(pk=adjustment.pk)
    ensure_no_own_cause(staff, locked.contract.organisation)
    if not locked.is_pending or locked.amount > 0 or locked.tax != Adjustment.Treatment.OUTSIDE:
        raise ValidationError(_("Only damages that no invoice states yet can become credit."))
    contract = locked.contract
    balance = locked_balance(contract.service.provider, contract.organisation)
    today = japan_date(now or timezone.now())
    locked.credit_entry = book(
        balance, CreditEntry.Kind.OWED, -locked.amount, today, f"adjustment-{locked.pk}"
    )
    locked.save(update_fields=["credit_entry"])
    record(
        "adjustment.credited",
        staff,
        contract,
        adjustment=locked.pk,
        kind=locked.kind,
        amount=-locked.amount,
    )
    return locked


@transaction.atomic
def withdraw_adjustment(
    adjustment: Adjustment, reason: str, staff: User, now: datetime | None = None
) -> Adjustment:
    """Take back a charge or credit that no invoice states yet.

    ValidationError once one does, and for staff's own organisation (`own_request`).
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = Adjustment.objects.select_for_update().get(pk=adjustment.pk)
    ensure_no_own_cause(staff, locked.contract.organisation)
    if not locked.is_pending:
        raise ValidationError(_("This amount is on an invoice already, or was withdrawn."))
    locked.withdrawn_at, locked.withdrawal_reason = now or timezone.now(), reason.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    release_outages(locked, locked.withdrawal_reason, locked.withdrawn_at)
    record(
        "adjustment.withdrawn",
        staff,
        locked.contract,
        adjustment=locked.pk,
        kind=locked.kind,
        amount=locked.amount,
        personal={"reason": locked.withdrawal_reason},
    )
    return locked
