"""The address that a postal code stands for, as forms fill it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from portal.organisations.fields import ADDRESS_NAME, POSTAL_CODE_NAME, PostalCodeField
from portal.organisations.postal_codes import places_of

LOOK_UP = "look_up"
"""The name of the button that fills the address in where no script does.

Its value, and the parameter of this name, is what the names of the two fields begin with, as "particular_".
"""


@dataclass(frozen=True)
class FoundAddress:
    """The address to show in the field `name`, and the other places that share the code.

    `known` tells whether the code stands for any place.
    """

    name: str
    address: str
    others: tuple[str, ...] = ()
    known: bool = True


def address_for(typed: Mapping[str, str]) -> FoundAddress | None:
    """What to show as address for a postal code as typed; None while it is no postal code.

    `typed` names by `LOOK_UP` which of the form's addresses is meant. An address that begins with one of the
    places stays, with its street and number; so does one whose code nobody knows.
    """
    whose = typed.get(LOOK_UP, "")
    name = whose + ADDRESS_NAME
    present = typed.get(name, "").strip()
    try:
        code = PostalCodeField().clean(typed.get(whose + POSTAL_CODE_NAME, ""))
    except ValidationError:
        return None
    places = places_of(code)
    if not places:
        return FoundAddress(name, present, known=False)
    if any(present.startswith(place) for place in places):
        return FoundAddress(name, present)
    return FoundAddress(name, places[0], tuple(places[1:]))


def with_address(typed: Mapping[str, Any], found: FoundAddress | None) -> dict[str, Any]:
    """What was typed, with the address that was found."""
    return {**typed, found.name: found.address} if found else dict(typed)
