"""What each kind of request holds, typed. Requests keep it as JSON; `ContractRequest.data` reads it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from contracts.rules.policy.base import Strict
from contracts.rules.policy.particulars import FieldKey

Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Optional = Annotated[str, StringConstraints(max_length=300)]
ParticularKey = FieldKey | Literal["name", "kana", "postal_code", "address", "invoice_email"]


class RequestData(Strict):
    """The base of what a request holds; `wanted_on` is the day from which it is wanted."""

    wanted_on: date | None = None


class CancellationData(RequestData):
    """`wanted_on` is the wanted last day of use; None where the customer names none."""


class NonRenewalData(RequestData):
    """`wanted_on` is the last day of the term after which there is to be none; None: the first possible."""


class ProductChangeData(RequestData):
    """`quantity` is the new total for `quantity_up` and `quantity_down`, what comes in addition for
    `add_item` and `add_option`, and what goes for `drop_item` and `drop_option` (0: all of it).
    """

    wanted_on: date
    product: str
    quantity: Annotated[int, Field(ge=0)] = 0
    user_ids_deleted: bool = False


class ParticularsData(RequestData):
    """New values by key; an empty text takes a particular away."""

    wanted_on: date
    particulars: Annotated[dict[ParticularKey, Optional], Field(min_length=1)]


class NameData(RequestData):
    """The new name, and its reading in kana, from a day on."""

    wanted_on: date
    name: Text
    kana: Optional = ""


class ResponsiblePersonData(RequestData):
    """Who is responsible for the use of the service from a day on."""

    wanted_on: date
    name: Text
    phone: Optional = ""
    email: Optional = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.phone, self.email)))


class Successor(Strict):
    """Somebody to whom the customer's position passed."""

    name: Text
    kana: Optional = ""
    corporate_number: Annotated[str, StringConstraints(pattern=r"^([0-9]{13})?$")] = ""
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}-[0-9]{4}$")]
    address: Text
    phone: Text
    email: Text


class SuccessionData(RequestData):
    """`wanted_on` is the day of the succession, `representative` the place of the named one in the list."""

    wanted_on: date
    cause: Literal["inheritance", "merger", "split", "business_transfer"]
    successors: Annotated[tuple[Successor, ...], Field(min_length=1)]
    representative: int | None = None

    @model_validator(mode="after")
    def _representative_is_one_of_them(self) -> SuccessionData:
        if self.representative is not None and not 0 <= self.representative < len(self.successors):
            raise ValueError("representative: name one of the successors")
        return self


class InterruptionData(RequestData):
    """From `wanted_on` through `until` (None: until it is resumed); `product` for an option alone."""

    wanted_on: date
    until: date | None = None
    product: str = ""


class AuthorisedUserData(RequestData):
    """Who is to use the service beside the customer."""

    wanted_on: date
    name: Text
    address: Text
    contact: Text
    purpose: Optional = ""


DATA: Mapping[str, type[RequestData]] = {
    "cancellation": CancellationData,
    "non_renewal": NonRenewalData,
    **dict.fromkeys(
        ("add_item", "add_option", "drop_item", "drop_option", "quantity_up", "quantity_down"),
        ProductChangeData,
    ),
    "particulars": ParticularsData,
    "name": NameData,
    "responsible_person": ResponsiblePersonData,
    "succession": SuccessionData,
    "interruption": InterruptionData,
    "option_interruption": InterruptionData,
    "authorised_user": AuthorisedUserData,
}
COLUMNS = frozenset({"wanted_on", "product", "quantity", "user_ids_deleted"})
"""What a request keeps in columns of its own instead of its payload."""


def split(data: RequestData) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes into columns, and the payload."""
    columns = {name: value for name, value in data if name in COLUMNS}
    return columns, data.model_dump(mode="json", exclude=set(COLUMNS))
