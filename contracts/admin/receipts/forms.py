"""What staff type of how something came, and of a customer that the portal does not know yet."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey
from django.forms.widgets import Input
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    SELECT_CLASSES,
    TEXTAREA_CLASSES,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from contracts.forms.fields import ensure_countable
from contracts.models import Receipt, Service
from contracts.receipts.received import Paper, Received
from contracts.requests.registry import KINDS
from portal.organisations.fields import PhoneField, WrittenField
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import OrganisationDetails
from portal.organisations.widgets import SearchedSelect

FILES = {"accept": ".pdf,.png,.jpg,.jpeg"}
"""What a browser offers to choose."""

_CLASSES: tuple[tuple[type[forms.Widget], list[str]], ...] = (
    (forms.Select, SELECT_CLASSES),
    (forms.Textarea, TEXTAREA_CLASSES),
    (forms.CheckboxInput, CHECKBOX_CLASSES),
    (Input, INPUT_CLASSES),
)


_AS_THEY_ARE = (UnfoldAdminRadioSelectWidget, UnfoldAdminFileFieldWidget)


def dressed(form: forms.Form) -> forms.Form:
    """A form of the customers' pages, in the clothes of the staff's."""
    for field in form.fields.values():
        if type(field.widget) is forms.RadioSelect:
            field.widget = UnfoldAdminRadioSelectWidget(choices=cast(forms.ChoiceField, field).choices)
        known = next((classes for kind, classes in _CLASSES if isinstance(field.widget, kind)), None)
        if known and not isinstance(field.widget, _AS_THEY_ARE):
            field.widget.attrs["class"] = " ".join(known)
    return form


class ReceiptForm(forms.Form):
    """How something came, and when; what is asked only in some cases shows where it is one of them."""

    channel = forms.ChoiceField(
        label=_("Way of receipt"),
        choices=Receipt.Channel.choices,
        widget=UnfoldAdminRadioSelectWidget,
        error_messages={"required": _("Choose how it was received.")},
    )
    at = forms.SplitDateTimeField(
        label=_("Received at"),
        widget=UnfoldAdminSplitDateTimeWidget,
        validators=[ensure_countable],
        help_text=_(
            "Japan time, as the fax, the stamp of receipt or the e-mail says. Deadlines count from it."
        ),
        error_messages={"required": _("Enter the day and the time of receipt.")},
    )
    long_ago = forms.BooleanField(label=_("Yes, this moment is right"), required=False)
    sender = WrittenField(
        label=_("Sent by"),
        max_length=200,
        help_text=_("Who signed the paper, or called."),
        error_messages={"required": _("Enter who sent it, or called.")},
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("By telephone: what was said. The customer reads it."),
    )
    exception = forms.CharField(
        label=_("Why this way was taken"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    prefix = "receipt"
    _ASKED_AT_NEED = ("long_ago", "exception")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dressed(self)

    def shown(self) -> Iterator[forms.BoundField]:
        """The fields to show: some are asked for only once something stands against what was typed."""
        for field in self:
            if field.name not in self._ASKED_AT_NEED or field.errors or field.value():
                yield field

    def received(
        self, staff: User, entered_at: datetime, paper: Paper | None = None, proofs: tuple[Paper, ...] = ()
    ) -> Received:
        """What was typed, for the operations; only of a valid form."""
        stated = {name: self.cleaned_data[name] for name in ReceiptForm.base_fields}
        return Received(staff=staff, entered_at=entered_at, paper=paper, proofs=proofs, **stated)


class RequestBeginning(ReceiptForm):
    """The same for a request: what is asked for comes first."""

    kind = forms.ChoiceField(
        label=_("What is asked for"),
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": _("Choose one.")},
    )
    field_order = ("kind", "channel", "at", "long_ago", "sender", "note", "exception")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(kind.key, kind.label) for kind in KINDS.values()]
        cast(forms.ChoiceField, self.fields["kind"]).choices = [("", "—"), *offered]


class ApplicationBeginning(ReceiptForm):
    """The same for an application: for which service, and of whom."""

    service = forms.ModelChoiceField(
        Service.objects.all(), label=_("Service"), widget=UnfoldAdminSelectWidget, empty_label="—"
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.filter(united_into__isnull=True),
        label=_("Customer"),
        required=False,
        help_text=_(
            "Search by name, kana, corporate number or e-mail address. Leave it empty for a customer that is"
            " not in the portal yet."
        ),
    )
    field_order = ("service", "organisation", "channel", "at", "long_ago", "sender", "note", "exception")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = cast("ForeignKey[Any, Any]", Membership._meta.get_field("organisation"))
        searched = cast("forms.ModelChoiceField[Any]", self.fields["organisation"])
        searched.widget = SearchedSelect(organisation, admin.site, choices=searched.choices)


class CustomerForm(forms.Form):
    """What the paper states of a new customer, beside what the application asks of each."""

    prefix = "customer"

    name = WrittenField(label=_("Organisation's name"), max_length=200)
    organisation_phone = PhoneField(label=_("Phone"))
    invoice_email = forms.EmailField(
        label=_("E-mail address for invoices"),
        required=False,
        help_text=_("Left empty, invoices and letters go out by post."),
    )

    def __init__(self, posted: Any, *, with_phone: bool) -> None:
        super().__init__(posted)
        if not with_phone:
            del self.fields["organisation_phone"]
        for field in self.fields.values():
            field.error_messages["required"] = gettext("Enter this.")
        dressed(self)

    def details(self, company: Mapping[str, str], phone: str) -> OrganisationDetails:
        """With what the application's own steps say; `phone` counts where none is asked for here."""
        return OrganisationDetails(
            name=self.cleaned_data["name"],
            phone=self.cleaned_data.get("organisation_phone") or phone,
            invoice_email=self.cleaned_data["invoice_email"],
            kana=company.get("kana", ""),
            corporate_number=company.get("corporate_number", ""),
            postal_code=company.get("postal_code", ""),
            address=company.get("address", ""),
        )


class PapersForm(forms.Form):
    """The scanned paper, and what came with it."""

    paper = forms.FileField(
        label=_("Scanned paper"),
        required=False,
        help_text=_("PDF, PNG or JPEG, up to 10 MB; of an e-mail, its PDF. By telephone there is none."),
        widget=UnfoldAdminFileFieldWidget(attrs=FILES),
    )
    proof = forms.FileField(
        label=_("Document that proves it"),
        required=False,
        help_text=_("Where one came with it."),
        widget=UnfoldAdminFileFieldWidget(attrs=FILES),
    )

    def papers(self) -> tuple[Paper | None, tuple[Paper, ...]]:
        """The paper, and the proofs; only of a valid form."""
        found = {name: _paper(file) for name, file in self.cleaned_data.items() if file}
        paper = found.pop("paper", None)
        return paper, tuple(found.values())


def _paper(file: Any, kind: str = "") -> Paper:
    return Paper(file.name, file.read(), kind)
