"""What kinds have in common in which customers describe how something is now, and how it is to be."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.lifecycle.suspensions import ensure_runs
from contracts.models import ContractRequest
from contracts.requests.data import Data, RequestData, Text
from contracts.requests.kind import Context, Group, Kind


class DescribedData(RequestData):
    """How it is now, and how it is to be."""

    wanted_on: date
    now: Text
    then: Text


class DescribedChange(Kind[Data]):
    """The request itself is the record of it: nothing of the contract changes.

    `data` is a `DescribedData`.
    """

    group = Group.CUSTOMER

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        data = cast(DescribedData, self.data_of(request))
        ensure_runs(request.contract, data.wanted_on, "wanted_on")
        if data.now.strip() == data.then.strip():
            raise ValidationError({"then": _("Nothing would change.")})

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        """Nothing beside the request."""
