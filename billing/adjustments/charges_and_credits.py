"""Charges and credits that follow from decisions: each is put on the next invoice with its reasons."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.adjustments.outages import release_outages
from billing.adjustments.told import tell, was_told
from billing.calculation.interest import InterestOfPayments
from billing.calculation.surcharge import EvadedFee, Surcharge, evaded_fee, surcharge
from billing.models import Adjustment, Invoice
from billing.pricing.deciding import (
    Kind,
    decide,
    ensure_day_may_be_set,
    ensure_positive,
    version_on,
)
from billing.receivables.balances import LateCharge, late_charge_on
from billing.receivables.owed import is_owed, turn_into_credit
from contracts.models import Contract
from contracts.models.fields import in_each_language_with
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import NotProvided
from contracts.wording.formats import days_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

ONE_DAY = timedelta(days=1)
SURCHARGE = "surcharge"
LATE_INTEREST = "late_interest"
GIVEN_AS_CREDIT = "adjustment_credit"
WITHDRAWAL = "adjustment_withdrawal"
"""The kinds of proposals of the operations here."""


def weigh_surcharge(contract: Contract, evaded_net: int, on: date, due_on: date | None = None) -> Surcharge:
    """What the terms let the provider charge for an evaded fee, in yen without tax, storing nothing.

    ValidationError for less than 1 yen, a due day that can't be set (`due_on`), and if the terms know no
    surcharge.
    """
    ensure_positive(evaded_net, "evaded_net")
    charging = version_on(contract, on).policy.charging
    if charging.surcharge:
        ensure_day_may_be_set(due_on, charging.surcharge.due, on)
    try:
        return surcharge(charging, evaded_net, on)
    except NotProvided as missing:
        raise ValidationError(_("The terms know no surcharge.")) from missing


@transaction.atomic
def charge_surcharge(
    contract: Contract,
    evaded_net: int,
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    due_on: date | None = None,
    with_fee: bool = False,
    approval: Proposal | None = None,
) -> Adjustment:
    """Charge the surcharge on a fee that was evaded unlawfully, in yen without tax, and tell the customer.

    The fee itself is charged beside it `with_fee`; without, it was charged before, or is by its own facts.
    `due_on` is the day that the provider sets for both. ValidationError without the approval of a second
    person (`second_person`), and as `weigh_surcharge`.
    """
    ensure_second_person(approval, SURCHARGE)
    moment = now or timezone.now()
    today = japan_date(moment)
    decision = weigh_surcharge(contract, evaded_net, today, due_on)
    version = version_on(contract, today)
    decisions: list[tuple[Adjustment.Kind, EvadedFee | Surcharge]] = [(Kind.SURCHARGE, decision)]
    if with_fee:
        decisions.insert(0, (Kind.EVADED_FEE, evaded_fee(version.policy.charging, evaded_net)))
    for kind, decided in decisions:
        charged = decide(
            contract,
            kind,
            Month.of(today),
            decided.net,
            "standard",
            decided,
            version,
            staff,
            moment,
            reason=reason,
            due_on=due_on,
        )
        tell(charged)
    return charged


def weigh_late_interest(invoice: Invoice, on: date) -> LateCharge:
    """The late interest of an invoice that was paid in full, but too late, storing nothing.

    ValidationError while something is open, where nothing came late, and for an invoice in place of one whose
    late interest was charged: its payments are the same.
    """
    paid = Invoice.objects.charging().filter(pk=invoice.pk).first()
    if paid is None:
        raise ValidationError(_("This document asks for no payment."))
    version_on(invoice.contract, on)
    if charged := _charged_before(paid):
        text = _("The late interest of %(number)s, which it replaces, is charged. Withdraw that first.")
        raise ValidationError(text % {"number": charged.once_key})
    charge = late_charge_on(paid, on)
    if charge.open_amount or paid.open_amount:
        raise ValidationError(_("Late interest is charged once the invoice is paid in full."))
    if not charge.interest:
        raise ValidationError(_("Nothing was paid late, or too little for interest of 1 yen."))
    return charge


def _charged_before(invoice: Invoice) -> Adjustment | None:
    """The late interest that was charged on an invoice which this one replaces, all the way back."""
    replaced: list[int] = []
    earlier = invoice.replaces_id
    while earlier:
        replaced.append(earlier)
        earlier = Invoice.objects.values_list("replaces", flat=True).get(pk=earlier)
    charged = Adjustment.objects.filter(origin__in=replaced, kind=Kind.LATE_INTEREST)
    return charged.filter(withdrawn_at__isnull=True).first()


def charge_late_interest(
    invoice: Invoice, staff: User, now: datetime | None = None, *, approval: Proposal | None = None
) -> Adjustment:
    """Charge the late interest of an invoice that was paid in full, but too late; once, outside the tax.

    ValidationError without the approval of a second person (`second_person`), and as `weigh_late_interest`.
    """
    ensure_second_person(approval, LATE_INTEREST)
    today = japan_date(now or timezone.now())
    charge = weigh_late_interest(invoice, today)
    steps = tuple(taken for decision in charge.decisions for taken in decision.steps)
    return decide(
        invoice.contract,
        Kind.LATE_INTEREST,
        Month.of(today),
        charge.interest,
        "outside",
        InterestOfPayments(steps=steps),
        version_on(invoice.contract, today),
        staff,
        now,
        names=in_each_language_with(Kind.LATE_INTEREST.label, lambda: _of_days(invoice, charge)),
        origin=invoice,
        once_key=invoice.number,
    )


def _of_days(invoice: Invoice, charge: LateCharge) -> str:
    """The invoice that was paid late, and from the first to the last day that bear interest."""
    days = [taken.given for one in charge.decisions for taken in one.steps if taken.rule == "interest.days"]
    first = min(one["due"] for one in days) + ONE_DAY
    last = max(one["paid"] for one in days) - ONE_DAY
    return _("%(number)s, %(days)s") % {"number": invoice.number, "days": days_text(first, last)}


@transaction.atomic
def give_as_credit(
    adjustment: Adjustment, staff: User, now: datetime | None = None, *, approval: Proposal | None = None
) -> Adjustment:
    """Turn what the provider owes outside the tax, and no invoice states, into the customer's credit.

    Credit is set off or paid out: the way for contracts that get no invoice any more. ValidationError for
    anything else (what lowers a taxed fee needs a return), without the approval of a second person
    (`second_person`), and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, GIVEN_AS_CREDIT)
    locked = Adjustment.objects.select_for_update().get(pk=adjustment.pk)
    ensure_no_own_cause(staff, locked.contract.organisation)
    if not (locked.is_pending and is_owed(locked)):
        raise ValidationError(_("Only damages that no invoice states yet can become credit."))
    turn_into_credit(locked, staff, now)
    return locked


@transaction.atomic
def withdraw_adjustment(
    adjustment: Adjustment,
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Adjustment:
    """Take back a charge or credit that no invoice states yet.

    ValidationError once one does, without the approval of a second person (`second_person`), and for staff's
    own organisation (`own_request`).
    """
    ensure_second_person(approval, WITHDRAWAL)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = Adjustment.objects.select_for_update().get(pk=adjustment.pk)
    ensure_no_own_cause(staff, locked.contract.organisation)
    if not locked.is_pending:
        raise ValidationError(_("This amount is on an invoice already, or was withdrawn."))
    locked.withdrawn_at, locked.withdrawal_reason = now or timezone.now(), reason.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    release_outages(locked, locked.withdrawal_reason, locked.withdrawn_at)
    if was_told(locked):
        tell(locked)
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
