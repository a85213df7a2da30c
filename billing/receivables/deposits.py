"""Deposits against unpaid fees (利用保証金): asked for, received, set against what is unpaid, returned."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.deposit import Deposit as DepositDecision
from billing.calculation.deposit import deposit as may_ask
from billing.models import Deposit, DepositLetter, DepositUse, Invoice, Payment
from billing.pricing.deciding import Kind, decide, ensure_positive, version_on
from billing.pricing.fees import monthly_fee_of
from billing.receivables.balances import overdue_on
from billing.receivables.claims import pay
from billing.receivables.deposit_letters import issue_deposit_letter
from billing.receivables.held import complete, held_for
from contracts.models import Contract
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import NotProvided
from contracts.rules.stored import to_stored
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

DEPOSIT_REQUEST, DEPOSIT_USE, DEPOSIT_RETURN = "deposit_request", "deposit_use", "deposit_return"
"""The kinds of proposals that these operations carry out."""


def weigh_deposit(contract: Contract, day: date, expected: int | None = None) -> DepositDecision:
    """Whether the terms let a deposit be asked, by the monthly fee and the number of IDs of the day.

    IDs are the units of basic products; `expected` is the monthly fee to be expected, in yen without tax,
    where that is the reason. ValidationError if the terms know no deposit (for that), or nothing is held.
    """
    version = version_on(contract, day)
    bases = version.policy.base_products
    ids = sum(units for product, units in contract.items_on(day).items() if product in bases)
    if not ids:
        raise ValidationError(_("The contract holds no basic product on that day."))
    charging = version.policy.charging
    if charging.deposit is None:
        raise ValidationError(_("The terms know no deposit."))
    try:
        return may_ask(charging, monthly_fee_of(contract, Month.of(day)), ids, expected)
    except NotProvided as missing:
        message = _("The terms let no deposit be asked for a fee that is only expected.")
        raise ValidationError({"expected": message}) from missing


@transaction.atomic
def ask_deposit(
    contract: Contract,
    amount: int,
    pay_by: date,
    staff: User,
    now: datetime | None = None,
    *,
    expected: int | None = None,
    reason: str = "",
    approval: Proposal | None = None,
) -> Deposit:
    """Ask for a deposit in yen, to be paid by a day: by a letter, and on the next invoice where it is billed.

    `expected` is the monthly fee to be expected, in yen without tax, where that passes the limit and not the
    fee of now; `reason` says why. ValidationError without the approval of a second person (`second_person`)
    or that reason, where the terms do not let it, and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, DEPOSIT_REQUEST)
    ensure_no_own_cause(staff, contract.organisation)
    ensure_positive(amount, "amount")
    today = japan_date(now or timezone.now())
    if pay_by < today:
        raise ValidationError({"pay_by": _("This day is past.")})
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    decision = weigh_deposit(locked, today, expected)
    if not decision.may_ask:
        raise ValidationError(_("The monthly fee for each ID is not above the limit of the terms."))
    if expected is not None and not reason.strip():
        raise ValidationError({"reason": _("Say why that fee is to be expected.")})
    if locked.deposits.filter(returned_on__isnull=True, used_up_on__isnull=True).exists():
        raise ValidationError(_("There is a deposit of this contract already."))
    asked = Deposit.objects.create(
        contract=locked,
        amount=amount,
        asked_on=today,
        pay_by=pay_by,
        expected=expected,
        reason=reason.strip(),
        decision=to_stored(decision),
        asked_by=staff,
    )
    record(
        "deposit.asked",
        staff,
        locked,
        deposit=asked.pk,
        amount=amount,
        pay_by=pay_by,
        contract=locked.number,
        expected=expected,
        personal={"reason": asked.reason},
    )
    version = version_on(locked, today)
    rule = version.policy.charging.deposit
    if rule and rule.billed:
        asked.adjustment = decide(
            locked, Kind.DEPOSIT, Month.of(today), amount, "outside", decision, version, staff, now
        )
        asked.save(update_fields=["adjustment"])
    issue_deposit_letter(asked, DepositLetter.Kind.ASKED, today)
    return asked


@transaction.atomic
def receive_deposit(deposit: Deposit, received_on: date, reference: str, staff: User) -> Deposit:
    """Store that a deposit came in whole; `reference` names the bank's entry, or the invoice that billed it.

    ValidationError for twice, and while the invoice that states it is not paid.
    """
    locked = _locked(deposit)
    if received_on > localdate():
        raise ValidationError({"received_on": _("This day is still to come.")})
    if locked.received_on:
        raise ValidationError(_("The deposit was received already."))
    _ensure_invoice_paid(locked)
    locked.received_on, locked.reference = received_on, reference.strip()
    try:
        with transaction.atomic():
            locked.save(update_fields=["received_on", "reference"])
    except IntegrityError as twice:
        text = _("A deposit with this reference is recorded already. Nothing was changed.")
        raise ValidationError({"reference": text}) from twice
    record(
        "deposit.received",
        staff,
        locked.contract,
        deposit=locked.pk,
        amount=locked.amount,
        personal={"reference": locked.reference},
    )
    issue_deposit_letter(locked, DepositLetter.Kind.RECEIVED, received_on)
    return locked


@transaction.atomic
def use_deposit(
    deposit: Deposit,
    invoice: Invoice,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> DepositUse:
    """Set what is left of a deposit against what is open of an overdue invoice, and tell the customer.

    ValidationError without the approval of a second person (`second_person`), for another contract's invoice,
    one that is not overdue, a deposit that is used up, and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, DEPOSIT_USE)
    today = japan_date(now or timezone.now())
    locked = _locked(deposit)
    ensure_no_own_cause(staff, locked.contract.organisation)
    unpaid = Invoice.objects.select_for_update().get(pk=invoice.pk)
    amount = usable_on(today, locked, unpaid)
    reference = f"deposit-{locked.pk}-{locked.uses.count() + 1}"
    payment = pay(unpaid, amount, today, reference, Payment.Kind.SET_OFF)
    complete(unpaid, today)
    use = DepositUse.objects.create(deposit=locked, payment=payment)
    if not left_of(locked):
        locked.used_up_on = today
        locked.save(update_fields=["used_up_on"])
    record("deposit.used", staff, locked.contract, deposit=locked.pk, invoice=unpaid.number, amount=amount)
    issue_deposit_letter(locked, DepositLetter.Kind.USED, today, use)
    return use


@transaction.atomic
def return_deposit(
    deposit: Deposit, returned_on: date, staff: User, *, approval: Proposal | None = None
) -> Deposit:
    """Store that what was left of a deposit was paid back, without interest; the deposit is closed then.

    ValidationError without the approval of a second person (`second_person`), for a day before its receipt or
    to come (`returned_on`), and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, DEPOSIT_RETURN)
    locked = _locked(deposit)
    ensure_no_own_cause(staff, locked.contract.organisation)
    if not locked.received_on or returned_on < locked.received_on or returned_on > localdate():
        raise ValidationError(
            {"returned_on": _("Give the day on which it was paid back, after its receipt.")}
        )
    locked.returned_on, locked.returned_amount = returned_on, left_of(locked)
    locked.save(update_fields=["returned_on", "returned_amount"])
    record("deposit.returned", staff, locked.contract, deposit=locked.pk, amount=locked.returned_amount)
    issue_deposit_letter(locked, DepositLetter.Kind.RETURNED, returned_on)
    return locked


def usable_on(day: date, deposit: Deposit, invoice: Invoice) -> int:
    """What of a deposit a day lets be set against an invoice, in yen.

    ValidationError for another contract's invoice, one that is not overdue, or a deposit that is used up.
    """
    theirs = Invoice.objects.of_present_customers().filter(pk=invoice.pk, contract=deposit.contract_id)
    if not overdue_on(day, theirs).exists():
        raise ValidationError({"invoice": _("Choose an overdue invoice of this contract.")})
    amount: int = min(left_of(deposit), invoice.open_amount - held_for(invoice))
    if not amount:
        raise ValidationError(_("Nothing is left of the deposit, or it was not received yet."))
    return amount


def _ensure_invoice_paid(deposit: Deposit) -> None:
    """Where an invoice bills the deposit, it comes in with the invoice."""
    if deposit.adjustment is None:
        return
    invoice = Invoice.objects.charging().filter(adjustments=deposit.adjustment).first()
    if invoice is None or invoice.open_amount:
        raise ValidationError(_("The invoice that states the deposit is not paid yet."))


def left_of(deposit: Deposit) -> int:
    """What is left of a deposit in yen: nothing before it is received and after it is returned."""
    if deposit.received_on is None or deposit.returned_on:
        return 0
    used: Any = deposit.uses.aggregate(sum=Sum("payment__amount"))["sum"]
    return deposit.amount - (used or 0)


def _locked(deposit: Deposit) -> Deposit:
    locked = Deposit.objects.select_for_update().select_related("contract").get(pk=deposit.pk)
    if locked.contract.annulled_at:
        raise ValidationError(
            _("The contract of this deposit was annulled: it had been brought in by mistake."),
            code="annulled",
        )
    if locked.returned_on:
        raise ValidationError(_("The deposit was returned already."))
    if locked.used_up_on:
        raise ValidationError(_("The deposit is used up."))
    return locked
