"""Words for what was stored: rates, and names in each language."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from contracts.models.fields import in_current_language
from contracts.wording.formats import yen_text

register = template.Library()


@register.filter
def rate_label(rate: Decimal | str) -> str:
    """A rate of a total in words: `10%`, or that the amount is outside the tax."""
    return _("Outside the scope of tax") if rate == "outside" else f"{rate}%"


@register.filter
def readers_language(names: dict[str, str]) -> str:
    """A name that was stored in each language, as the reader reads it."""
    return in_current_language(names)


@register.filter
def in_yen(amount: int) -> str:
    """An amount as sentences say it: `12,345円`, or `¥12,345`."""
    return yen_text(amount)


@register.filter
def units(quantity: int) -> str:
    """A quantity as pages show it: `1,234`, `−1`."""
    return f"{'−' if quantity < 0 else ''}{abs(quantity):,}"


@register.filter
def yen(amount: int) -> str:
    """An amount as pages show money: `¥12,345`, `−¥12,345`."""
    return f"{'−' if amount < 0 else ''}¥{abs(amount):,}"
