"""Price lists: the unit prices of a service from a day on, written in TOML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from contracts.problems.reasons import Reason, UnansweredError
from contracts.rules.decision import Decision
from contracts.rules.limits import FIRST_DAY, LARGEST_AMOUNT, LAST_DAY
from contracts.rules.policy.base import Rule, Strict
from contracts.rules.policy.charging import ChargeKind
from contracts.rules.policy.products import ProductKey
from contracts.rules.policy.reading import read_toml
from contracts.rules.problems import DataError, explain, refusal

from .tax import Treatment


class PriceListError(DataError):
    """A price list that can't be taken, with every problem found in it."""


class NoPriceError(UnansweredError, LookupError):
    """Nothing says what a product costs."""


@dataclass(frozen=True, kw_only=True)
class NoticeOfPrices(Decision):
    """What `terms_version` says of the notice of a price change; the rest is None where it asks for none."""

    terms_version: str
    in_time: bool | None = None
    notice_effective_at: datetime | None = None
    latest_send_on: date | None = None


Yen = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, strict=True)]


class Tier(Strict):
    """What each unit costs from a count of units on, until the next tier begins; written `from`."""

    first: Annotated[int, Field(ge=1, strict=True, alias="from")]
    unit_price: Yen


class Price(Rule):
    """What one unit of a product costs, in whole yen without tax: the same for all, or by `tiers`.

    With tiers, each unit costs what its own tier says: 3 units at 380 from 1 and 100 from 2 are 580.
    """

    product: ProductKey
    unit_price: Yen | None = None
    tiers: tuple[Tier, ...] = ()
    tax: Treatment
    charge: ChargeKind = "usage"

    @model_validator(mode="after")
    def _price_or_tiers(self) -> Price:
        if (self.unit_price is None) != bool(self.tiers):
            raise refusal("price_or_tiers")
        starts = [tier.first for tier in self.tiers]
        if starts and (starts[0] != 1 or any(later <= earlier for earlier, later in pairwise(starts))):
            raise refusal("tier_order", at="tiers")
        return self

    @property
    def bands(self) -> tuple[tuple[int, int], ...]:
        """From which unit on each costs how much; a plain price is one band from the first unit on."""
        if self.unit_price is not None:
            return ((1, self.unit_price),)
        return tuple((tier.first, tier.unit_price) for tier in self.tiers)


class PriceList(Strict):
    """All prices that apply from a day on; with an `agent` those at which that sales agent sells."""

    agent: Annotated[str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$")] = ""
    effective_on: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
    prices: tuple[Price, ...]

    @model_validator(mode="after")
    def _one_price_each(self) -> PriceList:
        keys = [price.product for price in self.prices]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise refusal("price_twice", at="prices", keys=", ".join(twice))
        return self

    def price(self, product: str) -> Price:
        """The price of a product; NoPriceError if the list has none."""
        for price in self.prices:
            if price.product == product:
                return price
        raise NoPriceError(Reason("no_price", {"day": self.effective_on, "product": product}))

    def cited(self) -> Iterator[tuple[str, str]]:
        """Every citation in the list, with the path of the price that makes it."""
        for index, price in enumerate(self.prices):
            for key in price.article:
                yield f"prices[{index}].article", key


def price_list_on(lists: Sequence[PriceList], day: date) -> PriceList:
    """The price list in force on a day; NoPriceError before the first."""
    in_force = [prices for prices in lists if prices.effective_on <= day]
    if not in_force:
        raise NoPriceError(Reason("no_price_list_on", {"day": day}))
    return max(in_force, key=lambda prices: prices.effective_on)


def lists_of_agent(lists: Sequence[PriceList], own: Sequence[PriceList]) -> tuple[PriceList, ...]:
    """The price lists of an agent: its own from the first of them on, before that the provider's."""
    first = min((one.effective_on for one in own), default=date.max)
    return (*(one for one in lists if one.effective_on < first), *own)


def lists_between(lists: Sequence[PriceList], start: date, end: date) -> Iterator[PriceList]:
    """The price lists of the days from `start` until before `end`; the first of them begins with `start`."""
    begun = [one for one in lists if one.effective_on <= start]
    if begun:
        at_first = max(begun, key=lambda one: one.effective_on)
        yield at_first.model_copy(update={"effective_on": start})
    yield from (one for one in lists if start < one.effective_on < end)


@lru_cache(maxsize=64)
def read_price_list(text: str) -> PriceList:
    """Read a price list from TOML; PriceListError lists every problem with its path and reason."""
    try:
        return PriceList.model_validate(read_toml(text, PriceListError))
    except ValidationError as error:
        raise PriceListError(explain(error)) from error
