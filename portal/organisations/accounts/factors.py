"""Passkeys and other second factors: how the portal names itself and people's keys to them."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from portal.organisations.accounts.devices import device_of
from portal.organisations.models import User


class FactorAdapter(DefaultMFAAdapter):
    """A passkey bears the portal's name where it is kept, and in the portal that of the device."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002, called by name
        return device_of(context.request.META.get("HTTP_USER_AGENT", ""))
