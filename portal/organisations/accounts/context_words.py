"""Words that whoever guesses passwords of this portal tries first: what it is, and what it is called."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = ("contract", "invoice", "keiyaku", "password", "portal", "seikyu", "yakkan", "契約", "請求", "約款")
"""Beside these count the words of the portal's name and of the name of its host."""

LEFT = 8
"""So many other signs make a password that holds such words."""


def context_words() -> set[str]:
    """All of them, in small letters."""
    host = urlsplit(settings.PORTAL_URL).hostname or ""
    named = re.split(r"[^\w]+", f"{settings.MFA_TOTP_ISSUER} {host}".lower())
    return {*WORDS, *(word for word in named if len(word) >= 4)}


class ContextWordsValidator:
    """Refuses a password that is little else than words of its context (OWASP ASVS 6.2.11)."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError (code `context_word`) where too little is left without these words."""
        left = password.lower()
        for word in sorted(context_words(), key=len, reverse=True):
            left = left.replace(word, "")
        if left != password.lower() and len(left) < LEFT:
            raise ValidationError(
                _(
                    "The password is made of words that have to do with this portal. Add at least %(count)s"
                    " other characters, or choose another one."
                )
                % {"count": LEFT},
                code="context_word",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be made of words that have to do with this portal.")
