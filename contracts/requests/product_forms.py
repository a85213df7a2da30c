"""Forms that ask which of the offered products, and how many."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, cast

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from contracts.forms.fields import QuantityField
from contracts.requests.data import RequestData
from contracts.requests.form import RequestForm
from contracts.requests.offer import Offer
from contracts.wording.products import ProductLine


class ProductForm(RequestForm):
    """One of the offered products."""

    product = forms.ChoiceField(
        label=_("Product"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a product.")},
    )

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        field = cast(forms.ChoiceField, self.fields["product"])
        field.choices = [(line.key, with_number(line)) for line in offer.products]
        if len(offer.products) == 1:
            field.initial = offer.products[0].key


def with_number(line: ProductLine) -> str:
    """A product by its name, with how many of it there are now."""
    if not line.quantity:
        return line.name
    shown = {"name": line.name, "quantity": line.quantity, "unit": line.unit}
    return gettext("%(name)s (now %(quantity)s %(unit)s)") % shown


class ProductChangeData(RequestData):
    """`quantity` is the new total for `quantity_up` and `quantity_down`, what comes in addition for
    `add_item` and `add_option`, and what goes for `drop_item` and `drop_option` (0: all of it).
    """

    wanted_on: date
    product: str
    quantity: Annotated[int, Field(ge=0)] = 0
    user_ids_deleted: bool = False


class ProductChangeForm(ProductForm):
    """One of the offered products, and how many."""

    field_order: Sequence[str] = ("product", "quantity", "user_ids_deleted", "wanted_on")

    def request_data(self) -> ProductChangeData:
        typed = self.cleaned_data
        return ProductChangeData(
            wanted_on=typed["wanted_on"],
            product=typed["product"],
            quantity=typed["quantity"] or 0,
            user_ids_deleted=typed.get("user_ids_deleted", False),
        )


def quantity_field(label: Any, **options: Any) -> QuantityField:
    """A whole number from one on."""
    return QuantityField(
        label=label,
        min_value=1,
        error_messages={
            "required": gettext_lazy("Enter a number."),
            "invalid": gettext_lazy("Enter a whole number."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "quantity", "autocomplete": "off"}),
        **options,
    )


class QuantityForm(ProductChangeForm):
    """A new total; where the terms want the user IDs deleted first, that they are."""

    quantity = quantity_field(gettext_lazy("Quantity after the change"))

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        rule = offer.rule
        if rule and any(condition.kind == "user_ids_deleted" for condition in rule.conditions):
            self.fields["user_ids_deleted"] = forms.BooleanField(
                label=gettext_lazy("We have deleted the user IDs that are no longer needed."),
                required=False,
                help_text=gettext_lazy(
                    "They must be deleted before the request. Until they are, the request is refused and"
                    " the number so far is charged."
                ),
            )
            self.order_fields(self.field_order)
