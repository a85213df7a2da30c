"""Texts of the policy in the language of the current request."""

from django.utils.translation import get_language

from contracts.rules.policy.base import LocalText


def localised(text: LocalText) -> str:
    return text.in_language(get_language() or "ja")
