"""Fields that take what is typed in Japan: digits of either width, days in the Japanese manner."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contracts.models.limits import AMOUNT_TOO_LARGE
from contracts.rules.limits import FIRST_DAY, LARGEST_AMOUNT, LARGEST_QUANTITY, LAST_DAY


def half_width(value: Any) -> Any:
    """Digits and signs in half width, however they were typed."""
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


class QuantityField(forms.IntegerField):
    """A whole number; full-width digits and separators of thousands are fine."""

    widget = forms.TextInput
    most = LARGEST_QUANTITY
    default_error_messages = {
        "max_value": format_lazy(_("Enter a number of at most {most}."), most=f"{LARGEST_QUANTITY:,}")
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_value": self.most, **options})

    def to_python(self, value: Any) -> int | None:
        plain = half_width(value)
        return super().to_python(plain.replace(",", "") if isinstance(plain, str) else plain)


class AmountField(QuantityField):
    """An amount or a unit price in yen."""

    most = LARGEST_AMOUNT
    default_error_messages = {
        "max_value": AMOUNT_TOO_LARGE,
        "invalid": _("Enter the amount in digits alone, as in 100000."),
    }


def ensure_countable(day: date) -> None:
    """ValidationError for a day, or a moment on one, that lies too far away to count from."""
    if not FIRST_DAY.year <= day.year <= LAST_DAY.year:
        raise ValidationError(
            _("Enter a day of the years %(first)s to %(last)s."),
            code="too_far",
            params={"first": FIRST_DAY.year, "last": LAST_DAY.year},
        )


class DayField(forms.DateField):
    """A day as browsers send it, or as it is typed in Japan: 2026/11/1, 2026年11月1日."""

    input_formats = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")
    default_validators = [ensure_countable]

    def to_python(self, value: Any) -> Any:
        return super().to_python(half_width(value))


NOT_OFFERED = _("Choose one of what is offered here.")
"""What forms say of a choice that they don't offer: never its key, which means nothing to who reads it."""


def without_keys(fields: Iterable[forms.Field]) -> None:
    """Let fields say in our words that something is not offered."""
    for field in fields:
        if isinstance(field, forms.ChoiceField):
            field.error_messages["invalid_choice"] = NOT_OFFERED


class MomentField(forms.DateTimeField):
    """A moment in Japan: 2026-10-05 09:30."""

    input_formats = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M")
    default_validators = [ensure_countable]

    def to_python(self, value: Any) -> Any:
        return super().to_python(half_width(value))
