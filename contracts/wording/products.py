"""Products as screens show them: in groups, and by name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.products import Product, ProductKind
from contracts.rules.policy.schema import Policy
from contracts.wording.local_text import localised

KIND_LABELS: dict[ProductKind, object] = {
    "base": _("Basic products"),
    "option": _("Options"),
    "extra": _("Monthly extras"),
    "one_time": _("One-time fees"),
    "usage": _("Charged by use"),
}


def products_by_kind(policy: Policy) -> Iterator[tuple[object, Sequence[Product]]]:
    """The label of each kind that the policy has products of, with these products in the policy's order."""
    for kind, label in KIND_LABELS.items():
        products = [product for product in policy.products if product.kind == kind]
        if products:
            yield label, products


@dataclass(frozen=True)
class ProductLine:
    """A product and how many of it, in words."""

    key: str
    name: str
    quantity: int
    unit: str

    @property
    def amount(self) -> str:
        """The quantity with its unit: 8 席."""
        return f"{self.quantity} {self.unit}".rstrip()


def product_lines(policy: Policy, quantities: Iterable[tuple[str, int]]) -> list[ProductLine]:
    """Products with their quantities, named in the current language; by its key where the policy has none."""
    return [product_line(policy, key, quantity) for key, quantity in quantities]


def product_line(policy: Policy, key: str, quantity: int) -> ProductLine:
    """One product with its quantity, named in the current language; by its key where the policy has none."""
    try:
        product = policy.product(key)
    except KeyError:
        return ProductLine(key, key, quantity, "")
    return ProductLine(key, localised(product.name), quantity, localised(product.unit))
