"""What billing staff enter on action pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from contracts.forms.fields import AmountField, DayField, half_width
from contracts.models import Provider
from contracts.rules.calendar.period import Month


class ApprovalForm(forms.Form):
    """Carries what staff have before them, so that nothing is approved unseen."""

    seen_hash = forms.CharField(widget=forms.HiddenInput)


class MonthField(forms.CharField):
    """A month written as YYYY-MM."""

    def clean(self, value: Any) -> Month:
        text = super().clean(half_width(value))
        try:
            return Month.parse(text)
        except ValueError as error:
            raise ValidationError(
                gettext("“%(text)s” is not a month. Write it as YYYY-MM, such as 2026-10."),
                params={"text": text},
            ) from error


class BillMonthForm(forms.Form):
    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("provider"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    month = MonthField(
        label=_("Month of use"), widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10"})
    )
    issued_on = DayField(label=_("Issue date"), widget=UnfoldAdminSingleDateWidget)
    sends_mail = forms.BooleanField(
        label=_("Tell customers by e-mail"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )


class PaymentForm(forms.Form):
    paid_on = DayField(label=_("Paid on"), widget=UnfoldAdminSingleDateWidget)
    amount = AmountField(label=_("Amount"), widget=UnfoldAdminTextInputWidget)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Of the bank's entry; each is used once."),
    )
