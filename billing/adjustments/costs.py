"""Costs that the terms let customers bear (費用負担): of repairs, surveys, works on facilities."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.adjustments.told import tell
from billing.calculation.costs import Costs, costs
from billing.models import Adjustment
from billing.pricing.deciding import Kind, decide, ensure_day_may_be_set, ensure_positive, version_on
from contracts.models import Contract
from contracts.problems.reasons import UnknownError
from contracts.rules.calendar.period import Month, japan_date
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.organisations.models import User

CHARGED_COSTS = "charged_costs"
"""The kind of proposal that charges costs."""


@dataclass(frozen=True)
class CostReport:
    """Costs in yen without tax as staff report them, on a ground of the contract's terms by its key.

    `arose_on` is the day on which the work was done, or the damage was; `due_on` the day that the provider
    sets for payment, where the terms let it (None: with the next invoice).
    """

    ground: str
    arose_on: date
    net: int
    due_on: date | None = None


def weigh_costs(contract: Contract, report: CostReport, today: date) -> Costs:
    """What the terms let the provider charge, storing nothing; the terms are those of the day of the costs.

    ValidationError for less than 1 yen, a ground that the terms don't list (`ground`), a day before the
    contract or to come (`arose_on`), and a due day that can't be set (`due_on`).
    """
    ensure_positive(report.net, "net")
    if report.arose_on > today:
        raise ValidationError({"arose_on": _("This day is still to come.")})
    if contract.formed_on is None or report.arose_on < contract.formed_on:
        raise ValidationError({"arose_on": _("The contract was not formed on that day.")})
    charging = version_on(contract, report.arose_on).policy.charging
    try:
        rule = charging.cost(report.ground)
    except UnknownError as unknown:
        message = _("The terms of this contract don't list this ground.")
        raise ValidationError({"ground": message}) from unknown
    ensure_day_may_be_set(report.due_on, rule.due, today)
    return costs(charging, report.ground, report.net)


@transaction.atomic
def charge_costs(
    contract: Contract,
    report: CostReport,
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Adjustment:
    """Charge costs that the customer bears: the next invoice states them on a line of their own.

    The customer is told at once, with `reason`, which names what they were and by what that is proved.
    ValidationError without the approval of a second person (`second_person`) or a reason, as `weigh_costs`,
    and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, CHARGED_COSTS)
    moment = now or timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    decision = weigh_costs(contract, report, japan_date(moment))
    version = version_on(contract, report.arose_on)
    rule = version.policy.charging.cost(report.ground)
    charged = decide(
        contract,
        Kind.COSTS,
        Month.of(report.arose_on),
        decision.net,
        "standard" if decision.taxed else "outside",
        decision,
        version,
        staff,
        moment,
        names=rule.name.model_dump(),
        reason=reason,
        due_on=report.due_on,
    )
    tell(charged)
    return charged
