"""Authorised users (認定利用者): somebody else is to use the service, once the provider approves."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import AuthorisedUser, ContractRequest
from contracts.models.request_data import AuthorisedUserData
from contracts.requests.kind import Context, Handler, effective_on
from contracts.rules.calendar.period import japan_date


class AuthorisedUserRequest(Handler):
    """Somebody else is to use the service; only after the provider's approval."""

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        contract, wanted_on = request.contract, cast(date, request.wanted_on)
        if contract.service_starts_on is None or wanted_on < contract.service_starts_on:
            raise ValidationError({"wanted_on": _("The service doesn't run on that day.")})
        if contract.ends_on and wanted_on > contract.ends_on:
            raise ValidationError({"wanted_on": _("The contract ends before that day.")})
        if wanted_on < japan_date(request.submitted_at):
            raise ValidationError({"wanted_on": _("The wanted date lies in the past.")})

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        data = cast(AuthorisedUserData, request.data)
        AuthorisedUser.objects.create(
            contract=request.contract,
            name=data.name,
            address=data.address,
            contact=data.contact,
            purpose=data.purpose,
            starts_on=effective_on(request),
            ends_on=request.contract.ends_on,
            request=request,
        )
