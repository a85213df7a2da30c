"""The registry: each table of the installation stands here once."""

from django.db.models import Model

from portal.data_protection.registry import contracts, money, people
from portal.data_protection.registry.holdings import Apart, Holding

HOLDINGS: tuple[Holding, ...] = (*people.HOLDINGS, *contracts.HOLDINGS, *money.HOLDINGS)
"""Tables that tell of people or organisations, in the order of a copy."""

APART: tuple[Apart, ...] = (*people.APART, *contracts.APART, *money.APART)
"""Tables that no copy shows, each with the reason."""


def holdings_of(somebody: Model) -> list[Holding]:
    """The tables that tell of a person, or of an organisation."""
    is_person = somebody._meta.label_lower == "organisations.user"
    return [one for one in HOLDINGS if (one.of_person if is_person else one.of_organisation)]
