"""法人番号: the 13 digits that the National Tax Agency gives to a corporation."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.jp import cn

LENGTH = 13


def is_corporate_number(value: str) -> bool:
    """Whether a text is 13 digits of which the first checks the other twelve."""
    return bool(cn.is_valid(value)) and _has_its_length(value)


def validate_corporate_number(value: str) -> None:
    """Refuse anything but 13 digits of which the first checks the other twelve."""
    if not _has_its_length(value):
        raise ValidationError(
            _("A corporate number has 13 digits; enter them without hyphens."), code="length"
        )
    if not is_corporate_number(value):
        raise ValidationError(
            _("The check digit of this corporate number is wrong. Please compare it with your registration."),
            code="check_digit",
        )


def _has_its_length(value: str) -> bool:
    return len(value) == LENGTH and value.isascii() and value.isdigit()
