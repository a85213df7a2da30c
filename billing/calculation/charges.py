"""From what a contract holds to the lines of its invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.rules.charging import ChargeKind
from contracts.rules.decision import Step, step
from contracts.rules.policy import Policy
from contracts.rules.products import Items

from .prices import Price, PriceList
from .tax import Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """A line of an invoice, in yen without tax.

    `quantity` is what is charged; `included` units come with other products and are not. `product` and
    `step` are None for an amount that no price list makes.
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
        }


def charge_lines(policy: Policy, prices: PriceList, items: Items) -> tuple[ChargeLine, ...]:
    """A line for each product held, in the order of the policy's products.

    KeyError for a product that the policy does not know, NoPriceError for one without a price,
    ValueError for a negative quantity.
    """
    for key, quantity in items.items():
        policy.product(key)
        if quantity < 0:
            raise ValueError(f"{key}: the quantity can't be below 0, but is {quantity}")
    included = _included(policy, items)
    return tuple(
        _line(prices.price(product.key), items[product.key], included.get(product.key, 0))
        for product in policy.products
        if items.get(product.key, 0) > 0
    )


def _included(policy: Policy, items: Items) -> dict[str, int]:
    """How many units of each product come with others that are held."""
    units: dict[str, int] = {}
    for product in policy.products:
        for key, each in product.includes.items():
            units[key] = units.get(key, 0) + each * items.get(product.key, 0)
    return units


def _line(price: Price, held: int, available: int) -> ChargeLine:
    included = min(held, available)
    quantity = held - included
    amount = quantity * price.unit_price
    taken = step(
        price,
        "charge.line",
        amount,
        product=price.product,
        held=held,
        included=included,
        quantity=quantity,
        unit_price=price.unit_price,
    )
    return ChargeLine(
        product=price.product,
        quantity=quantity,
        included=included,
        unit_price=price.unit_price,
        amount=amount,
        tax=price.tax,
        charge=price.charge,
        articles=price.article,
        sample=price.sample,
        step=taken,
    )


def net_of(lines: Sequence[ChargeLine]) -> int:
    """The sum of lines in yen without tax, those outside the tax included."""
    return sum(line.amount for line in lines)
