"""The address that a postal code stands for, as forms fill it in."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from portal.organisations.fields import PostalCodeField
from portal.organisations.postal_codes import places_of

LOOK_UP = "look_up"
"""The name of the button that fills the address in where no script does."""


@dataclass(frozen=True)
class FoundAddress:
    """The address to show, and the other places that share the code; `known` tells whether there are any."""

    address: str
    others: tuple[str, ...] = ()
    known: bool = True


def address_for(typed: Mapping[str, str]) -> FoundAddress | None:
    """What to show as address for a `postal_code` as typed; None while it is no postal code.

    An `address` that begins with one of the places stays, with its street and number; so does one whose code
    nobody knows.
    """
    present = typed.get("address", "").strip()
    try:
        code = PostalCodeField().clean(typed.get("postal_code", ""))
    except ValidationError:
        return None
    places = places_of(code)
    if not places:
        return FoundAddress(present, known=False)
    if any(present.startswith(place) for place in places):
        return FoundAddress(present)
    return FoundAddress(places[0], tuple(places[1:]))
