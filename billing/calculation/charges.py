"""From what a contract holds to the lines of its invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step, step
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.charging import ChargeKind
from contracts.rules.policy.products import Items, ProductKind, quotations_needed

from .prices import Price, PriceList
from .tax import Treatment

if TYPE_CHECKING:
    from contracts.rules.policy.schema import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """A line of an invoice, in yen without tax.

    `quantity` is what is charged; `included` units come with other products and are not. `month` is the
    month of supply where it is not the invoice's own. `special` marks a price of this contract alone.
    `later` marks what an earlier invoice should have charged: `follows` is the number of the month's own, if
    there is one. A `lump` is one sum, not units of the product.
    `product` and `step` are None for an amount that no price list makes; `name` then says what it is.
    """

    amount: int
    tax: Treatment
    charge: ChargeKind = "usage"
    product: str | None = None
    quantity: int = 1
    included: int = 0
    unit_price: int | None = None
    articles: tuple[str, ...] = ()
    sample: bool = False
    special: bool = False
    month: Month | None = None
    name: LocalText | None = None
    later: bool = False
    follows: str | None = None
    lump: bool = False
    step: Step | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "product": self.product,
            "quantity": self.quantity,
            "included": self.included,
            "unit_price": self.unit_price,
            "amount": self.amount,
            "tax": self.tax,
            "charge": self.charge,
            "articles": list(self.articles),
            "sample": self.sample,
            "special": self.special,
            "month": str(self.month) if self.month else None,
        }


_NOT_MONTHLY: tuple[ProductKind, ...] = ("one_time", "usage")

SpecialPrices = Mapping[str, int]
"""What single products cost one contract, in yen without tax, by product key."""


def unpriced(policy: Policy, items: Items, special: SpecialPrices | None = None) -> list[str]:
    """Products whose list price does not hold beside what else is held, and that have no price of their own.

    `charge_lines` would take the list price for them.
    """
    return [key for key in quotations_needed(policy.products, items) if key not in (special or {})]


def charge_lines(
    policy: Policy, prices: PriceList, items: Items, special: SpecialPrices | None = None
) -> tuple[ChargeLine, ...]:
    """A line for each product held and each price that its units have, in the order of the policy's products.

    UnknownError for a product that the policy does not know, NoPriceError for one without a price,
    UnfitError for a negative quantity.
    """
    _ensure_known(policy, items)
    included = _included(policy, items)
    return tuple(
        line
        for product in policy.products
        if items.get(product.key, 0) > 0
        for line in _held_lines(
            prices.price(product.key),
            items[product.key],
            included.get(product.key, 0),
            (special or {}).get(product.key),
        )
    )


def usage_lines(
    policy: Policy,
    prices: PriceList,
    quantities: Items,
    month: Month,
    special: SpecialPrices | None = None,
) -> tuple[ChargeLine, ...]:
    """Lines for what was used in a month, at the prices of that month. Raises as `charge_lines` does."""
    _ensure_known(policy, quantities)
    return tuple(
        line
        for product in policy.products
        if quantities.get(product.key, 0) > 0
        for line in _used_lines(
            prices.price(product.key),
            quantities[product.key],
            month,
            (special or {}).get(product.key),
        )
    )


def _ensure_known(policy: Policy, items: Items) -> None:
    for key, quantity in items.items():
        policy.product(key)
        if quantity < 0:
            raise UnfitError(Reason("negative_quantity", {"product": key, "quantity": quantity}))


def _included(policy: Policy, items: Items) -> dict[str, int]:
    """How many units of each product come with others that are held."""
    units: dict[str, int] = {}
    for product in policy.products:
        for key, each in product.includes.items():
            units[key] = units.get(key, 0) + each * items.get(product.key, 0)
    return units


def _held_lines(price: Price, held: int, available: int, special: int | None) -> Iterator[ChargeLine]:
    included = min(held, available)
    for quantity, unit_price in _by_band(price, held - included, special):
        facts: dict[str, object] = {"held": held, "included": included}
        key = "charge.line"
        if special is not None:
            key, facts["list_price"] = "charge.special", price.unit_price
        yield _line(price, key, quantity, unit_price, included, special is not None, facts)
        included = 0


def _used_lines(price: Price, used: int, month: Month, special: int | None) -> Iterator[ChargeLine]:
    for quantity, unit_price in _by_band(price, used, special):
        facts: dict[str, object] = {"month": month}
        yield _line(price, "charge.used", quantity, unit_price, 0, special is not None, facts, month)


def _by_band(price: Price, quantity: int, special: int | None) -> list[tuple[int, int]]:
    """How many units cost how much each; one entry even for no units, as the line says what is included."""
    if special is not None:
        return [(quantity, special)]
    starts = [first for first, _unit_price in price.bands]
    counts = [max(0, min(quantity, following - 1) - first + 1) for first, following in pairwise(starts)]
    counts.append(max(0, quantity - starts[-1] + 1))
    units = [(count, unit_price) for count, (_first, unit_price) in zip(counts, price.bands, strict=True)]
    return [band for band in units if band[0]] or units[:1]


def _line(
    price: Price,
    key: str,
    quantity: int,
    unit_price: int,
    included: int,
    special: bool,
    facts: Mapping[str, object],
    month: Month | None = None,
) -> ChargeLine:
    amount = quantity * unit_price
    taken = step(price, key, amount, product=price.product, quantity=quantity, unit_price=unit_price, **facts)
    return ChargeLine(
        product=price.product,
        quantity=quantity,
        included=included,
        unit_price=unit_price,
        amount=amount,
        tax=price.tax,
        charge=price.charge,
        articles=price.article,
        sample=price.sample and not special,
        special=special,
        month=month,
        step=taken,
    )


def monthly_fee(
    policy: Policy, prices: PriceList, held: Items, special: SpecialPrices | None = None, product: str = ""
) -> int:
    """What is charged monthly of quantities, in yen without tax: nothing that is charged once, or by use.

    With a product's key, what is charged for that alone. Raises as `charge_lines` does.
    """
    return net_of(monthly_lines(policy, prices, held, special, product))


def monthly_lines(
    policy: Policy, prices: PriceList, held: Items, special: SpecialPrices | None = None, product: str = ""
) -> Sequence[ChargeLine]:
    """The same line by line."""
    monthly = {
        key: units
        for key, units in held.items()
        if key == (product or key) and policy.product(key).kind not in _NOT_MONTHLY
    }
    return charge_lines(policy, prices, monthly, special)


def net_of(lines: Sequence[ChargeLine]) -> int:
    """The sum of lines in yen without tax, those outside the tax included."""
    return sum(line.amount for line in lines)
