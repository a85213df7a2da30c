"""What customers report about themselves: particulars, their name, the person responsible."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from contracts.models import ContractParticular, ContractRequest
from contracts.requests.data import Data, Optional, RequestData, Text
from contracts.requests.fields import (
    EmailField,
    StatedFaxField,
    StatedPhoneField,
    kana_field,
    long_text_field,
    text_field,
)
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine, Context, Group, Kind, effective_on
from contracts.requests.offer import Offer
from contracts.rules.policy.particulars import CONTACTS, LONG, FieldKey
from contracts.wording.particulars import label_of
from portal.organisations.fields import AddressField, PhoneField, PostalCodeField

OF_THE_ORGANISATION = ("kana", "postal_code", "address", "phone", "invoice_email")
REQUIRED = frozenset({"name", "postal_code", "address", "phone", "invoice_email"})
PARTICULAR = "particular_"

ParticularKey = FieldKey | Literal["name", "kana", "postal_code", "address", "invoice_email"]


class Reported(Kind[Data]):
    """A report that takes effect on its day and leaves what was before as it was."""

    group = Group.CUSTOMER
    day_label = gettext_lazy("Date of the change")
    before_start = True

    def values(self, request: ContractRequest) -> dict[str, str]:
        """The new values by key."""
        raise NotImplementedError

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        contract, wanted_on = request.contract, cast(date, request.wanted_on)
        if contract.formed_on and wanted_on < contract.formed_on:
            raise ValidationError({"wanted_on": _("That day lies before the contract.")})
        held = contract.particulars_on(wanted_on)
        if all(held.get(key, "") == value for key, value in self.values(request).items()):
            raise ValidationError(_("Nothing would change."), code="no_change")

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        ContractParticular.objects.bulk_create(
            ContractParticular(
                contract=request.contract,
                key=key,
                value=value,
                starts_on=effective_on(request),
                request=request,
            )
            for key, value in self.values(request).items()
        )

    def put_back(self, request: ContractRequest, context: Context) -> None:
        ContractParticular.objects.filter(request=request).delete()

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        organisation = request.contract.organisation
        held = request.contract.particulars_on(before_on)
        for key, value in self.values(request).items():
            before = held.get(key) or str(getattr(organisation, key, ""))
            yield ChangedLine(str(label_of(key)), before or "—", value or "—")


class ParticularsData(RequestData):
    """New values by key; an empty text takes a particular away."""

    wanted_on: date
    particulars: Annotated[dict[ParticularKey, Optional], Field(min_length=1)]


class ParticularsForm(RequestForm):
    """Everything that the contract states about the customer, as it is now; what differs is reported."""

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        asked: dict[str, bool] = {
            field.key: field.required for field in offer.version.policy.application.fields
        }
        self._now = _stated(offer)
        for key in dict.fromkeys([*OF_THE_ORGANISATION, *asked]):
            required = key in REQUIRED or bool(asked.get(key))
            self.fields[PARTICULAR + key] = _particular_field(key, required=required, now=self._now.get(key))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and not self._changed():
            raise ValidationError(
                gettext_lazy("Nothing is changed yet. Overwrite what is to change."), code="no_change"
            )
        return typed

    def _changed(self) -> dict[str, str]:
        typed = {
            name.removeprefix(PARTICULAR): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PARTICULAR)
        }
        return {key: value for key, value in typed.items() if value != self._now.get(key, "")}

    def request_data(self) -> ParticularsData:
        return ParticularsData.model_validate(
            {"wanted_on": self.cleaned_data["wanted_on"], "particulars": self._changed()}
        )


def _stated(offer: Offer) -> dict[str, str]:
    organisation = offer.contract.organisation
    of_the_organisation = {key: str(getattr(organisation, key)) for key in OF_THE_ORGANISATION}
    return {**of_the_organisation, **offer.contract.particulars_on(localdate())}


def _particular_field(key: str, *, required: bool, now: str | None) -> forms.CharField:
    options: dict[str, Any] = {
        "label": label_of(key),
        "required": required,
        "initial": now,
        "error_messages": {"required": gettext_lazy("Enter this; the terms require it.")},
    }
    match key:
        case "kana":
            return kana_field(**options)
        case "postal_code":
            return PostalCodeField(**options)
        case "address":
            return AddressField(**options)
        case "invoice_email":
            return EmailField(**options)
        case "phone":
            return StatedPhoneField(**options)
        case "fax":
            return StatedFaxField(**options)
    if key in LONG:
        return long_text_field(**options)
    help_text = gettext_lazy("Name, phone and e-mail address.") if key in CONTACTS else ""
    return text_field(help_text=help_text, **options)


class ParticularsChange(Reported[ParticularsData]):
    """Address, contacts, where invoices go, and what else the application states; not the name."""

    key = "particulars"
    label = gettext_lazy("Change of particulars")
    sentence = gettext_lazy("Particulars change, as reported at %(at)s.")
    place = 10
    data = ParticularsData
    form = ParticularsForm

    def values(self, request: ContractRequest) -> dict[str, str]:
        return {key: value.strip() for key, value in self.data_of(request).particulars.items()}

    def check(self, request: ContractRequest) -> None:
        asked: dict[str, bool] = {
            field.key: field.required for field in request.governing_version.policy.application.fields
        }
        errors = {}
        for key, value in self.values(request).items():
            if key not in asked and key not in OF_THE_ORGANISATION:
                errors[PARTICULAR + key] = _("The contract doesn't state this.")
            elif not value and (asked.get(key) or key in REQUIRED):
                errors[PARTICULAR + key] = _("Enter this; the terms require it.")
        if errors:
            raise ValidationError(errors)
        super().check(request)


class NameData(RequestData):
    """The new name, and its reading in kana, from a day on."""

    wanted_on: date
    name: Text
    kana: Optional = ""


class NameForm(RequestForm):
    """The customer's new name; the customer stays the same."""

    name = text_field(
        gettext_lazy("New name"), help_text=gettext_lazy("The whole name, as it is registered.")
    )
    kana = kana_field(gettext_lazy("New name in kana"))
    field_order = ("name", "kana", "wanted_on")

    def request_data(self) -> NameData:
        return NameData(**self.typed("wanted_on", "name", "kana"))


class NameChange(Reported[NameData]):
    """The customer's name; the customer stays the same."""

    key = "name"
    label = gettext_lazy("Change of name")
    sentence = gettext_lazy("The contract passes to another name, as asked for at %(at)s.")
    place = 20
    data = NameData
    form = NameForm

    def values(self, request: ContractRequest) -> dict[str, str]:
        data = self.data_of(request)
        return {"name": data.name, **({"kana": data.kana} if data.kana else {})}


class ResponsiblePersonData(RequestData):
    """Who is responsible for the use of the service from a day on."""

    wanted_on: date
    name: Text
    phone: Optional = ""
    email: Optional = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.phone, self.email)))


class ResponsiblePersonForm(RequestForm):
    """Who is responsible for the use from now on."""

    name = text_field(gettext_lazy("Name of the new responsible person"))
    phone = PhoneField(label=gettext_lazy("Phone"), required=False)
    email = EmailField(label=gettext_lazy("E-mail address"), required=False)
    field_order = ("name", "phone", "email", "wanted_on")

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        if offer.version.policy.writes_to(ResponsiblePersonChange.key):
            self.fields["email"].required = True
            self.fields["email"].help_text = _("Our e-mails on the contract go here, too.")

    def request_data(self) -> ResponsiblePersonData:
        return ResponsiblePersonData(**self.typed("wanted_on", "name", "phone", "email"))


class ResponsiblePersonChange(Reported[ResponsiblePersonData]):
    """The person responsible for use, where the terms want one named."""

    key = "responsible_person"
    label = gettext_lazy("Change of the responsible person")
    sentence = gettext_lazy("Another person becomes responsible, as reported at %(at)s.")
    place = 30
    data = ResponsiblePersonData
    form = ResponsiblePersonForm

    def values(self, request: ContractRequest) -> dict[str, str]:
        return {"responsible_person": str(self.data_of(request))}
