"""What an order needs an individual quotation for, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.rules.policy.products import quotations_needed
from contracts.rules.policy.schema import Policy
from contracts.wording.products import product_lines


@dataclass(frozen=True)
class Quotation:
    """A product whose list price does not hold for this order; `articles` say up to where it does."""

    product: str
    text: str
    articles: tuple[str, ...]


def quotations(policy: Policy, quantities: Mapping[str, int]) -> list[Quotation]:
    """A remark for each product ordered that needs a quotation."""
    return [
        Quotation(key, _text(policy, key, excess), policy.product(key).article)
        for key, excess in quotations_needed(policy.products, quantities).items()
    ]


def _text(policy: Policy, key: str, excess: Mapping[str, int]) -> str:
    (product,) = product_lines(policy, [(key, 1)])
    beyond = [f"{line.name} {line.quantity} {line.unit}" for line in product_lines(policy, excess.items())]
    return _(
        "%(product)s: the order goes beyond what the price covers (%(beyond)s too many). "
        "The provider makes you an individual quotation."
    ) % {"product": product.name, "beyond": pgettext("between things", ", ").join(beyond)}
