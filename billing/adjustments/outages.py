"""Outages (障害): each is recorded, added up with others where the terms say so, and credited once."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.outage import Outage, OutageFacts, Stop
from billing.calculation.outage_months import OutageMonth, OutagesOfMonth, Weighed, adds_up, weigh
from billing.invoicing.returns import return_adjustment
from billing.models import Adjustment, Invoice, RecordedOutage
from billing.pricing.deciding import Kind, decide, version_on
from billing.pricing.fees import monthly_fee_of, paid_in_12_months_before
from contracts.models import Contract, TermsVersion
from contracts.rules.calendar.period import Month, japan_date, months_after
from contracts.rules.decision import NotProvided
from contracts.rules.policy.charging import Charging, Fault
from contracts.rules.stored import to_stored
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

OUTAGE = "outage"
"""The kind of proposal that records an outage, with what it brings."""


@dataclass(frozen=True)
class OutageReport:
    """An outage as staff report it: from when the provider knew, until it was over, by whose fault."""

    known_at: datetime
    restored_at: datetime
    fault: Fault


def weigh_outage(contract: Contract, report: OutageReport, at: datetime) -> Weighed:
    """What the terms give for an outage, by itself or with others in a month, storing nothing.

    ValidationError for impossible facts, for an outage that overlaps another, where the terms give nothing,
    and where the claim has lapsed.
    """
    _ensure_possible(report, at)
    known = list(contract.outages.standing())
    _ensure_apart(known, report)
    new = Stop(report.known_at, report.restored_at, report.fault)
    charging = version_on(contract, japan_date(report.known_at)).policy.charging
    weighed = _weighed(contract, charging, new, known)
    if weighed.decision.credit:
        _ensure_not_lapsed(charging, report.fault, weighed.decision.arose_at, at)
    elif not adds_up(charging, new):
        raise ValidationError(_("By the terms this outage gives no credit."))
    return weighed


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
    damages stand on the next invoice. Without a credit the outage is kept where it may count together with
    others. Raises ValidationError without the approval of a second person (`second_person`), and as
    `weigh_outage`.
    """
    ensure_second_person(approval, OUTAGE)
    moment = now or timezone.now()
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    ensure_no_own_cause(staff, locked.organisation)
    weighed = weigh_outage(locked, report, moment)
    outage = RecordedOutage.objects.create(
        contract=locked,
        known_at=report.known_at,
        restored_at=report.restored_at,
        fault=report.fault,
        reason=reason.strip(),
        decision=to_stored(weighed.decision),
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
    )
    if weighed.decision.credit:
        version = version_on(locked, japan_date(report.known_at))
        outage.credit = _credited(outage, weighed, version, staff, moment)
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


def _ensure_possible(report: OutageReport, moment: datetime) -> None:
    if report.restored_at <= report.known_at:
        raise ValidationError({"restored_at": _("The outage cannot end before it was known.")})
    if report.restored_at > moment:
        raise ValidationError({"restored_at": _("This moment is still to come.")})


def _ensure_apart(known: list[RecordedOutage], report: OutageReport) -> None:
    for outage in known:
        if outage.known_at < report.restored_at and report.known_at < outage.restored_at:
            raise ValidationError(_("An outage that overlaps this one is recorded already."))


def _weighed(contract: Contract, charging: Charging, new: Stop, known: list[RecordedOutage]) -> Weighed:
    def facts_of(first: Stop, later: tuple[Stop, ...]) -> OutageFacts:
        return OutageFacts(
            known_at=first.known_at,
            restored_at=first.restored_at,
            fault=first.fault,
            monthly_fee=monthly_fee_of(contract, Month.of(japan_date(first.known_at))),
            paid_last_12_months=paid_in_12_months_before(contract, first.known_at),
            later=later,
        )

    waiting = [_stop(outage) for outage in known if outage.credit_id is None]
    try:
        return weigh(charging, new, waiting, _credited_months(contract), facts_of)
    except NotProvided as missing:
        raise ValidationError(_("The terms give nothing for outages.")) from missing


def _stop(outage: RecordedOutage) -> Stop:
    return Stop(outage.known_at, outage.restored_at, cast(Fault, outage.fault))


def _credits(contract: Contract) -> QuerySet[Adjustment]:
    return contract.adjustments.filter(kind=Kind.OUTAGE_CREDIT, withdrawn_at__isnull=True)


def _credited_months(contract: Contract) -> list[OutageMonth]:
    """The months in which outages were added up and credited."""
    decided = (credit.decided for credit in _credits(contract))
    return [decision.month for decision in decided if isinstance(decision, OutagesOfMonth)]


def _credited(
    outage: RecordedOutage, weighed: Weighed, version: TermsVersion, staff: User, moment: datetime
) -> Adjustment:
    """The credit of an outage, and of those that count with it; returned if its month is invoiced."""
    contract, decision = outage.contract, weighed.decision
    begins = weighed.month.begins if weighed.month else outage.known_at
    month = Month.of(japan_date(begins))
    adjustment = decide(
        contract,
        Kind.OUTAGE_CREDIT,
        month,
        -decision.credit,
        "standard" if decision.taxed else "outside",
        _stated(weighed),
        version,
        staff,
        moment,
        reason=outage.reason,
        once_key=begins.isoformat(),
    )
    counted = contract.outages.standing().filter(credit__isnull=True)
    if weighed.month:
        counted = counted.filter(restored_at__gt=begins, known_at__lt=weighed.month.ends)
    else:
        counted = counted.filter(pk=outage.pk)
    counted.update(credit=adjustment)
    invoice = Invoice.objects.charging().filter(contract=contract, month=month.first).first()
    if invoice and decision.taxed:
        return_adjustment(invoice, adjustment, staff, moment)
    return adjustment


def _stated(weighed: Weighed) -> Outage:
    """The decision, with the month within which outages were added up for it."""
    decision = weighed.decision
    if weighed.month is None:
        return decision
    return OutagesOfMonth(**decision.facts(), month=weighed.month, steps=decision.steps)


def _ensure_not_lapsed(charging: Charging, fault: Fault, arose_at: datetime | None, moment: datetime) -> None:
    limits = [rule.claim_within_months for rule in charging.outages if fault in rule.faults]
    if arose_at is None or not limits or None in limits:
        return
    last = max(months_after(japan_date(arose_at), limit) for limit in limits if limit)
    if japan_date(moment) > last:
        raise ValidationError(_("The claim lapsed on %(day)s.") % {"day": last})
