"""What staff enter for decisions about money."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from billing.models import Invoice
from contracts.forms.fields import AmountField, DayField, MomentField, half_width
from contracts.models import Contract, Service
from contracts.rules.policy.base import LocalText
from contracts.wording.formats import yen_text
from contracts.wording.local_text import localised
from contracts.wording.sentences import WORDS


class ContractField(forms.CharField):
    """A contract by its number."""

    def clean(self, value: Any) -> Contract:
        number = super().clean(half_width(value))
        contract = Contract.objects.filter(number=number).first()
        if contract is None:
            raise ValidationError(
                gettext("There is no contract of the number “%(number)s”.") % {"number": number}
            )
        return contract


def _this_minute() -> str:
    return f"{timezone.localtime():%Y-%m-%d %H:%M}"


def _number() -> ContractField:
    return ContractField(label=_("Contract number"), widget=UnfoldAdminTextInputWidget)


def _yen(label: Any, **options: Any) -> AmountField:
    return AmountField(label=label, widget=UnfoldAdminTextInputWidget, **options)


def _day(label: Any, **options: Any) -> DayField:
    return DayField(label=label, widget=UnfoldAdminSingleDateWidget, **options)


def _reason(**options: Any) -> forms.CharField:
    return forms.CharField(**{"label": _("Reason"), "widget": UnfoldAdminTextareaWidget, **options})


class ReasonForm(forms.Form):
    reason = _reason()


class SurchargeForm(forms.Form):
    contract = _number()
    evaded_net = _yen(_("Evaded fee without tax"))
    reason = _reason()


class OutageForm(forms.Form):
    contract = _number()
    known_at = MomentField(
        label=_("Known to the provider at"),
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-05 09:30"}),
    )
    restored_at = MomentField(
        label=_("Restored at"),
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-06 18:00"}),
    )
    fault = forms.ChoiceField(
        label=_("By whose fault"), choices=list(WORDS["fault"].items()), widget=UnfoldAdminSelectWidget
    )
    product = forms.SlugField(
        label=_("Option"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its key, where one option alone was out."),
    )
    damage = _yen(_("Actual damage"), required=False, help_text=_("Where the terms owe the damage."))
    claimed_at = MomentField(
        label=_("Claimed by the customer at"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-07 10:00"}),
        help_text=_("Where the terms let a claim lapse. Empty: as it is recorded."),
    )
    reason = _reason()


class DamagesForm(forms.Form):
    contract = _number()
    arose_on = _day(_("Arose on"))
    damage = _yen(_("Damage"))
    fault = forms.ChoiceField(
        label=_("By whose fault"),
        choices=[(fault, WORDS["fault"][fault]) for fault in ("ordinary", "gross")],
        widget=UnfoldAdminSelectWidget,
    )
    reason = _reason()


class SpecialPriceForm(forms.Form):
    contract = _number()
    product = forms.SlugField(label=_("Product"), widget=UnfoldAdminTextInputWidget)
    unit_price = _yen(_("Unit price (without tax)"))
    starts_on = _day(_("Starts on"))
    ends_on = _day(_("Ends on"), required=False)
    reason = _reason()


class EndForm(forms.Form):
    ends_on = _day(_("Last day"))


class PriceChangeForm(forms.Form):
    service = forms.ModelChoiceField(
        Service.objects.all(), label=_("service"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    source = forms.CharField(
        label=_("Price list"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 20}), help_text=_("TOML")
    )
    channel = forms.ChoiceField(
        label=_("Customers were told by"),
        choices=list(WORDS["channel"].items()),
        widget=UnfoldAdminSelectWidget,
    )
    sent_at = MomentField(label=_("Notice sent at"), initial=_this_minute, widget=UnfoldAdminTextInputWidget)
    arrived_at = MomentField(label=_("Notice arrived at"), required=False, widget=UnfoldAdminTextInputWidget)
    override_reason = _reason(
        label=_("Reason for a notice that is too late"),
        required=False,
        help_text=_("Only managers may change prices although the notice is too late."),
    )


class DepositForm(forms.Form):
    contract = _number()
    amount = _yen(_("Amount"))
    pay_by = _day(_("To be paid by"))


class DepositReceiptForm(forms.Form):
    received_on = _day(pgettext_lazy("money", "Received on"))
    reference = forms.CharField(label=_("Reference"), max_length=100, widget=UnfoldAdminTextInputWidget)


class DepositUseForm(forms.Form):
    invoice = forms.CharField(label=_("Invoice number"), widget=UnfoldAdminTextInputWidget)

    def clean_invoice(self) -> Invoice:
        number = half_width(self.cleaned_data["invoice"])
        invoice = Invoice.objects.filter(number=number).first()
        if invoice is None:
            raise ValidationError(
                gettext("There is no invoice of the number “%(number)s”.") % {"number": number}
            )
        return invoice


class DepositReturnForm(forms.Form):
    returned_on = _day(_("Returned on"))


class SettlementForm(forms.Form):
    settlement = _reason(label=_("How it was settled"))


class ReturnForm(forms.Form):
    """An amount for each line of an invoice, in yen without tax; empty where nothing is returned."""

    reason = _reason()

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
