"""Outages (障害): each is recorded, added up with others where the terms say so, and credited once."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.outage import Outage, OutageFacts, Stop, within_service
from billing.calculation.outage_months import OutageMonth, OutagesOfMonth, Weighed, weigh
from billing.invoicing.returns import return_adjustment
from billing.models import Adjustment, Invoice, RecordedOutage
from billing.pricing.deciding import Kind, decide, version_on
from billing.pricing.fees import monthly_fee_of
from billing.receivables.owed import gets_no_invoice, is_owed, turn_into_credit
from contracts.models import Contract, TermsVersion
from contracts.rules.calendar.period import Month, japan_date, months_after
from contracts.rules.policy.charging import Charging, Fault
from contracts.rules.stored import to_stored
from contracts.wording.formats import day_text
from contracts.wording.products import product_line
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

OUTAGE = "outage"
"""The kind of proposal that records an outage, with what it brings."""


def what_was_out(contract: Contract, product: str, since: datetime) -> str:
    """An option by its name in the terms of the day on which it went out, or the whole service."""
    if not product:
        return _("The whole service")
    return product_line(version_on(contract, japan_date(since)).policy, product, 1).name


@dataclass(frozen=True)
class OutageReport:
    """An outage as staff report it: from when the provider knew, until it was over, by whose fault.

    `product` where one option alone was out; `damage`, in yen, where the terms owe the actual damage; the
    moment of the customer's claim, where the terms let one lapse (None: it is claimed as it is recorded).
    """

    known_at: datetime
    restored_at: datetime
    fault: Fault
    product: str = ""
    damage: int | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True)
class Brought:
    """What an outage brings: what the rules say, and the yen that are booked; `month` if it was added up."""

    decision: Outage
    amount: int
    month: OutageMonth | None = None


def weigh_outage(contract: Contract, report: OutageReport, at: datetime) -> Brought:
    """What the terms give for an outage, by itself or with others in a month, storing nothing.

    What lies before the start or past the end of the contract counts for nothing. ValidationError for
    impossible facts, for an outage that overlaps another, for a damage that is missing (`damage`), and where
    the claim has lapsed.
    """
    _ensure_possible(contract, report, at)
    known = list(contract.outages.standing())
    _ensure_apart(known, report)
    charging = version_on(contract, japan_date(report.known_at)).policy.charging
    waiting = [one for one in known if one.credit_id is None and one.product == report.product]
    weighed = _weighed(contract, charging, report, waiting)
    if weighed.decision.credit:
        _ensure_not_lapsed(charging, report.fault, weighed.decision.arose_at, report.claimed_at or at)
    return _brought(report, weighed, waiting)


def _brought(report: OutageReport, weighed: Weighed, waiting: list[RecordedOutage]) -> Brought:
    """What is booked: what the terms let fall away of the fee, or the actual damage up to what they owe."""
    decision, month = weighed.decision, weighed.month
    if decision.taxed or not decision.credit:
        return Brought(decision, decision.credit, month)
    if report.damage is None:
        raise ValidationError({"damage": _("Enter the actual damage: the terms owe that, up to a limit.")})
    damage = report.damage + sum(one.damage or 0 for one in waiting if month and _lies_in(month, one))
    amount = min(damage, decision.credit)
    given = {"damage": damage, "cap": decision.credit}
    taken = replace(decision.steps[-1], rule="damages.amount", given=given, result=amount)
    return Brought(replace(decision, steps=(*decision.steps, taken)), amount, month)


def _lies_in(month: OutageMonth, outage: RecordedOutage) -> bool:
    return month.begins < outage.restored_at and outage.known_at < month.ends


@transaction.atomic
def record_outage(
    contract: Contract,
    report: OutageReport,
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> RecordedOutage:
    """Record an outage and credit what the terms give, by itself or with others in a month.

    What lowers the month's fee goes by a return of its invoice, or on that invoice if it is still to come;
    damages stand on the next invoice, or are the customer's credit at once where none is to come. Without a
    credit the outage is kept as a fact.

    Raises ValidationError without the approval of a second person (`second_person`), and as `weigh_outage`.
    """
    ensure_second_person(approval, OUTAGE)
    moment = now or timezone.now()
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    ensure_no_own_cause(staff, locked.organisation)
    brought = weigh_outage(locked, report, moment)
    outage = RecordedOutage.objects.create(
        contract=locked,
        known_at=report.known_at,
        restored_at=report.restored_at,
        fault=report.fault,
        product=report.product,
        damage=report.damage,
        claimed_at=report.claimed_at,
        reason=reason.strip(),
        decision=to_stored(brought.decision),
        recorded_at=moment,
        recorded_by=staff,
    )
    record(
        "outage.recorded",
        staff,
        locked,
        outage=outage.pk,
        contract=locked.number,
        known_at=report.known_at.isoformat(),
        restored_at=report.restored_at.isoformat(),
        fault=report.fault,
        product=report.product,
        damage=report.damage,
    )
    if brought.amount:
        version = version_on(locked, japan_date(report.known_at))
        outage.credit = _credited(outage, brought, version, staff, moment)
    return outage


@transaction.atomic
def withdraw_outage(
    outage: RecordedOutage, reason: str, staff: User, now: datetime | None = None
) -> RecordedOutage:
    """Take back an outage that was recorded by mistake. ValidationError once it counts in a credit."""
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = RecordedOutage.objects.select_for_update().get(pk=outage.pk)
    if locked.withdrawn_at or locked.credit_id:
        raise ValidationError(_("This outage counts in a credit, or was withdrawn. Withdraw the credit."))
    locked.withdrawn_at, locked.withdrawal_reason = now or timezone.now(), reason.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    record(
        "outage.withdrawn",
        staff,
        locked.contract,
        outage=locked.pk,
        personal={"reason": locked.withdrawal_reason},
    )
    return locked


def release_outages(credit: Adjustment, reason: str, moment: datetime) -> None:
    """Take back the outages of a credit that is withdrawn; those that do stand are recorded anew."""
    credit.outages.standing().update(withdrawn_at=moment, withdrawal_reason=reason)


def _ensure_possible(contract: Contract, report: OutageReport, moment: datetime) -> None:
    if report.restored_at <= report.known_at:
        raise ValidationError({"restored_at": _("The outage cannot end before it was known.")})
    if report.restored_at > moment:
        raise ValidationError({"restored_at": _("This moment is still to come.")})
    if report.product and report.product not in contract.items_on(japan_date(report.known_at)):
        raise ValidationError({"product": _("The contract doesn't contain this product on that day.")})


def _ensure_apart(known: list[RecordedOutage], report: OutageReport) -> None:
    for outage in known:
        both = outage.product == report.product or not (outage.product and report.product)
        if both and outage.known_at < report.restored_at and report.known_at < outage.restored_at:
            raise ValidationError(_("An outage that overlaps this one is recorded already."))


def _weighed(
    contract: Contract, charging: Charging, report: OutageReport, waiting: list[RecordedOutage]
) -> Weighed:
    """What the rules say. What was paid before limits damages, not what is booked here."""

    def facts_of(first: Stop, later: tuple[Stop, ...]) -> OutageFacts:
        months = first.months
        fees = {month: monthly_fee_of(contract, month, report.product) for month in months}
        return OutageFacts(
            known_at=first.known_at,
            restored_at=first.restored_at,
            fault=first.fault,
            monthly_fee=fees[months[0]],
            fees=fees,
            later=later,
        )

    new = _within(contract, Stop(report.known_at, report.restored_at, report.fault))
    if new is None or not charging.outages:
        return Weighed(Outage(qualifies=False, units=0, credit=0, steps=()))
    stops = [stop for outage in waiting if (stop := _within(contract, _stop(outage)))]
    return weigh(charging, new, stops, _credited_months(contract, report.product), facts_of)


def _within(contract: Contract, stop: Stop) -> Stop | None:
    return within_service(stop, contract.service_starts_on, contract.ends_on)


def _stop(outage: RecordedOutage) -> Stop:
    return Stop(outage.known_at, outage.restored_at, cast(Fault, outage.fault))


def _credited_months(contract: Contract, product: str) -> list[OutageMonth]:
    """The months in which outages were added up and credited."""
    counted = contract.outages.standing().filter(product=product, credit__withdrawn_at__isnull=True)
    booked = Adjustment.objects.filter(outages__in=counted).distinct()
    decided = (adjustment.decided for adjustment in booked)
    return [decision.month for decision in decided if isinstance(decision, OutagesOfMonth)]


def _credited(
    outage: RecordedOutage, brought: Brought, version: TermsVersion, staff: User, moment: datetime
) -> Adjustment:
    """What is booked for an outage, and those that count with it; returned if it lowers an invoiced fee."""
    contract, decision = outage.contract, brought.decision
    begins = brought.month.begins if brought.month else outage.known_at
    month = Month.of(japan_date(begins))
    adjustment = decide(
        contract,
        Kind.OUTAGE_CREDIT if decision.taxed else Kind.DAMAGES,
        month,
        -brought.amount,
        "standard" if decision.taxed else "outside",
        _stated(brought),
        version,
        staff,
        moment,
        reason=outage.reason,
        once_key=begins.isoformat(),
    )
    counted = contract.outages.standing().filter(credit__isnull=True, product=outage.product)
    if brought.month:
        counted = counted.filter(restored_at__gt=begins, known_at__lt=brought.month.ends)
    else:
        counted = counted.filter(pk=outage.pk)
    counted.update(credit=adjustment)
    invoice = Invoice.objects.charging().filter(contract=contract, month=month.first).first()
    if invoice and decision.taxed:
        return_adjustment(invoice, adjustment, staff, moment)
    elif is_owed(adjustment) and gets_no_invoice(contract):
        turn_into_credit(adjustment, staff, moment)
    return adjustment


def _stated(brought: Brought) -> Outage:
    """The decision, with the month within which outages were added up for it."""
    decision = brought.decision
    if brought.month is None:
        return decision
    return OutagesOfMonth(**decision.facts(), month=brought.month, steps=decision.steps)


def lapses_on(contract: Contract, report: OutageReport) -> date | None:
    """The last day on which an outage can be claimed that brings something; None where it can't lapse."""
    charging = version_on(contract, japan_date(report.known_at)).policy.charging
    known = contract.outages.standing().filter(credit__isnull=True, product=report.product)
    weighed = _weighed(contract, charging, report, list(known))
    return _last_day(charging, report.fault, weighed.decision.arose_at) if weighed.decision.credit else None


def _ensure_not_lapsed(charging: Charging, fault: Fault, arose_at: datetime | None, moment: datetime) -> None:
    last = _last_day(charging, fault, arose_at)
    if last and japan_date(moment) > last:
        message = _("It could be claimed by %(day)s. After that day the right to it is lost.")
        raise ValidationError(message % {"day": day_text(last)})


def _last_day(charging: Charging, fault: Fault, arose_at: datetime | None) -> date | None:
    """The last day of the time for a claim, which begins on the day after it arose (民法140条)."""
    limits = [rule.claim_within_months for rule in charging.outages if fault in rule.faults]
    if arose_at is None or not limits or None in limits:
        return None
    return max(months_after(japan_date(arose_at), limit) for limit in limits if limit)
