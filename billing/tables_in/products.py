"""Products as tables name them: by their keys, or by their names in either language."""

from datetime import date
from typing import Any

from contracts.models import Service
from contracts.policies.rulebooks import version_in_force
from portal.tables_in.columns import comparable


def product_named(service: Service, day: date, text: str, known: dict[Any, Any]) -> str:
    """The key of a product that the terms of a day know by this key or name; else the text itself.

    `known` keeps what was read of the terms, for the next row.
    """
    key = (service.pk, day)
    if key not in known:
        version = version_in_force(service, day)
        known[key] = _names(version.policy.products) if version else {}
    names: dict[str, str] = known[key]
    return names.get(comparable(text), text)


def _names(products: Any) -> dict[str, str]:
    """The keys by all that they are called; a name that several have is none."""
    found: dict[str, str] = {}
    for product in products:
        for name in {comparable(product.name.ja), comparable(product.name.en)}:
            found[name] = "" if name in found else product.key
    return {
        **{name: key for name, key in found.items() if key},
        **{comparable(one.key): one.key for one in products},
    }
