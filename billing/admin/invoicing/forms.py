"""What staff enter for billing runs, invoices, their payments and returns."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from billing.admin.forms import day_field, reason_field, yen_field
from billing.models import Invoice
from contracts.forms.fields import AmountField, half_width
from contracts.models import Provider
from contracts.rules.calendar.period import Month
from contracts.rules.policy.base import LocalText
from contracts.wording.formats import yen_text
from contracts.wording.local_text import localised


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
    issued_on = day_field(_("Issue date"))
    sends_mail = forms.BooleanField(
        label=_("Tell customers by e-mail"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )


class PaymentForm(forms.Form):
    paid_on = day_field(_("Paid on"))
    amount = yen_field(_("Amount"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Of the bank's entry; each is used once."),
    )


class PassingForm(forms.Form):
    """Which debts of former customers pass, as a document names them; none is chosen at first."""

    invoices = forms.MultipleChoiceField(
        label=_("Debts that pass to the successor"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_(
            "As the plan of the split names them, or the agreement on the transfer, with your consent."
        ),
    )
    none = forms.BooleanField(
        label=_("None of them passes"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    reason = reason_field(help_text=_("Name the document and the passage."))

    def __init__(self, offered: Sequence[Invoice], data: Any = None) -> None:
        super().__init__(data)
        field = cast(forms.MultipleChoiceField, self.fields["invoices"])
        field.choices = [
            (
                invoice.number,
                _("%(number)s: %(amount)s open, owed by %(debtor)s")
                % {
                    "number": invoice.number,
                    "amount": yen_text(invoice.open_amount),
                    "debtor": invoice.debtor.name,
                },
            )
            for invoice in offered
        ]

    def clean(self) -> dict[str, Any]:
        named, none = self.cleaned_data.get("invoices"), self.cleaned_data.get("none")
        if bool(named) == bool(none):
            self.add_error("invoices", _("Choose the debts that the document names, or that none passes."))
        return self.cleaned_data


class ReturnForm(forms.Form):
    """An amount for each line of an invoice, in yen without tax; empty where nothing is returned."""

    reason = reason_field()

    def __init__(self, invoice: Invoice, data: Any = None) -> None:
        super().__init__(data)
        self._places: dict[str, int] = {}
        for place, line in enumerate(invoice.document["lines"]):
            if line["amount"] > 0:
                name = f"line_{place}"
                self._places[name] = place
                self.fields[name] = AmountField(
                    label=_("%(place)s. %(product)s, billed: %(amount)s without tax")
                    % {
                        "place": place + 1,
                        "product": localised(LocalText(**line["name"])),
                        "amount": yen_text(line["amount"]),
                    },
                    help_text=_("What is returned of it, in yen without tax. Empty: nothing."),
                    required=False,
                    widget=UnfoldAdminTextInputWidget,
                )

    @property
    def amounts(self) -> dict[int, int]:
        """What was entered, by the places of the lines."""
        entered = self.cleaned_data
        return {place: entered[name] for name, place in self._places.items() if entered.get(name)}

    def clean(self) -> dict[str, Any]:
        return {**self.cleaned_data, "amounts": self.amounts}
