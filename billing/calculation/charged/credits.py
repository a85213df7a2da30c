"""What outages let fall away of fees, by the facts known now, laid over what was credited for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from billing.calculation.charged.differences import Aside, Difference, missing
from billing.calculation.charged.facts import Facts, monthly_fee_in, policy_in
from billing.calculation.charged.standing import Supply
from billing.calculation.outage import Outage, OutageFacts, Stop, outage
from billing.calculation.outage_months import OutageMonth, counting
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Step

OUTAGE_CREDIT = "outage-credit"
"""The product of supplies that are credits for outages."""

CORRECTED = "outage.corrected"
"""The last step of a credit that corrects another."""


@dataclass(frozen=True)
class Counted:
    """Outages that count together, in order, as far as the service was to be provided; `month` is credited.

    `product` where one option alone was out; `within` where they were added up within a month.
    """

    month: Month
    stops: tuple[Stop, ...]
    product: str = ""
    within: OutageMonth | None = None


@dataclass(frozen=True)
class Credit:
    """What outages of a month let fall away of its fee, in yen from zero down, with the steps."""

    amount: int = 0
    steps: tuple[Step, ...] = ()

    def and_also(self, worth: Outage) -> Credit:
        return Credit(self.amount - worth.credit, self.steps + worth.steps)


def credits_owed(facts: Facts, outages: Sequence[Counted], credited: Iterable[Month]) -> dict[Month, Credit]:
    """What outages let fall away, by the month that is credited; of the months `credited` it may be nothing.

    Months with outages that the terms by now make good in another way are left out. Raises as `charges` does.
    """
    found = {month: Credit() for month in credited}
    otherwise: set[Month] = set()
    for counted in outages:
        worth = _worth(facts, counted)
        if not worth.taxed:
            otherwise.add(counted.month)
        found[counted.month] = found[counted.month].and_also(worth)
    return {month: credit for month, credit in found.items() if month not in otherwise}


def _worth(facts: Facts, counted: Counted) -> Outage:
    nothing = Outage(qualifies=False, units=0, credit=0, steps=())
    if not counted.stops:
        return nothing
    first, *later = counted.stops
    policy = policy_in(facts, japan_date(first.known_at))
    rules = counting(policy.charging, "within_a_month" if counted.within else "in_a_row")
    if not rules.outages:
        return nothing
    fees = {month: monthly_fee_in(facts, month, counted.product) for month in first.months}
    return outage(
        rules,
        OutageFacts(
            known_at=first.known_at,
            restored_at=first.restored_at,
            fault=first.fault,
            monthly_fee=fees[first.months[0]],
            fees=fees,
            later=tuple(later),
        ),
    )


def credit_differences(
    owed: Mapping[Month, Credit],
    credited: Mapping[Month, int],
    invoices: Mapping[Month, str],
    set_aside: Mapping[Supply, Aside],
) -> dict[Month, Difference]:
    """Where another amount is owed than was `credited`, in yen from zero down, by month."""
    found: dict[Month, Difference] = {}
    for month, credit in sorted(owed.items()):
        supply, booked = Supply(month, OUTAGE_CREDIT), credited.get(month, 0)
        amount = missing(credit.amount, booked, set_aside.get(supply))
        if amount:
            found[month] = Difference(
                supply=supply,
                owed=credit.amount,
                charged=booked,
                amount=amount,
                cause="later_charge" if amount > 0 else "later_reduction",
                invoice=invoices.get(month),
            )
    return found


def corrected(steps: Sequence[Step], difference: Difference) -> Outage:
    """The decision that corrects a credit: the steps on which that rests, and what is missing of it."""
    given = {"owed": -difference.owed, "credited": -difference.charged}
    final = [replace(taken, rule=CORRECTED, given=given, result=-difference.amount) for taken in steps[-1:]]
    return Outage(qualifies=True, units=0, credit=-difference.amount, steps=(*steps, *final))
