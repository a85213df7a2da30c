"""The fields of the application's steps."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.forms.fields import QuantityField
from contracts.rules.policy.particulars import LONG, MAY_BE_NONE, PHONES
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import ApplicationField
from contracts.wording.local_text import localised
from contracts.wording.particulars import LABELS
from portal.organisations.fields import FaxField, HalfWidthField, PhoneField, WrittenField

QUANTITY = "quantity_"
PARTICULAR = "particular_"
DOCUMENT = "document_"
SAME = "same_"

_REQUIRED = {"required": _("Enter this; the terms require it.")}


def values_of(cleaned: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """What was read of the fields with a prefix, by what follows it; empty ones are left out."""
    for name, value in cleaned.items():
        if name.startswith(prefix) and value:
            yield name.removeprefix(prefix), value


def particular_field(asked: ApplicationField) -> forms.CharField:
    """The field of a particular that is one text."""
    stated: dict[str, Any] = {
        "label": LABELS[asked.key],
        "required": asked.required,
        "error_messages": _REQUIRED,
    }
    if asked.key in MAY_BE_NONE:
        return FaxField(**stated)
    if asked.key in PHONES:
        return PhoneField(**stated)
    if asked.key in LONG:
        return WrittenField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **stated)
    return WrittenField(max_length=500, **stated)


def contact_fields(asked: ApplicationField, *, written_to: bool = False) -> dict[str, forms.Field]:
    """The fields of a contact, by their names; one who is `written_to` needs an e-mail address."""
    name = PARTICULAR + asked.key
    must: dict[str, Any] = {"required": asked.required, "error_messages": _REQUIRED}
    return {
        f"{name}_name": WrittenField(
            label=pgettext_lazy("of a person", "Name"),
            max_length=200,
            help_text=_("With department, if there is one."),
            **must,
        ),
        f"{name}_phone": PhoneField(label=_("Phone"), **must),
        f"{name}_email": _EmailField(
            label=_("E-mail address"),
            max_length=254,
            required=written_to and asked.required,
            help_text=_("Our e-mails on the contract go here, too.") if written_to else "",
            error_messages=_REQUIRED,
        ),
    }


class _EmailField(HalfWidthField, forms.EmailField):
    """An e-mail address, typed in either width."""


def quantity_field(product: Product) -> QuantityField:
    """How many of a product are ordered."""
    return QuantityField(
        label=localised(product.name),
        min_value=0,
        required=product.minimum > 0,
        error_messages={"required": _("Enter how many you need."), "invalid": _("Enter a whole number.")},
        initial=product.minimum or None,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "quantity", "autocomplete": "off"}),
    )
