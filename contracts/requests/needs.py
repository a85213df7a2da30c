"""Products that need others: no change may leave one in a contract without what it needs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.deciding.guards import field_error
from contracts.models import Contract
from contracts.rules.policy.products import missing_needs, still_needing
from contracts.rules.policy.schema import Policy
from contracts.wording.formats import day_text
from contracts.wording.local_text import localised

ONE_DAY = timedelta(days=1)


def ensure_needs(contract: Contract, policy: Policy, product: str, quantity: int, starts_on: date) -> None:
    """ValidationError (`product`) where, with so many of a product from a day on, a need is not met.

    That is its own need, or that of another product for it. Later changes that are settled already count;
    what the contract lacked before, whatever becomes of the product, does not.
    """
    before = contract.items_on(starts_on - ONE_DAY).get(product, 0)
    for day in days_of_change(contract, starts_on):
        items = {**contract.items_on(day), product: quantity}
        if quantity > before and (missing := missing_needs(policy.product(product), items)):
            raise _missing(policy, product, missing, day)
        if needing := still_needing(policy.products, product, items):
            raise _still_needed(policy, product, needing, day)


def ensure_base(contract: Contract, policy: Policy, before: Mapping[date, Mapping[str, int]]) -> None:
    """ValidationError (code `base_missing`) where a day that had a base product has none any more.

    `before` is what the contract held by day.
    """
    for day, items in before.items():
        held = any(items.get(key) for key in policy.base_products)
        if held and not any(contract.items_on(day).get(key) for key in policy.base_products):
            message = _(
                "The contract would be without a basic product on %(day)s. Cancel the contract instead."
            )
            raise ValidationError(message, "base_missing", {"day": day_text(day)})


def _missing(policy: Policy, product: str, missing: Iterable[str], day: date) -> ValidationError:
    message = _("%(product)s needs %(missing)s, which is not in the contract on %(day)s. Add that first.")
    shown = {"product": _names(policy, [product]), "missing": _names(policy, missing), "day": day_text(day)}
    return field_error("product", message % shown, "needs_missing")


def _still_needed(policy: Policy, product: str, needing: Iterable[str], day: date) -> ValidationError:
    message = _("%(needing)s in the contract on %(day)s needs %(product)s. Cancel that first.")
    shown = {"product": _names(policy, [product]), "needing": _names(policy, needing), "day": day_text(day)}
    return field_error("product", message % shown, "still_needed")


def _names(policy: Policy, keys: Iterable[str]) -> str:
    return pgettext("between things", ", ").join(localised(policy.product(key).name) for key in keys)


def days_of_change(contract: Contract, since: date) -> Iterator[date]:
    """The first day, and every later one on which what the contract contains changes, until it ends."""
    later = {item.starts_on for item in contract.items.all()}
    later |= {item.ends_on + ONE_DAY for item in contract.items.all() if item.ends_on}
    yield since
    yield from sorted(
        day for day in later if day > since and (contract.ends_on is None or day <= contract.ends_on)
    )
