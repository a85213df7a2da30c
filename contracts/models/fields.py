"""Fields that several models share."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("Bank transfer")
    DEBIT = "debit", _("Direct debit")


def in_current_language(text: dict[str, Any]) -> str:
    """The text for the language of the current request out of `{"ja": …, "en": …}`."""
    return str(text["en" if (get_language() or "ja").startswith("en") else "ja"])
