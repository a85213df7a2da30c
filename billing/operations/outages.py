"""Credits for outages (障害時の減額)."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.outage import Outage, OutageFacts, outage
from billing.models import Adjustment, Invoice
from billing.operations.deciding import Kind, decide, version_on
from billing.operations.fees import monthly_fee_of, paid_in_12_months_before
from billing.operations.returns import return_adjustment
from contracts.models import Contract
from contracts.rules.charging import Charging, Fault
from contracts.rules.period import Month, japan_date, months_after
from contracts.rules.rulebook import NotProvided
from portal.organisations.models import User


@dataclass(frozen=True)
class OutageReport:
    """An outage as staff report it: from when the provider knew, until it was over, by whose fault."""

    known_at: datetime
    restored_at: datetime
    fault: Fault


def weigh_outage(contract: Contract, report: OutageReport, now: datetime | None = None) -> Outage:
    """What the terms give for an outage, without storing anything. ValidationError for impossible facts."""
    if report.restored_at < report.known_at:
        raise ValidationError({"restored_at": _("The outage cannot end before it was known.")})
    if report.restored_at > (now or timezone.now()):
        raise ValidationError({"restored_at": _("This moment is still to come.")})
    day = japan_date(report.known_at)
    version = version_on(contract, day)
    facts = OutageFacts(
        known_at=report.known_at,
        restored_at=report.restored_at,
        fault=report.fault,
        monthly_fee=monthly_fee_of(contract, Month.of(day)),
        paid_last_12_months=paid_in_12_months_before(contract, report.known_at),
    )
    try:
        return outage(version.policy.charging, facts)
    except NotProvided as missing:
        raise ValidationError(_("The terms give nothing for outages.")) from missing


@transaction.atomic
def credit_outage(
    contract: Contract, report: OutageReport, reason: str, staff: User, now: datetime | None = None
) -> Adjustment:
    """Credit an outage: by a return of the month's invoice, or on that invoice if it is still to come.

    Raises ValidationError where the terms give nothing, where the claim has lapsed, and for an outage that
    overlaps one that was credited.
    """
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    moment = now or timezone.now()
    decision = weigh_outage(locked, report, moment)
    if not decision.credit:
        raise ValidationError(_("By the terms this outage gives no credit."))
    day = japan_date(report.known_at)
    version = version_on(locked, day)
    _ensure_not_lapsed(version.policy.charging, report, moment)
    _ensure_credited_once(locked, report)
    month = Month.of(day)
    adjustment = decide(
        locked,
        Kind.OUTAGE_CREDIT,
        month,
        -decision.credit,
        "standard",
        decision,
        version,
        staff,
        moment,
        reason=reason,
        once_key=report.known_at.isoformat(),
        facts={"known_at": report.known_at.isoformat(), "restored_at": report.restored_at.isoformat()},
    )
    invoice = Invoice.objects.charging().filter(contract=locked, month=month.first).first()
    if invoice:
        return_adjustment(invoice, adjustment, staff, moment)
    return adjustment


def _ensure_not_lapsed(charging: Charging, report: OutageReport, moment: datetime) -> None:
    limits = [rule.claim_within_months for rule in charging.outages if report.fault in rule.faults]
    if not limits or None in limits:
        return
    last = max(months_after(japan_date(report.restored_at), limit) for limit in limits if limit)
    if japan_date(moment) > last:
        raise ValidationError(_("The claim lapsed on %(day)s.") % {"day": last})


def _ensure_credited_once(contract: Contract, report: OutageReport) -> None:
    credited = Adjustment.objects.filter(
        contract=contract, kind=Kind.OUTAGE_CREDIT, withdrawn_at__isnull=True
    )
    for decision in credited.values_list("decision", flat=True):
        known, restored = (datetime.fromisoformat(decision[name]) for name in ("known_at", "restored_at"))
        if known < report.restored_at and report.known_at < restored:
            raise ValidationError(_("An outage that overlaps this one was credited already."))
