"""Forms about the customer: particulars, name, person responsible, authorised users."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.forms.requests.base import TEXT, RequestForm
from contracts.forms.requests.fields import EmailField, StatedPhoneField, kana_field, text_field
from contracts.models.request_data import AuthorisedUserData, NameData, ParticularsData, ResponsiblePersonData
from contracts.requests.offers import Offer
from contracts.requests.reported import OF_THE_ORGANISATION, REQUIRED
from contracts.rules.policy.particulars import CONTACTS, LONG
from contracts.wording.particulars import label_of
from portal.organisations.fields import AddressField, PhoneField, PostalCodeField, WrittenField

PARTICULAR = "particular_"
_ORDER = ("kana", "postal_code", "address", "phone", "invoice_email")


class ParticularsForm(RequestForm):
    """Everything that the contract states about the customer, as it is now; what differs is reported."""

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        asked: dict[str, bool] = {
            field.key: field.required for field in offer.version.policy.application.fields
        }
        self._now = _stated(offer)
        for key in dict.fromkeys([*_ORDER, *asked]):
            required = key in REQUIRED or bool(asked.get(key))
            self.fields[PARTICULAR + key] = _particular_field(key, required=required, now=self._now.get(key))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and not self._changed():
            raise ValidationError(_("Nothing is changed yet. Overwrite what is to change."), code="no_change")
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
        "error_messages": {"required": _("Enter this; the terms require it.")},
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
        case "phone" | "fax":
            return StatedPhoneField(**options)
    if key in LONG:
        return WrittenField(max_length=TEXT, widget=forms.Textarea(attrs={"rows": 3}), **options)
    help_text = _("Name, phone and e-mail address.") if key in CONTACTS else ""
    return text_field(help_text=help_text, **options)


class NameForm(RequestForm):
    """The customer's new name; the customer stays the same."""

    name = text_field(_("New name"), help_text=_("The whole name, as it is registered."))
    kana = kana_field(_("New name in kana"))
    field_order = ("name", "kana", "wanted_on")

    def request_data(self) -> NameData:
        return NameData(**_typed(self, "wanted_on", "name", "kana"))


class ResponsiblePersonForm(RequestForm):
    """Who is responsible for the use from now on."""

    name = text_field(_("Name of the new responsible person"))
    phone = PhoneField(label=_("Phone"), required=False)
    email = EmailField(label=_("E-mail address"), required=False)
    field_order = ("name", "phone", "email", "wanted_on")

    def request_data(self) -> ResponsiblePersonData:
        return ResponsiblePersonData(**_typed(self, "wanted_on", "name", "phone", "email"))


class AuthorisedUserForm(RequestForm):
    """Who is to use the service beside the customer."""

    name = text_field(_("Name of the authorised user"))
    address = text_field(_("Address"))
    contact = text_field(_("Contact"), help_text=_("Name, phone and e-mail address."))
    purpose = text_field(_("Purpose of use"), required=False)
    field_order = ("name", "address", "contact", "purpose", "wanted_on")

    def request_data(self) -> AuthorisedUserData:
        return AuthorisedUserData(**_typed(self, "wanted_on", "name", "address", "contact", "purpose"))


def _typed(form: RequestForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}
