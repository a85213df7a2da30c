"""Fields that take what is typed in Japan: digits of either width, days in the Japanese manner."""

import unicodedata
from typing import Any

from django import forms


def half_width(value: Any) -> Any:
    """Digits and signs in half width, however they were typed."""
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


class QuantityField(forms.IntegerField):
    """A whole number; full-width digits and separators of thousands are fine."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        plain = half_width(value)
        return super().to_python(plain.replace(",", "") if isinstance(plain, str) else plain)


class DayField(forms.DateField):
    """A day as browsers send it, or as it is typed in Japan: 2026/11/1, 2026年11月1日."""

    input_formats = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")

    def to_python(self, value: Any) -> Any:
        return super().to_python(half_width(value))
