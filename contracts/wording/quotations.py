"""What an order needs an individual quotation for, and what is unusual about it, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.rules.policy.products import left_out, quotations_needed, uneven
from contracts.rules.policy.schema import Policy
from contracts.wording.products import product_line, product_lines


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


@dataclass(frozen=True)
class Hint:
    """Something unusual about numbers of products that binds nobody; `articles` say how they are counted."""

    text: str
    articles: tuple[str, ...]


def hints(policy: Policy, quantities: Mapping[str, int]) -> list[Hint]:
    """A hint for each product whose number does not go with that of the product by which it is counted."""
    return [
        Hint(_uneven_text(policy, quantities, key, by), policy.product(key).article)
        for key, by in uneven(policy.products, quantities).items()
    ]


def hints_on_application(policy: Policy, quantities: Mapping[str, int]) -> list[Hint]:
    """The same, and a hint for each usual product that is left out."""
    text = _("%(product)s is not chosen. Most applications contain it.")
    missing = [
        Hint(text % {"product": product_line(policy, key, 1).name}, policy.product(key).article)
        for key in left_out(policy.products, quantities)
    ]
    return [*hints(policy, quantities), *missing]


def _uneven_text(policy: Policy, quantities: Mapping[str, int], key: str, by: str) -> str:
    counted, other = (product_line(policy, one, quantities.get(one, 0)) for one in (key, by))
    return _(
        "%(product)s is counted by %(other)s: %(amount)s for %(other_amount)s is neither as many nor a"
        " multiple. Please check the number."
    ) % {
        "product": counted.name,
        "other": other.name,
        "amount": counted.amount,
        "other_amount": other.amount,
    }


def _text(policy: Policy, key: str, excess: Mapping[str, int]) -> str:
    (product,) = product_lines(policy, [(key, 1)])
    beyond = [f"{line.name} {line.quantity} {line.unit}" for line in product_lines(policy, excess.items())]
    return _(
        "%(product)s: the order goes beyond what the price covers (%(beyond)s too many). "
        "The provider makes you an individual quotation."
    ) % {"product": product.name, "beyond": pgettext("between things", ", ").join(beyond)}
