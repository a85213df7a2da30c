"""Fields for texts about a customer, whatever width they are typed in."""

from typing import Any

from django import forms

from contracts.requests.data import LONGEST
from portal.organisations.fields import FaxField, HalfWidthField, KanaField, PhoneField, WrittenField


class EmailField(HalfWidthField, forms.EmailField):
    """An e-mail address, typed in either width."""


class StatedPhoneField(PhoneField):
    """A telephone or fax number; one that is stated already may stay as it is."""

    def validate(self, value: str) -> None:
        if value != self.initial:
            super().validate(value)


class StatedFaxField(FaxField):
    """A fax number, or none; one that is stated already may stay as it is."""

    def validate(self, value: str) -> None:
        if value != self.initial:
            super().validate(value)


def text_field(label: Any, **options: Any) -> WrittenField:
    """A short text."""
    return WrittenField(**{"label": label, "max_length": LONGEST, **options})


def kana_field(label: Any, **options: Any) -> KanaField:
    """How a name is read; it may be left out."""
    return KanaField(**{"label": label, "max_length": LONGEST, "required": False, **options})


def long_text_field(label: Any, **options: Any) -> WrittenField:
    """A text of several lines."""
    return text_field(label, widget=forms.Textarea(attrs={"rows": 3}), **options)
