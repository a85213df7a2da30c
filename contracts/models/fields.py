"""Fields that several models share."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import models
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("Bank transfer")
    DEBIT = "debit", _("Direct debit")


def private_name(document: models.Model, name: str) -> str:
    """Where an uploaded file lies in the private storage, under a name that tells nothing."""
    return f"documents/{uuid4().hex}"


def in_current_language(text: dict[str, Any]) -> str:
    """The text for the language of the current request out of `{"ja": …, "en": …}`."""
    return str(text["en" if (get_language() or "ja").startswith("en") else "ja"])


def in_each_language_with(label: Any, what: Callable[[], str]) -> dict[str, str]:
    """A lazy text as `in_each_language`, with what `what` gives in the current language in brackets."""
    found = in_each_language(label)
    for language, brackets in (("ja", "（{}）"), ("en", " ({})")):
        with override(language):
            found[language] += brackets.format(what())
    return found


def in_each_language(label: Any) -> dict[str, str]:
    """A lazy text as `{"ja": …, "en": …}`, for what is kept and read in either language."""
    found = {}
    for language in ("ja", "en"):
        with override(language):
            found[language] = str(label)
    return found
