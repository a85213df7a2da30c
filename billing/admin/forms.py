"""Fields that billing staff fill in on many pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contracts.forms.fields import AmountField, DayField, half_width
from contracts.models import Contract
from portal.staffing.admin import ReachedField


class ContractField(ReachedField, forms.CharField):
    """A contract by its number."""

    def clean(self, value: Any) -> Contract:
        number = super().clean(half_width(value))
        contract = self.reached(Contract.objects.filter(number=number)).first()
        if contract is None:
            raise ValidationError(
                gettext("There is no contract of the number “%(number)s”.") % {"number": number}
            )
        return contract


def contract_field() -> ContractField:
    return ContractField(label=_("Contract number"), widget=UnfoldAdminTextInputWidget)


def yen_field(label: Any, **options: Any) -> AmountField:
    return AmountField(label=label, widget=UnfoldAdminTextInputWidget, **options)


def day_field(label: Any, **options: Any) -> DayField:
    return DayField(label=label, widget=UnfoldAdminSingleDateWidget, **options)


def reason_field(**options: Any) -> forms.CharField:
    return forms.CharField(**{"label": _("Reason"), "widget": UnfoldAdminTextareaWidget, **options})


class ReasonForm(forms.Form):
    reason = reason_field()
