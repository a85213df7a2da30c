"""Forms of sign-up: the person, then the organisation."""

import re
import unicodedata
from typing import Any

import jaconv
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.organisations.corporate_number import validate_corporate_number
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails


class DisplayNameForm(forms.Form):
    """What sign-up asks beyond e-mail address and password."""

    display_name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def signup(self, request: Any, user: User) -> None:
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])


class HalfWidthField(forms.CharField):
    """Digits and signs in half width, however they were typed."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", str(super().to_python(value))).replace("ー", "-").strip()


class OrganisationForm(forms.ModelForm):
    """What an organisation states about itself; the operation stores it."""

    corporate_number = HalfWidthField(
        label=_("Corporate number"),
        required=False,
        help_text=_("13 digits, if the organisation has one."),
        validators=[validate_corporate_number],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    postal_code = HalfWidthField(
        label=_("Postal code"),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    phone = HalfWidthField(
        label=_("Phone"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    class Meta:
        model = Organisation
        fields = ["name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "invoice_email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def clean_kana(self) -> str:
        return jaconv.hira2kata(jaconv.h2z(self.cleaned_data["kana"]))

    def clean_postal_code(self) -> str:
        digits = self.cleaned_data["postal_code"].removeprefix("〒").replace("-", "").strip()
        if not re.fullmatch("[0-9]{7}", digits):
            raise forms.ValidationError(_("A postal code has seven digits, as in 100-0001."))
        return f"{digits[:3]}-{digits[3:]}"

    def details(self) -> OrganisationDetails:
        """The entered details, for `create_organisation`."""
        return OrganisationDetails(**self.cleaned_data)
