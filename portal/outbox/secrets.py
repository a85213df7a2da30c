"""Secrets in e-mails: encrypted in the outbox, and put into the text only as it goes out.

The key is derived from SECRET_KEY; keys in SECRET_KEY_FALLBACKS still open what they closed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PLACE = "⟦⁂⟧"
"""What stands in the text of an e-mail where its secret goes."""


class LostSecretError(Exception):
    """A secret was erased, or closed by a key that is not among the settings any more."""


def sealed(secret: str) -> str:
    """A secret, encrypted."""
    return _keys().encrypt(secret.encode()).decode()


def opened(token: str) -> str:
    """The secret that `sealed` encrypted. Raises LostSecretError."""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise LostSecretError("SECRET_KEY has changed; name the old one in SECRET_KEY_FALLBACKS") from error


def _keys() -> MultiFernet:
    return MultiFernet([_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"portal.outbox").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
