"""What is typed about an organisation: its own details, a move, a new name."""

from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField
from contracts.requests.company.reported import Move, Rename
from contracts.requests.fields import EmailField, kana_field, long_text_field, text_field
from contracts.requests.form import PatientForm
from portal.organisations.fields import AddressField, KanaField, PhoneField, PostalCodeField
from portal.organisations.models import Organisation


def _day_field(label: Any) -> DayField:
    return DayField(
        label=label,
        initial=localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Enter the day."), "invalid": _("Enter a day, as in 2026-11-01.")},
    )


class OwnDetailsForm(PatientForm):
    """What changes at once. The phone is left out where the terms of contracts want it reported."""

    kana = KanaField(label=_("Name in kana"), required=False, max_length=200)
    phone = PhoneField(label=_("Phone"))
    invoice_email = EmailField(label=_("E-mail address for invoices"))

    def __init__(self, organisation: Organisation, *args: Any, phone_is_free: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not phone_is_free:
            del self.fields["phone"]
        for name, field in self.fields.items():
            field.initial = getattr(organisation, name)


class MoveForm(PatientForm):
    """A new address, with what moves along."""

    STAYS, MOVES = "stays", "moves"

    postal_code = PostalCodeField(label=_("New postal code"))
    address = AddressField(label=_("New address"))
    phone = PhoneField(label=_("Phone"), help_text=_("Overwrite it if it changes, too."))
    starts_on = _day_field(_("Day from which it holds"))
    invoices = forms.ChoiceField(
        label=_("Does the address for invoices by post move, too?"),
        choices=[(MOVES, _("Yes, it moves")), (STAYS, _("No, it stays as it is"))],
        widget=forms.RadioSelect,
    )
    invoices_to = long_text_field(
        _("New address for invoices"),
        required=False,
        help_text=_("If it differs from the new address, or names a department. Otherwise leave it empty."),
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("postal_code", "address", "phone"):
            self.fields[name].initial = getattr(organisation, name)

    def report(self) -> Move:
        """What was entered; only of a valid form."""
        typed = self.cleaned_data
        to = typed["invoices_to"] or f"〒{typed['postal_code']} {typed['address']}"
        return Move(
            starts_on=typed["starts_on"],
            postal_code=typed["postal_code"],
            address=typed["address"],
            phone=typed["phone"],
            invoices_to=to if typed["invoices"] == self.MOVES else "",
        )


class RenameForm(PatientForm):
    """The organisation's new name; it stays the same organisation."""

    name = text_field(_("New name"), max_length=200, help_text=_("The whole name, as it is registered."))
    kana = kana_field(_("New name in kana"), max_length=200)
    starts_on = _day_field(_("Day from which it holds"))

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def report(self) -> Rename:
        """What was entered; only of a valid form."""
        return Rename(**self.cleaned_data)
