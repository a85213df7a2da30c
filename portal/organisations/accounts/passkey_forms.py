"""allauth's forms of passkeys, careful with what is no answer of a passkey at all."""

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

_LONGEST_NAME = 50
_UNREADABLE = (
    AttributeError,
    InvalidSignature,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)
"""What the library raises for what it can't read."""


def _refused() -> ValidationError:
    refused: ValidationError = get_adapter().validation_error("incorrect_code")
    return refused


class CredentialField(forms.JSONField):
    """What the browser hands on from a passkey; shown again it would be of no use."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError:
            raise _refused() from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return InvalidJSONInput("")


class _Using:
    """Refuses what can't be read as the answer of a passkey as it refuses a wrong one."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except _UNREADABLE:
            raise _refused() from None


class AuthenticateForm(_Using, AuthenticateWebAuthnForm):
    """The passkey as the second factor."""

    credential = CredentialField()


class LoginForm(_Using, LoginWebAuthnForm):
    """The passkey in place of address and password."""

    credential = CredentialField()


class ReauthenticateForm(_Using, ReauthenticateWebAuthnForm):
    """The passkey before something is changed that is protected."""

    credential = CredentialField()


class AddForm(AddWebAuthnForm):
    """A new passkey; each can sign in alone, so nobody is asked whether it should."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        required=False,
        max_length=_LONGEST_NAME,
        help_text=_("By this name you tell it from others, as by the device on which it is kept."),
    )
    credential = CredentialField()
    passwordless = None

    def clean(self) -> Any:
        try:
            return super().clean()
        except _UNREADABLE:
            raise _refused() from None


class RenameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=_LONGEST_NAME)
