"""Forms about products: more, fewer, added, given up; and interruptions of the service or of an option."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField, QuantityField
from contracts.forms.requests.base import RequestForm
from contracts.models import ContractRequest
from contracts.models.request_data import InterruptionData, ProductChangeData
from contracts.requests.offers import Offer
from contracts.wording.products import ProductLine

Kind = ContractRequest.Kind


def _quantity_field(label: Any, **options: Any) -> QuantityField:
    return QuantityField(
        label=label,
        min_value=1,
        error_messages={"required": _("Enter a number."), "invalid": _("Enter a whole number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "quantity", "autocomplete": "off"}),
        **options,
    )


class _ProductForm(RequestForm):
    """One of the offered products."""

    product = forms.ChoiceField(
        label=_("Product"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a product.")},
    )
    field_order: Sequence[str] = ("product", "quantity", "user_ids_deleted", "wanted_on")

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        field = cast(forms.ChoiceField, self.fields["product"])
        field.choices = [(line.key, _held(line)) for line in offer.products]
        if len(offer.products) == 1:
            field.initial = offer.products[0].key

    def _changed(self, quantity: int) -> ProductChangeData:
        return ProductChangeData(
            wanted_on=self.cleaned_data["wanted_on"],
            product=self.cleaned_data["product"],
            quantity=quantity,
            user_ids_deleted=self.cleaned_data.get("user_ids_deleted", False),
        )


class QuantityForm(_ProductForm):
    """A new total; where the terms want the user IDs deleted first, that they are."""

    quantity = _quantity_field(_("Quantity after the change"))

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        rule = offer.rule
        if rule and any(condition.kind == "user_ids_deleted" for condition in rule.conditions):
            self.fields["user_ids_deleted"] = forms.BooleanField(
                label=_("We have deleted the user IDs that are no longer needed."),
                required=False,
                help_text=_(
                    "They must be deleted before the request. Until they are, the request is refused and"
                    " the number so far is charged."
                ),
            )
            self.order_fields(self.field_order)

    def request_data(self) -> ProductChangeData:
        return self._changed(self.cleaned_data["quantity"])


class AdditionForm(_ProductForm):
    """What comes in addition."""

    quantity = _quantity_field(_("Quantity to be added"), initial=1)

    def request_data(self) -> ProductChangeData:
        return self._changed(self.cleaned_data["quantity"])


class DropForm(_ProductForm):
    """What goes: a number of units, or all."""

    quantity = _quantity_field(
        _("Quantity to be given up"), required=False, help_text=_("Left empty, all of it is given up.")
    )

    def request_data(self) -> ProductChangeData:
        return self._changed(self.cleaned_data["quantity"] or 0)


class InterruptionForm(RequestForm):
    """The first day, and the last where it is known."""

    until = DayField(
        label=_("Last day of the interruption"),
        required=False,
        help_text=_("Left empty, it lasts until you ask for use to be resumed."),
        error_messages={"invalid": _("Enter a day, as in 2026-11-01.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def request_data(self) -> InterruptionData:
        typed = self.cleaned_data
        return InterruptionData(
            wanted_on=typed["wanted_on"], until=typed["until"], product=typed.get("product", "")
        )


class OptionInterruptionForm(InterruptionForm, _ProductForm):
    """The same for one option."""

    field_order: Sequence[str] = ("product", "wanted_on", "until")


def _held(line: ProductLine) -> str:
    if not line.quantity:
        return line.name
    shown = {"name": line.name, "quantity": line.quantity, "unit": line.unit}
    return gettext("%(name)s (now %(quantity)s %(unit)s)") % shown
