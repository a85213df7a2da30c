"""Places in pages of contracts for what apps above them add; they stay empty where nobody adds anything."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from contracts.extensions import registered
from contracts.extensions.panels import ProductPrice, Slot
from contracts.models import Contract, TermsVersion

register = template.Library()


@register.simple_tag
def slot(name: str, *about: object) -> SafeString:
    """What is registered for a slot, given what the page is about. ValueError if there is no such slot."""
    return registered.shown_in(Slot(name), *about)


@register.simple_tag
def contract_marks(contracts: Iterable[Contract]) -> dict[int, SafeString]:
    """What is to be noticed of contracts, by primary key; of a list of contracts, ask once."""
    found = registered.marks(list(contracts))
    return {
        pk: format_html_join("", " {}", ((panel.rendered(),) for panel in panels))
        for pk, panels in found.items()
    }


@register.simple_tag
def marks_of(contract: Contract) -> SafeString | str:
    """What is to be noticed of one contract."""
    return contract_marks([contract]).get(contract.pk, "")


@register.simple_tag
def product_prices(version: TermsVersion) -> dict[str, ProductPrice]:
    """What a unit of each product costs today, by the product's key."""
    return registered.product_prices(version)


@register.filter
def of(found: Mapping[Any, Any], key: object) -> Any:
    """What was found for a key; an empty text where nothing was."""
    return found.get(key, "")
