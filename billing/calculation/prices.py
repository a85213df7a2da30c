"""Price lists: the unit prices of a service from a day on, written in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from contracts.rules.base import Rule, Strict
from contracts.rules.charging import ChargeKind
from contracts.rules.problems import DataError, Problem, explain
from contracts.rules.products import ProductKey

from .tax import Treatment


class PriceListError(DataError):
    """A price list that can't be taken, with every problem found in it."""


class NoPriceError(LookupError):
    """Nothing says what a product costs."""


class Price(Rule):
    """What one unit of a product costs, in whole yen without tax."""

    product: ProductKey
    unit_price: Annotated[int, Field(ge=0, strict=True)]
    tax: Treatment
    charge: ChargeKind = "usage"


class PriceList(Strict):
    """All prices that apply from a day on."""

    effective_on: date
    prices: tuple[Price, ...]

    @model_validator(mode="after")
    def _one_price_each(self) -> PriceList:
        keys = [price.product for price in self.prices]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"prices: more than one price for {', '.join(twice)}")
        return self

    def price(self, product: str) -> Price:
        """The price of a product; NoPriceError if the list has none."""
        for price in self.prices:
            if price.product == product:
                return price
        raise NoPriceError(f"the price list of {self.effective_on} has no price for '{product}'")

    def cited(self) -> Iterator[tuple[str, str]]:
        """Every citation in the list, with the path of the price that makes it."""
        for index, price in enumerate(self.prices):
            for key in price.article:
                yield f"prices[{index}].article", key


def price_list_on(lists: Sequence[PriceList], day: date) -> PriceList:
    """The price list in force on a day; NoPriceError before the first."""
    in_force = [prices for prices in lists if prices.effective_on <= day]
    if not in_force:
        raise NoPriceError(f"no price list is in force on {day}")
    return max(in_force, key=lambda prices: prices.effective_on)


def read_price_list(text: str) -> PriceList:
    """Read a price list from TOML; PriceListError lists every problem with its path and reason."""
    try:
        return PriceList.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PriceListError([Problem("", f"not valid TOML: {error}")]) from error
    except ValidationError as error:
        raise PriceListError(explain(error)) from error
