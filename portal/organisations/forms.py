"""Forms of sign-up: the person, then the organisation."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from portal.imprint.operations import keep_agreed, texts_to_agree_to
from portal.organisations.fields import (
    AddressField,
    CorporateNumberField,
    KanaField,
    PhoneField,
    PostalCodeField,
    validate_printable,
)
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails


class DisplayNameForm(forms.Form):
    """What sign-up asks beyond e-mail address and password."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        validators=[validate_printable],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    shown_texts = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts_to_agree_to(localdate())
        self.fields["shown_texts"].initial = self._versions

    @property
    def _versions(self) -> str:
        return ",".join(f"{text.kind}:{text.version}" for text in self.texts)

    def clean_shown_texts(self) -> str:
        """Refused where another version began to hold while the page was open."""
        shown: str = self.cleaned_data["shown_texts"]
        if shown and shown != self._versions:
            self.data = {**dict(self.data.items()), self.add_prefix("shown_texts"): self._versions}
            raise ValidationError(
                _("The terms of use or the privacy policy just changed. Please read them and send again."),
                code="texts_changed",
            )
        return shown

    @transaction.atomic
    def signup(self, request: Any, user: User) -> None:
        """Store the name, and which texts of the operator the person agreed to by signing up."""
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])
        keep_agreed(user, self.texts, now())


class AddressForm(forms.Form):
    """The address alone, under the name that it has in the form that it is part of."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields[name] = AddressField()


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg] # none at run time
    """What an organisation states about itself; the operation stores it."""

    kana = KanaField(label=_("Name in kana"), required=False, max_length=200)
    corporate_number = CorporateNumberField()
    postal_code = PostalCodeField()
    address = AddressField()
    phone = PhoneField(label=_("Phone"))

    class Meta:
        model = Organisation
        fields = ["name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "invoice_email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "invoice_email"
        ].required = True  # who uses the portal has one; others are written to by post

    def clean_name(self) -> str:
        """The name, which stands on invoices."""
        name: str = self.cleaned_data["name"]
        validate_printable(name)
        return name

    def details(self) -> OrganisationDetails:
        """The entered details, for `create_organisation`."""
        return OrganisationDetails(**self.cleaned_data)
