"""Authorised users (認定利用者): somebody else is to use the service, once the provider approves."""

from collections.abc import Iterator
from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import AuthorisedUser, ContractRequest
from contracts.requests.data import Optional, RequestData, Text
from contracts.requests.fields import text_field
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine, Context, Group, Kind, effective_on
from contracts.rules.calendar.period import japan_date


class AuthorisedUserData(RequestData):
    """Who is to use the service beside the customer."""

    wanted_on: date
    name: Text
    address: Text
    contact: Text
    purpose: Optional = ""


class AuthorisedUserForm(RequestForm):
    """Who is to use the service beside the customer."""

    name = text_field(gettext_lazy("Name of the authorised user"))
    address = text_field(gettext_lazy("Address"))
    contact = text_field(gettext_lazy("Contact"), help_text=gettext_lazy("Name, phone and e-mail address."))
    purpose = text_field(gettext_lazy("Purpose of use"), required=False)
    field_order = ("name", "address", "contact", "purpose", "wanted_on")

    def request_data(self) -> AuthorisedUserData:
        return AuthorisedUserData(**self.typed("wanted_on", "name", "address", "contact", "purpose"))


class AuthorisedUserRequest(Kind[AuthorisedUserData]):
    """Somebody else is to use the service; only after the provider's approval."""

    key = "authorised_user"
    label = gettext_lazy("Authorised user")
    sentence = gettext_lazy("Somebody else is to use the service, as asked for at %(at)s.")
    group = Group.CUSTOMER
    place = 40
    data = AuthorisedUserData
    form = AuthorisedUserForm
    panel = "contracts/requests/_authorised_users.html"

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
        data = self.data_of(request)
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

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        data = self.data_of(request)
        parts: tuple[str, ...] = (data.name, data.address, data.contact, data.purpose)
        yield ChangedLine(_("Authorised user"), "—", "\n".join(filter(None, parts)))
