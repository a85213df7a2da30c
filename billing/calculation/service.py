"""A service with its terms and its price lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.rules.policy.service import Book, LoadedService

from .prices import PriceList


@dataclass(frozen=True, kw_only=True)
class PricedBook(Book):
    """A version's rules and text together with all price lists of the service."""

    price_lists: tuple[PriceList, ...]


@dataclass(frozen=True)
class PricedService(LoadedService):
    """All that is known of a service's terms and prices. No database needed."""

    price_lists: tuple[PriceList, ...] = ()

    def book_on(self, day: date | None) -> PricedBook:
        version = self.version_on(day)
        return PricedBook(
            version.policy,
            self.closures,
            terms=version.terms,
            others=version.others,
            price_lists=self.price_lists,
        )
