"""What the form on a change of the contents offers: each product, with the ways to change its number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from contracts.models import Contract, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.changing.wishes import Row
from contracts.requests.offer import Offer
from contracts.requests.product_change import Fewer, More, ProductChange
from contracts.requests.registry import KINDS, offer_of
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.products import Product
from contracts.wording.products import ProductLine, product_line, products_by_kind


@dataclass(frozen=True)
class OfferedRow:
    """A product of the form, with how many the contract holds on the day.

    `once`: it is charged one time, and what is typed comes in addition. `limit` says what the terms don't
    provide for; without ways nothing of it can be changed.
    """

    row: Row
    line: ProductLine
    once: bool
    limit: str

    @property
    def key(self) -> str:
        return self.row.product


@dataclass(frozen=True)
class Changeable:
    """What can be changed of a contract by a request sent at a moment, with the offer of each kind for it."""

    contract: Contract
    at: datetime
    version: TermsVersion
    offers: Sequence[tuple[ProductChange, Offer]]

    @property
    def first_day(self) -> date:
        """The first day that a change of the first kind can begin on."""
        kind, offer = self.offers[0]
        return kind.first_day(offer.possibility.earliest_on)

    @property
    def asks_for_deleted_ids(self) -> bool:
        """Whether some way demands that user IDs are deleted before."""
        rules = [offer.rule for _kind, offer in self.offers]
        return any(one.kind == "user_ids_deleted" for rule in rules if rule for one in rule.conditions)

    def offer_of(self, kind: str) -> tuple[ProductChange, Offer]:
        """The kind of a wish, with its offer."""
        return next((one, offer) for one, offer in self.offers if one.key == kind)

    def groups_on(self, day: date) -> list[tuple[object, list[OfferedRow]]]:
        """The products for a change on a day, under the labels of their kinds; no empty group."""
        held = self.contract.items_on(day)
        groups = [
            (label, [self._row(one, day, held.get(one.key, 0)) for one in products if _is_shown(one, held)])
            for label, products in products_by_kind(self.version.policy)
        ]
        return [(label, rows) for label, rows in groups if rows]

    def _row(self, product: Product, day: date, in_use: int) -> OfferedRow:
        once = product.kind == "one_time"
        held = 0 if once else in_use
        ways = []
        for kind, _offer in self.offers:
            counted = kind.count(self.contract, product, day)
            if kind.fits(product, counted):
                ways.append(kind.way(product, counted, held))
        row = Row(product=product.key, held=held, ways=ways, needs=product.needs)
        line = product_line(self.version.policy, product.key, held)
        return OfferedRow(row, line, once, self._limit(row, product, day))

    def _limit(self, row: Row, product: Product, day: date) -> str:
        """What of a product can't be changed, and why; empty where all can."""
        kinds = [kind for kind in product_changes() if kind.key in self.version.policy.changes]
        concerned = [kind for kind in kinds if kind.concerns(product)]
        grows = any(way.totals.stop > row.held + 1 for way in row.ways)
        if not grows and not any(isinstance(kind, More) for kind in concerned):
            return _("The terms don't provide for more of it on a running contract.")
        if not grows and not row.held:
            return _("There is as much of it already as the terms provide for.")
        if row.held and not any(isinstance(kind, Fewer) for kind in concerned):
            return _("The terms don't provide for less of it on a running contract.")
        if row.held and row.way_to(0) is None:
            return _("To give up all of it, cancel the contract.")
        return ""


def product_changes() -> list[ProductChange]:
    """The kinds of requests about how many of a product there are, in their order."""
    return [kind for kind in KINDS.values() if isinstance(kind, ProductChange)]


def can_change(offered: Iterable[Offer]) -> bool:
    """Whether the form has something to offer, given all that can be asked for."""
    keys = {kind.key for kind in product_changes()}
    return any(offer.kind in keys for offer in offered)


def _is_shown(product: Product, held: dict[str, int]) -> bool:
    return product.kind != "usage" and (product.orderable or bool(held.get(product.key)))


def changeable(contract: Contract, at: datetime) -> Changeable | None:
    """What can be changed of a contract at a moment; None where nothing can."""
    books = Rulebooks()
    offered = [(kind, offer_of(contract, kind.key, at, books)) for kind in product_changes()]
    offers = [(kind, offer) for kind, offer in offered if offer]
    if not offers:
        return None
    return Changeable(contract, at, books.governing(contract, japan_date(at)), offers)
