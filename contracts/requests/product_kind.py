"""Kinds of requests about one of the products of a contract."""

from collections.abc import Iterator
from datetime import date

from contracts.models import Contract
from contracts.requests.data import Data
from contracts.requests.kind import Kind
from contracts.requests.offer import Offer, Possibility
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import Policy
from contracts.wording.local_text import localised
from contracts.wording.products import ProductLine


class ProductKind(Kind[Data]):
    """Can be asked for as long as there is a product that it can be about."""

    def concerns(self, product: Product) -> bool:
        """Whether it can be about such a product, whatever a contract holds of it."""
        raise NotImplementedError

    def fits(self, product: Product, held: int) -> bool:
        """Whether it can be about a product that a contract holds so much of."""
        return self.concerns(product) and held > 0

    def offer(self, contract: Contract, possibility: Possibility) -> Offer | None:
        products = tuple(self._products(contract, possibility))
        return self.offered(contract, possibility, products) if products else None

    def count(self, contract: Contract, product: Product, day: date) -> int:
        """How much of a product counts as held on a day."""
        return contract.items_on(day).get(product.key, 0)

    def _products(self, contract: Contract, possibility: Possibility) -> Iterator[ProductLine]:
        """The products that it can be about, each with the quantity held on the earliest day."""
        policy, day = possibility.version.policy, possibility.earliest_on
        held = contract.items_on(day)
        for product in policy.products:
            if self.offered_for(policy, product, self.count(contract, product, day)):
                quantity = held.get(product.key, 0)
                yield ProductLine(product.key, localised(product.name), quantity, localised(product.unit))

    def offered_for(self, policy: Policy, product: Product, held: int) -> bool:
        """Whether pages offer it for a product."""
        return self.fits(product, held)
