"""What a contract is charged month by month, from facts as they are known at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.calculation.charges import (
    ChargeLine,
    SpecialPrices,
    charge_lines,
    monthly_fee,
    unpriced,
    usage_lines,
)
from billing.calculation.prices import PriceList, price_list_on
from contracts.problems.reasons import Reason, UnansweredError
from contracts.rules.calendar.period import Month
from contracts.rules.policy.products import Items
from contracts.rules.policy.schema import Policy


class NotPricedError(UnansweredError, LookupError):
    """Products that nobody can charge: no list prices them, or they wait for an individual quotation.

    The reason's key is `no_prices` or `not_quoted`; its value `products` holds their keys.
    """


class NoTermsError(UnansweredError, LookupError):
    """No terms are in force on the last day of a month."""


@dataclass(frozen=True, slots=True)
class Held:
    """A quantity of a product with the first and the last day that it is charged for; no last: it goes on."""

    product: str
    quantity: int
    first: date
    last: date | None = None

    def charged_in(self, month: Month) -> bool:
        return self.first <= month.last and (self.last is None or self.last >= month.first)


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """What a product costs one contract from one day to another, in yen without tax."""

    product: str
    unit_price: int
    first: date
    last: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or self.last >= day)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a product was used in a month."""

    month: Month
    product: str
    quantity: int


@dataclass(frozen=True)
class Facts:
    """All that the charges of one contract follow from, as it is known at a moment.

    `policy_on` gives the rules that govern a day, with what was agreed individually; None before the first.
    """

    policy_on: Callable[[date], Policy | None]
    prices: Sequence[PriceList]
    held: Sequence[Held] = ()
    own_prices: Sequence[OwnPrice] = ()
    used: Sequence[Use] = ()

    def own_prices_on(self, day: date) -> dict[str, int]:
        """The contract's own unit prices of a day, by product key."""
        return {own.product: own.unit_price for own in self.own_prices if own.holds_on(day)}


def quantities_in(held: Iterable[Held], month: Month) -> dict[str, int]:
    """What is charged for a month, by product key; the order of what is held makes no difference."""
    quantities: dict[str, int] = {}
    for one in held:
        if one.charged_in(month):
            quantities[one.product] = quantities.get(one.product, 0) + one.quantity
    return quantities


def charges(facts: Facts, months: Iterable[Month]) -> dict[Month, tuple[ChargeLine, ...]]:
    """What is owed for each month of supply: fees, one-time charges, and use, whose lines name the month.

    Terms, prices and own prices are those of the month's last day. Raises NoTermsError, NotPricedError and
    NoPriceError.
    """
    return {month: (*fees(facts, month), *uses(facts, month)) for month in months}


def fees(facts: Facts, month: Month, quantities: Items | None = None) -> tuple[ChargeLine, ...]:
    """The lines of what is held in a month, or of other quantities; raises as `charges` does."""
    items = quantities_in(facts.held, month) if quantities is None else quantities
    if not items:
        return ()
    policy, own = policy_in(facts, month.last), facts.own_prices_on(month.last)
    prices = prices_of(facts.prices, month, items)
    _ensure_quoted(policy, items, own)
    return charge_lines(policy, prices, items, own)


def monthly_fee_in(facts: Facts, month: Month, product: str = "") -> int:
    """What is charged monthly for a month, or for one product of it; raises NoTermsError and NoPriceError."""
    policy, prices = policy_in(facts, month.last), price_list_on(facts.prices, month.last)
    held = quantities_in(facts.held, month)
    return monthly_fee(policy, prices, held, facts.own_prices_on(month.last), product)


def uses(facts: Facts, month: Month) -> tuple[ChargeLine, ...]:
    """The lines of what was used in a month, at its prices; raises as `charges` does."""
    used: dict[str, int] = {}
    for one in facts.used:
        if one.month == month:
            used[one.product] = used.get(one.product, 0) + one.quantity
    if not used:
        return ()
    policy = policy_in(facts, month.last)
    prices = prices_of(facts.prices, month, used)
    return usage_lines(policy, prices, used, month, facts.own_prices_on(month.last))


def prices_of(lists: Sequence[PriceList], month: Month, products: Mapping[str, int]) -> PriceList:
    """The list of a month's last day; NoPriceError for none, NotPricedError without a price for a product."""
    prices = price_list_on(lists, month.last)
    if missing := set(products) - {price.product for price in prices.prices}:
        raise NotPricedError(Reason("no_prices", {"products": sorted(missing)}))
    return prices


def policy_in(facts: Facts, day: date) -> Policy:
    """The rules of a day; NoTermsError before the first."""
    policy = facts.policy_on(day)
    if policy is None:
        raise NoTermsError(Reason("no_terms_on", {"day": day}))
    return policy


def _ensure_quoted(policy: Policy, items: Items, own: SpecialPrices) -> None:
    """Refuse to charge a list price where the terms want an individual quotation."""
    if waiting := unpriced(policy, items, own):
        raise NotPricedError(Reason("not_quoted", {"products": waiting}))
