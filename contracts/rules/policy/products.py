"""What can be contracted, and which combinations the terms allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.rules.decision import Step, step
from contracts.rules.policy.base import LocalText, Rule

ProductKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
ProductKind = Literal["base", "option", "extra", "one_time", "usage"]
Items = Mapping[str, int]
"""Quantities held, by product key."""

Reason = Literal["late", "last_item", "needs_base", "not_retakable", "user_ids_remain", "not_held"]


class DeviceRule(Rule):
    """That a product is a device: it is sent to the customer once it is paid, and goes back when replaced."""


class Product(Rule):
    """Something that a customer can hold.

    A `base` product can stand alone, an `option` needs one, an `extra` is charged monthly beside them.
    `includes` counts the units of other products that come with each unit of this one. `covers` gives up
    to how many units of others the price of a `one_time` product holds; beyond, a quotation is needed.
    `brings` counts the units of `one_time` products that are charged with each unit of this one that is new.
    `needs` names the products without which this one is not ordered. What is `counted_by` another product
    usually comes as many times as that, or a multiple; what is `usual` comes with most applications. Both are
    hints, and bind nobody. What is `exported` reaches abroad, and bears no tax as an export (消費税法7条1項);
    its prices are outside the tax.
    """

    key: ProductKey
    name: LocalText
    kind: ProductKind
    unit: LocalText
    includes: dict[ProductKey, Annotated[int, Field(ge=1)]] = {}
    covers: dict[ProductKey, Annotated[int, Field(ge=0)]] = {}
    brings: dict[ProductKey, Annotated[int, Field(ge=1)]] = {}
    needs: tuple[ProductKey, ...] = ()
    counted_by: ProductKey | None = None
    usual: bool = False
    device: DeviceRule | None = None
    exported: Rule | None = None
    orderable: bool = True
    minimum: Annotated[int, Field(ge=0)] = 0
    maximum: Annotated[int, Field(ge=1)] | None = None


def beyond_cover(product: Product, items: Items) -> dict[ProductKey, int]:
    """How many units of which products are too many for the price of one that covers only so many.

    Empty when the price holds. Asked for a product that is ordered itself.
    """
    excess = {key: items.get(key, 0) - limit for key, limit in product.covers.items()}
    return {key: units for key, units in excess.items() if units > 0}


def quotations_needed(products: Iterable[Product], items: Items) -> dict[ProductKey, dict[ProductKey, int]]:
    """Which of the products ordered have no list price because of what is ordered beside them.

    Each with the units that are too many for its price, by product key.
    """
    ordered = (product for product in products if items.get(product.key, 0) > 0)
    found = {product.key: beyond_cover(product, items) for product in ordered}
    return {key: excess for key, excess in found.items() if excess}


def brought_by(products: Iterable[Product], added: Items) -> dict[ProductKey, int]:
    """What is charged once with the units that are new, by product key.

    What was ordered by itself is not charged a second time.
    """
    brought: dict[ProductKey, int] = {}
    for product in products:
        for key, units in product.brings.items():
            brought[key] = brought.get(key, 0) + units * added.get(product.key, 0)
    missing = {key: units - added.get(key, 0) for key, units in brought.items()}
    return {key: units for key, units in missing.items() if units > 0}


def missing_needs(product: Product, items: Items) -> list[ProductKey]:
    """The products that one which is ordered needs and that are not ordered with it."""
    if items.get(product.key, 0) <= 0:
        return []
    return [key for key in product.needs if items.get(key, 0) <= 0]


def still_needing(products: Iterable[Product], key: ProductKey, items: Items) -> list[ProductKey]:
    """The products held that need one which is no longer held."""
    if items.get(key, 0) > 0:
        return []
    return [product.key for product in products if key in product.needs and items.get(product.key, 0) > 0]


def uneven(products: Iterable[Product], items: Items) -> dict[ProductKey, ProductKey]:
    """The products whose number is no multiple of that of the one by which they are counted."""
    counted = ((one.key, one.counted_by) for one in products if one.counted_by)
    return {
        key: by
        for key, by in counted
        if items.get(key, 0) > 0 and (not items.get(by) or items.get(key, 0) % items[by])
    }


def left_out(products: Iterable[Product], items: Items) -> list[ProductKey]:
    """The usual products that an application does not ask for."""
    return [one.key for one in products if one.usual and not items.get(one.key)]


class Condition(Rule):
    """What must hold before a change is accepted.

    - `keep_a_base_item`: the last base product can't be dropped this way
    - `needs_base`: an option needs a base product
    - `not_retakable`: what was dropped once can't be taken again
    - `user_ids_deleted`: the user IDs must have been deleted first
    - `must_hold`: only what is held can be dropped or reduced
    """

    kind: Literal["keep_a_base_item", "needs_base", "not_retakable", "user_ids_deleted", "must_hold"]


_REASONS: dict[str, Reason] = {
    "keep_a_base_item": "last_item",
    "needs_base": "needs_base",
    "not_retakable": "not_retakable",
    "user_ids_deleted": "user_ids_remain",
    "must_hold": "not_held",
}


def failed_condition(
    condition: Condition,
    product: str,
    quantity: int,
    items: Items | None,
    ever_held: Collection[str],
    user_ids_deleted: bool,
    base_products: Collection[str],
) -> tuple[Reason | None, Step]:
    """Check one condition. Gives the reason for refusal, or None, and the step that says so.

    `items` is None where nothing is said about what is held; what depends on it then counts as met.
    """
    held = {key for key, quantity in (items or {}).items() if quantity > 0}
    held_base = held & set(base_products)
    unknown = items is None
    some_stay = 0 < quantity < (items or {}).get(product, 0)
    met = {
        "keep_a_base_item": unknown or some_stay or held_base != {product},
        "needs_base": unknown or bool(held_base),
        "not_retakable": product in held or product not in ever_held,
        "user_ids_deleted": user_ids_deleted,
        "must_hold": unknown or product in held,
    }[condition.kind]
    reason = None if met else _REASONS[condition.kind]
    taken = step(condition, f"condition.{condition.kind}", met, product=product)
    return reason, taken
