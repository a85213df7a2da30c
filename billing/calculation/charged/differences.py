"""What is owed by facts, laid over what stands charged: only the difference is charged or returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from billing.calculation.charged.standing import Standing, Supply
from billing.calculation.charges import ChargeLine, net_of
from billing.calculation.due import months_behind
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step
from contracts.rules.policy.charging import Charging, CorrectionRule

Cause = Literal["error", "later_charge", "later_reduction"]
RateOf = Callable[[ChargeLine, Month], str | None]
"""The tax rate of a line that was supplied in a month, in percent as text; None outside the tax."""

_NOTHING = Standing()
MONTHS_UNTIL_BARRED = 60
"""民法166条1項1号: a claim is barred five years after its creditor knew that it could be asked for."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What one supply is owed and is charged, in yen without tax, and the amount that is missing or too much.

    `error`: an invoice states another price, tax rate or rounded tax than holds; it is corrected.
    Otherwise facts came or changed later: `later_charge` is charged with a later invoice, `later_reduction`
    is returned. `lines` are what is owed; `invoice` is the number of the one that charges the month, if any.
    `other_rate`: the invoice states another tax rate. `charged_anew`: all of it is returned, and what is owed
    is charged with a later invoice.
    """

    supply: Supply
    owed: int
    charged: int
    amount: int
    cause: Cause
    lines: tuple[ChargeLine, ...] = ()
    invoice: str | None = None
    other_rate: bool = False
    charged_anew: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """What nobody settles of a supply: yen above zero that are not charged, below zero not returned."""

    more: int = 0
    less: int = 0

    def and_also(self, amount: int) -> Aside:
        return Aside(self.more + max(0, amount), self.less + min(0, amount))


@dataclass(frozen=True)
class Taking:
    """What is returned of a line of an invoice: its place, counted from 0, and yen without tax."""

    invoice: str
    place: int
    amount: int
    supply: Supply


def differences(
    owed: Mapping[Month, Sequence[ChargeLine]],
    stands: Mapping[Supply, Standing],
    invoices: Mapping[Month, str],
    rate_of: RateOf,
    set_aside: Mapping[Supply, Aside],
) -> list[Difference]:
    """The differences of one contract in the months of `owed`, by month and product.

    `invoices` are the numbers of the months' invoices. `set_aside` is what somebody decided not to settle, by
    supply: it is never charged or returned, and neither is it taken back as the facts change once more. What
    staff returned counts towards a reduction, but is never charged again.
    """
    lines: dict[Supply, list[ChargeLine]] = {}
    for month, of_month in owed.items():
        for line in of_month:
            if line.product is not None:
                lines.setdefault(Supply(month, line.product), []).append(line)
    supplies = {supply for supply in (*lines, *stands) if supply.month in owed}
    compared = (
        _difference(
            supply,
            tuple(lines.get(supply, ())),
            stands.get(supply, _NOTHING),
            set_aside.get(supply),
            invoices.get(supply.month),
            rate_of,
        )
        for supply in sorted(supplies)
    )
    return [difference for difference in compared if difference]


def _difference(
    supply: Supply,
    lines: tuple[ChargeLine, ...],
    stands: Standing,
    set_aside: Aside | None,
    invoice: str | None,
    rate_of: RateOf,
) -> Difference | None:
    owed = net_of(lines)
    amount = missing(owed, stands.charged, set_aside, stands.given_back)
    cause: Cause = "later_charge" if amount > 0 else "later_reduction"
    untouched = set_aside is None and stands.is_untouched
    now, stated = _prices_owed(supply.month, lines, rate_of), _prices_stated(stands)
    if untouched and _differs_in_price(now, stated):
        cause = "error"
    elif not amount:
        return None
    return Difference(
        supply=supply,
        owed=owed,
        charged=stands.charged - stands.given_back,
        amount=amount,
        cause=cause,
        lines=lines,
        invoice=stands.places[0].document if cause == "error" else invoice,
        other_rate=cause == "error" and {one.rate for one in now} != {one.rate for one in stated},
    )


def without_new_invoice(difference: Difference) -> Difference:
    """A difference of a month of which something else stays as it is charged: it is settled by amounts.

    An invoice issued anew would state that, too. What has another tax rate is charged anew as a whole.
    """
    if difference.cause != "error":
        return difference
    if difference.other_rate or not difference.amount:
        return replace(difference, charged_anew=True)
    return replace(difference, cause="later_charge" if difference.amount > 0 else "later_reduction")


def parts(difference: Difference) -> tuple[Difference, ...]:
    """The amounts by which a difference is settled that no invoice issued anew settles."""
    if not difference.charged_anew:
        return (difference,)
    return replace(difference, amount=-difference.charged), replace(difference, amount=difference.owed)


def missing(owed: int, charged: int, set_aside: Aside | None, given_back: int = 0) -> int:
    """What is to be charged, or below zero returned, so that what is owed stands charged."""
    aside = set_aside or Aside()
    most, least = charged + aside.more, charged + aside.less - given_back
    return owed - most if owed > most else min(0, owed - least)


class _Priced(NamedTuple):
    quantity: int
    unit_price: int | None
    rate: str | None


def _prices_owed(month: Month, lines: Sequence[ChargeLine], rate_of: RateOf) -> list[_Priced]:
    charging = (line for line in lines if line.quantity and line.amount)
    return [_Priced(line.quantity, line.unit_price, rate_of(line, month)) for line in charging]


def _prices_stated(stands: Standing) -> list[_Priced]:
    charging = (place.line for place in stands.places if place.line.amount)
    return [_Priced(line.quantity, line.unit_price, line.rate) for line in charging]


def _differs_in_price(now: Sequence[_Priced], stated: Sequence[_Priced]) -> bool:
    """Whether an invoice states the same quantity as is owed, at another price or tax rate."""
    quantity = sum(one.quantity for one in now)
    same_quantity = quantity == sum(one.quantity for one in stated)
    prices = [sorted((str(one.unit_price), str(one.rate)) for one in side) for side in (now, stated)]
    return bool(quantity) and same_quantity and prices[0] != prices[1]


def reaches_back(rule: CorrectionRule | None, difference: Difference, month: Month) -> bool:
    """Whether the terms let a difference be settled by the billing of a month.

    Where they name no limit, what is to the customer's disadvantage reaches back five years (民法166条1項).
    """
    fact = "price" if difference.cause == "error" else "quantity"
    if rule is not None and fact not in rule.reaches_back:
        return False
    return difference.amount <= 0 or difference.supply.month + _months_against(rule) >= month


def charged_back(charging: Charging) -> int:
    """How many months back use may be charged that comes late: at least up to its own month's billing."""
    return max(_months_against(charging.corrections), months_behind(charging, "calls", None) + 1)


def _months_against(rule: CorrectionRule | None) -> int:
    return rule.months_against_customer if rule else MONTHS_UNTIL_BARRED


def later_line(difference: Difference) -> ChargeLine:
    """The line by which a later invoice charges what is missing: whole units where they make it up."""
    owed = difference.lines[-1]
    units, rest = divmod(difference.amount, owed.unit_price) if owed.unit_price else (0, 1)
    return replace(
        owed,
        month=difference.supply.month,
        amount=difference.amount,
        included=0,
        quantity=1 if rest else units,
        unit_price=difference.amount if rest else owed.unit_price,
        lump=bool(rest),
        later=True,
        follows=difference.invoice,
        step=_explained(owed.step, difference) if owed.step else None,
    )


def _explained(priced: Step, difference: Difference) -> Step:
    """The step of a later charge, on the articles of the price."""
    month, product = difference.supply
    given = {"product": product, "month": month, "owed": difference.owed, "charged": difference.charged}
    return replace(priced, rule="charge.later", given=given, result=difference.amount)


def takings(difference: Difference, stands: Standing) -> Iterator[Taking]:
    """Of which lines a reduction is taken, the latest charge first."""
    wanted = -difference.amount
    for place in reversed(stands.places):
        taken = min(place.left, wanted)
        if taken > 0:
            yield Taking(place.document, place.line.place, taken, difference.supply)
            wanted -= taken
