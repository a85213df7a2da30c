"""Outages of contracts, and what was credited for them, as the comparison reads them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from billing.calculation.charged.credits import CORRECTED, Counted
from billing.calculation.outage import Stop, within_service
from billing.calculation.outage_months import OutagesOfMonth
from billing.models import Adjustment, RecordedOutage
from contracts.models import Contract
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Step
from contracts.rules.policy.charging import Fault


@dataclass
class Credited:
    """Outages of one contract, what was credited for them by month, in yen from zero down, and why."""

    outages: list[Counted] = field(default_factory=list)
    amounts: dict[Month, int] = field(default_factory=dict)
    steps: dict[Month, tuple[Step, ...]] = field(default_factory=dict)


def credited_of(contracts: Sequence[Contract]) -> dict[int, Credited]:
    """What was credited to contracts, by primary key; two queries however many.

    Months are left out of which a credit names no outage: release 0.1.0 kept none.
    """
    keys = [contract.pk for contract in contracts]
    outages = RecordedOutage.objects.standing().filter(contract__in=keys).order_by("known_at")
    of_credit: dict[int, list[RecordedOutage]] = defaultdict(list)
    without: dict[int, list[RecordedOutage]] = defaultdict(list)
    for outage in outages:
        if outage.credit_id:
            of_credit[outage.credit_id].append(outage)
        elif outage.decided and outage.decided.qualifies:
            without[outage.contract_id].append(outage)
    booked: dict[int, list[Adjustment]] = defaultdict(list)
    amounts = Adjustment.objects.filter(
        contract__in=keys, kind=Adjustment.Kind.OUTAGE_CREDIT, withdrawn_at__isnull=True
    )
    for credit in amounts.order_by("pk"):
        booked[credit.contract_id].append(credit)
    return {
        contract.pk: _credited(contract, booked[contract.pk], of_credit, without[contract.pk])
        for contract in contracts
        if contract.pk in booked or contract.pk in without
    }


def _credited(
    contract: Contract,
    amounts: Iterable[Adjustment],
    of_credit: dict[int, list[RecordedOutage]],
    without: Iterable[RecordedOutage],
) -> Credited:
    found, unknown = Credited(), set()
    for credit in amounts:
        month, decision = Month.of(credit.month), credit.decided
        found.amounts[month] = found.amounts.get(month, 0) + credit.amount
        found.steps[month] = decision.steps if decision else ()
        if credit.pk in of_credit:
            within = decision.month if isinstance(decision, OutagesOfMonth) else None
            outages = of_credit[credit.pk]
            stops = _stops(contract, outages)
            found.outages.append(Counted(month, stops, outages[0].product, within))
        elif not (decision and decision.steps and decision.steps[-1].rule == CORRECTED):
            unknown.add(month)
    for outage in without:
        month = Month.of(japan_date(outage.known_at))
        found.amounts.setdefault(month, 0)
        found.outages.append(Counted(month, _stops(contract, [outage]), outage.product))
    return Credited(
        [counted for counted in found.outages if counted.month not in unknown],
        {month: amount for month, amount in found.amounts.items() if month not in unknown},
        found.steps,
    )


def _stops(contract: Contract, outages: Iterable[RecordedOutage]) -> tuple[Stop, ...]:
    starts_on, ends_on = contract.service_starts_on, contract.ends_on
    stops = (Stop(one.known_at, one.restored_at, cast(Fault, one.fault)) for one in outages)
    return tuple(filter(None, (within_service(stop, starts_on, ends_on) for stop in stops)))
