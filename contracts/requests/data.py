"""What a request holds beside its kind and contract, typed; each kind has a class of its own."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import StringConstraints

from contracts.models import ContractRequest
from contracts.rules.policy.base import Strict

LONGEST = 300
"""How many characters a text of a request takes."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Optional = Annotated[str, StringConstraints(max_length=LONGEST)]


class RequestData(Strict):
    """The base of what a request holds; `wanted_on` is the day from which it is wanted."""

    wanted_on: date | None = None


Data = TypeVar("Data", bound=RequestData)


def split(data: RequestData) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes into columns of a request, and what into its payload."""
    columns = {name: value for name, value in data if name in ContractRequest.COLUMNS}
    return columns, data.model_dump(mode="json", exclude=set(ContractRequest.COLUMNS))


def read(model: type[Data], request: ContractRequest) -> Data:
    """What a request holds in its columns and its payload, typed."""
    columns = {name: getattr(request, name) for name in ContractRequest.COLUMNS if name in model.model_fields}
    return model.model_validate({**columns, **request.payload})
