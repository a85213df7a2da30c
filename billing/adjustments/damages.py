"""Damages (損害賠償) that the provider owes a customer, up to the limit of the terms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.calculation.damages import Damages, damages, free_service
from billing.models import Adjustment
from billing.pricing.deciding import Kind, decide, ensure_positive, version_on
from billing.pricing.fees import monthly_fee_of
from billing.receivables.owed import gets_no_invoice, turn_into_credit
from contracts.models import Contract, Service
from contracts.policies.rulebooks import version_in_force
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import NotProvided, Step, step
from contracts.rules.policy.charging import Charging, Fault
from contracts.wording.local_text import localised
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.organisations.models import User

DAMAGES = "damages"
"""The kind of proposal that books damages."""

_MONTHS = 12


@dataclass(frozen=True)
class DamageReport:
    """A damage in yen as staff accept it: when it arose, how much it was, by which fault of the provider.

    `ground` is the key of one that the terms list, where they owe no other damage. `as_service`: it is made
    good by a month of service free instead of money.
    """

    arose_on: date
    damage: int
    fault: Fault
    ground: str = ""
    as_service: bool = False


def weigh_damages(contract: Contract, report: DamageReport) -> Damages:
    """What the terms let the customer claim of a damage, without storing anything.

    The fees are the monthly fees of the contract; a month of use before the first that is charged counts with
    the fee of that. ValidationError where the terms set no limit, for a day that is not within the service,
    and for a damage that the terms don't owe (`ground`).
    """
    ensure_positive(report.damage, "damage")
    started_on = contract.service_starts_on
    if started_on is None or report.arose_on < started_on:
        raise ValidationError({"arose_on": _("The service had not started on that day.")})
    last = Month.of(report.arose_on)
    months = [last + -distance for distance in range(_MONTHS + 1)]
    first = max(Month.of(started_on), Month.of(contract.billed_from_on or started_on))
    fees = {
        month: monthly_fee_of(contract, max(month, first)) for month in months if month.last >= started_on
    }
    charging = version_on(contract, report.arose_on).policy.charging
    if report.as_service:
        return _free_month(contract, charging)
    owed_for = _ground(charging, report.ground)
    try:
        found = damages(charging, report.arose_on, report.damage, report.fault, fees, started_on)
    except NotProvided as missing:
        raise ValidationError(_("The terms set no limit of damages. Settle this by a contract.")) from missing
    except ValueError as missing:
        raise ValidationError({"arose_on": _("The fees do not suffice to compute the limit.")}) from missing

    return replace(found, steps=(*owed_for, *found.steps))


def damage_grounds(day: date) -> list[tuple[str, str]]:
    """The grounds that the terms in force on a day list for damages, whichever service, with their words."""
    versions = (version_in_force(service, day) for service in Service.objects.all())
    caps = (version.policy.charging.damages_cap for version in versions if version)
    return [(ground.key, localised(ground.text)) for cap in caps if cap for ground in cap.grounds]


def _ground(charging: Charging, key: str) -> Sequence[Step]:
    """That the terms owe damages on a ground; nothing where they list none."""
    grounds = charging.damages_cap.grounds if charging.damages_cap else ()
    if not grounds:
        return ()
    for ground in grounds:
        if ground.key == key:
            return (step(ground, "damages.ground", None, ground=key),)
    owed = pgettext("between things", ", ").join(localised(one.text) for one in grounds)
    text = _("By the terms no other damage is owed than this: %(owed)s.") % {"owed": owed}
    raise ValidationError({"ground": text})


def _free_month(contract: Contract, charging: Charging) -> Damages:
    """The fee of this month, which is then given free."""
    month = Month.of(localdate())
    if gets_no_invoice(contract):
        raise ValidationError(
            {"as_service": _("The contract is charged no more; make the damage good in money.")}
        )
    try:
        return free_service(charging, month, monthly_fee_of(contract, month))
    except NotProvided as missing:
        message = _("The terms don't let the provider give service instead of money.")
        raise ValidationError({"as_service": message}) from missing


@transaction.atomic
def book_damages(
    contract: Contract,
    report: DamageReport,
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Adjustment:
    """Book damages: the next invoice states them below zero, outside the tax; one booking for a day.

    A month of service that is given instead lowers its fee, and the tax with it.
    Where no invoice is to come they are the customer's credit at once.

    ValidationError without the approval of a second person (`second_person`) or a reason, for a day to come,
    where nothing is left by the limit, and as `weigh_damages`.
    """
    ensure_second_person(approval, DAMAGES)
    moment = now or timezone.now()
    today = japan_date(moment)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    if report.arose_on > today:
        raise ValidationError({"arose_on": _("This day is still to come.")})
    decision = weigh_damages(contract, report)
    if not decision.amount:
        raise ValidationError(_("By the limit of the terms nothing is owed."))
    owed = decide(
        contract,
        Kind.DAMAGES,
        Month.of(today),
        -decision.amount,
        "standard" if report.as_service else "outside",
        decision,
        version_on(contract, report.arose_on),
        staff,
        moment,
        reason=reason,
        once_key=report.arose_on.isoformat(),
    )
    if gets_no_invoice(contract):
        turn_into_credit(owed, staff, moment)
    return owed
