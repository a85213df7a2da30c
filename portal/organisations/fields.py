"""Fields for what organisations state of themselves; full and half width are the same to them."""

import re
import unicodedata
from typing import Any

import jaconv
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.organisations.corporate_number import validate_corporate_number
from portal.pdf.characters import unprintable

_DASHES = re.compile("[ー‐‑‒–—―−]")
POSTAL_CODE_NAME = "postal_code"
ADDRESS_NAME = "address"
"""What the names of the two fields of an address end with; what comes before says whose address it is."""


class HalfWidthField(forms.CharField):
    """Digits and signs in half width, however they were typed."""

    def to_python(self, value: Any) -> str:
        return _DASHES.sub("-", unicodedata.normalize("NFKC", str(super().to_python(value)))).strip()


def validate_printable(text: str) -> None:
    """ValidationError that names each character for which documents would show 〓."""
    if unknown := unprintable(text):
        named = ", ".join(
            f"{piece} ({' '.join(f'U+{ord(sign):04X}' for sign in piece)})" for piece in unknown
        )
        raise ValidationError(
            _("Invoices and letters can't show: %(characters)s. Write it with other characters."),
            code="unprintable",
            params={"characters": named},
        )


class WrittenField(forms.CharField):
    """Words that stand on documents: half-width katakana become full-width, everything else stays as it was
    typed.

    What documents can't show is named and refused.
    """

    default_validators = [validate_printable]

    def to_python(self, value: Any) -> str:
        return jaconv.h2z(str(super().to_python(value))).strip()


class KanaField(forms.CharField):
    """How a name is read, in full-width katakana; hiragana and half-width katakana are fine."""

    default_error_messages = {"kana": _("Enter the reading in katakana (hiragana is fine).")}

    def to_python(self, value: Any) -> str:
        typed = unicodedata.normalize("NFKC", str(super().to_python(value)))
        return jaconv.hira2kata(jaconv.h2z(typed)).strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not re.fullmatch(r"[ァ-ヶーヽヾ・\s0-9A-Za-z&.,'()-]+", value):
            raise ValidationError(self.error_messages["kana"], code="kana")


class PhoneField(HalfWidthField):
    """A telephone or fax number, with or without hyphens."""

    default_error_messages = {
        "phone": _("Enter a telephone number with digits and hyphens, as in 03-1234-5678."),
        "phone_start": _("A telephone number begins with 0, or with + and the code of a country."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}))
        super().__init__(**{"max_length": 20, **kwargs})

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not (re.fullmatch(r"[0-9+() -]+", value) and len(re.sub(r"\D", "", value)) >= 9):
            raise ValidationError(self.error_messages["phone"], code="phone")
        if value and not value.lstrip("( ").startswith(("0", "+")):
            raise ValidationError(self.error_messages["phone_start"], code="phone_start")


NO_FAX = "なし"
"""What is stated in place of a fax number where there is none."""
_NONE = frozenset({"なし", "無し", "無", "ない", "ありません", "none", "no", "-", "―", "ー"})


class FaxField(PhoneField):
    """A fax number, or that there is none."""

    default_error_messages = {
        "phone": _(
            "Enter the fax number with digits and hyphens, as in 03-1234-5678. Without a fax, enter “none”."
        ),
        "phone_start": _("A fax number begins with 0, or with + and the code of a country."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": _("Without a fax, enter “none”."), **kwargs})

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        return NO_FAX if typed.lower() in _NONE else typed

    def validate(self, value: str) -> None:
        if value != NO_FAX:
            super().validate(value)


class CorporateNumberField(HalfWidthField):
    """法人番号; hyphens, and the T of a registration number, are taken out."""

    default_validators = [validate_corporate_number]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": _("Corporate number"),
                "required": False,
                "help_text": _("13 digits, if the organisation has one."),
                "widget": forms.TextInput(attrs={"inputmode": "numeric"}),
                **kwargs,
            }
        )

    def to_python(self, value: Any) -> str:
        return re.sub(r"[\s-]", "", super().to_python(value)).removeprefix("T")


class PostalCodeInput(forms.TextInput):
    """Shown with a button that looks the address up (`components/field.html` tells it by its type)."""


class AddressInput(forms.TextInput):
    """Shown in the place that the address looked up for a postal code fills."""


class AddressField(WrittenField):
    """The address that goes with a postal code."""

    def __init__(self, **kwargs: Any) -> None:
        asking = AddressInput(attrs={"autocomplete": "street-address"})
        super().__init__(**{"label": _("Address"), "max_length": 300, "widget": asking, **kwargs})


class PostalCodeField(HalfWidthField):
    """A postal code, as 100-0001. As it is typed, the page asks for the address (`address_of_code`).

    The address is the `AddressField` of the same form whose name begins as this one's does.
    """

    default_error_messages = {"postal_code": _("A postal code has seven digits, as in 100-0001.")}

    def __init__(self, **kwargs: Any) -> None:
        asking = PostalCodeInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"})
        super().__init__(**{"label": _("Postal code"), "widget": asking, **kwargs})

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        digits = re.sub(r"[\s〒-]", "", typed)
        if not typed:
            return typed
        if not re.fullmatch("[0-9]{7}", digits):
            raise ValidationError(self.error_messages["postal_code"], code="postal_code")
        return f"{digits[:3]}-{digits[3:]}"
