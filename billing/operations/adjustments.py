"""Charges and credits that follow from decisions: each is put on the next invoice with its reasons."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.surcharge import surcharge
from billing.calculation.tax import Treatment
from billing.models import Adjustment, Invoice
from billing.operations.deciding import (
    COST_NAMES,
    Entered,
    Kind,
    decide,
    ensure_positive,
    named_for,
    version_on,
)
from billing.operations.fees import monthly_fee_of
from billing.receivables import late_charge_on
from contracts.models import Contract, TermsVersion
from contracts.operations.rulebooks import rulebook_for
from contracts.rules.base import Rule
from contracts.rules.decision import step
from contracts.rules.period import Month, japan_date
from contracts.rules.rulebook import NotProvided
from portal.audit.record import record
from portal.organisations.models import User


def charge_minimum_term(contract: Contract, staff: User, now: datetime | None = None) -> Adjustment:
    """Charge what is left of the minimum term when a contract ends within it.

    The monthly fee is that of the month of the end. ValidationError where there is nothing to charge, or it
    is charged already.
    """
    if contract.ends_on is None or contract.service_starts_on is None:
        raise ValidationError(_("The contract has no end yet."))
    version = version_on(contract, contract.ends_on)
    month = Month.of(contract.ends_on)
    fee = monthly_fee_of(contract, month)
    try:
        decision = rulebook_for(version).minimum_term(contract.service_starts_on, contract.ends_on, fee)
    except NotProvided as missing:
        raise ValidationError(_("The terms know no minimum term.")) from missing
    if not decision.charge:
        raise ValidationError(_("The contract ends after its minimum term; nothing is left to charge."))
    return decide(
        contract,
        Kind.MINIMUM_TERM,
        month + 1,
        decision.charge,
        "standard",
        decision,
        version,
        staff,
        now,
        once_key="minimum-term",
    )


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


def charge_costs(
    contract: Contract, cost: str, net: int, reason: str, staff: User, now: datetime | None = None
) -> Adjustment:
    """Charge costs that the provider worked out, in yen without tax, as far as the terms provide for them.

    `cost` is one of `possible_costs`: what the terms say of a withdrawal, or `device_return`. Whether tax is
    added follows from the terms too. ValidationError for costs that the terms do not provide for.
    """
    ensure_positive(net, "net")
    today = japan_date(now or timezone.now())
    version = version_on(contract, today)
    rules = possible_costs(version)
    if cost not in rules:
        raise ValidationError({"cost": _("The terms do not provide for these costs.")})
    rule, treatment = rules[cost]
    taken = step(rule, "costs.entered", net, cost=cost, taxed=treatment != "outside")
    return decide(
        contract,
        Kind.COSTS,
        Month.of(today),
        net,
        treatment,
        Entered(steps=(taken,)),
        version,
        staff,
        now,
        names=COST_NAMES[cost],
        reason=reason,
    )


def possible_costs(version: TermsVersion) -> dict[str, tuple[Rule, Treatment]]:
    """The costs that a version provides for, each with its rule and how it is taxed."""
    policy = version.policy
    found: dict[str, tuple[Rule, Treatment]] = {}
    if policy.withdrawal:
        taxed: Treatment = "standard" if policy.withdrawal.taxed else "outside"
        found[policy.withdrawal.costs] = (policy.withdrawal, taxed)
    if policy.device_return:
        found["device_return"] = (policy.device_return, "standard")
    return found


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
        Entered(steps=steps),
        version,
        staff,
        now,
        names=named_for(Kind.LATE_INTEREST, invoice.number),
        origin=invoice,
        once_key=invoice.number,
    )


@transaction.atomic
def withdraw_adjustment(
    adjustment: Adjustment, reason: str, staff: User, now: datetime | None = None
) -> Adjustment:
    """Take back a charge or credit that no invoice states yet. ValidationError once one does."""
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = Adjustment.objects.select_for_update().get(pk=adjustment.pk)
    if locked.invoice_id or locked.withdrawn_at:
        raise ValidationError(_("This amount is on an invoice already, or was withdrawn."))
    locked.withdrawn_at, locked.withdrawal_reason = now or timezone.now(), reason.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    record("adjustment.withdrawn", staff, locked.contract, kind=locked.kind, amount=locked.amount)
    return locked
