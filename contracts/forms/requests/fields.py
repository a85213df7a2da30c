"""Fields for texts about a customer, whatever width they are typed in."""

import re
from typing import Any

import jaconv
from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import half_width
from contracts.forms.requests.base import TEXT
from portal.organisations.fields import HalfWidthField


class PlainField(HalfWidthField):
    """Digits and signs in half width: phone numbers, numbers of companies."""


class EmailField(forms.EmailField):
    """An e-mail address, also typed in full width."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(half_width(value)))


class KanaField(forms.CharField):
    """A reading in full-width katakana, whatever kana were typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": TEXT, **options})

    def to_python(self, value: Any) -> str:
        return str(jaconv.hira2kata(jaconv.h2z(str(super().to_python(value)))))


class PostalCodeField(HalfWidthField):
    """Seven digits, with or without 〒 and hyphen; kept as in 100-0001."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        digits = re.sub(r"[〒\s-]", "", typed)
        if not typed:
            return ""
        if not re.fullmatch("[0-9]{7}", digits):
            raise forms.ValidationError(_("A postal code has seven digits, as in 100-0001."))
        return f"{digits[:3]}-{digits[3:]}"


def text_field(label: Any, **options: Any) -> forms.CharField:
    """A short text."""
    return forms.CharField(label=label, max_length=TEXT, **options)
