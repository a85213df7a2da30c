"""What staff type of how something came, in the clothes of staff's pages."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey
from django.forms.widgets import Input
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    SELECT_CLASSES,
    TEXTAREA_CLASSES,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from contracts.forms.receipts import FILES as FILES
from contracts.forms.receipts import ReceiptForm as PlainReceiptForm
from contracts.models import Service
from portal.organisations.models import Membership, Organisation
from portal.organisations.widgets import SearchedSelect

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
        elif type(field.widget) is forms.SplitDateTimeWidget:
            field.widget = UnfoldAdminSplitDateTimeWidget()
            continue
        elif type(field.widget) is forms.FileInput:
            field.widget = UnfoldAdminFileFieldWidget(attrs=FILES)
        known = next((classes for kind, classes in _CLASSES if isinstance(field.widget, kind)), None)
        if known and not isinstance(field.widget, _AS_THEY_ARE):
            field.widget.attrs["class"] = " ".join(known)
    return form


class ReceiptForm(PlainReceiptForm):
    """How something came, and when, as staff type it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dressed(self)


class ApplicationBeginning(ReceiptForm):
    """The same for an application: for which service, and of whom."""

    service = forms.ModelChoiceField(Service.objects.all(), label=_("Service"), empty_label="—")
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
