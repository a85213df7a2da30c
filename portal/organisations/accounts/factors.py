"""Passkeys and other second factors: how the portal and people's keys are named, and who has passed one."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from portal.organisations.accounts.devices import device_of
from portal.organisations.models import User


class FactorAdapter(DefaultMFAAdapter):
    """A passkey bears the portal's name where it is kept, and in the portal that of the device."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002, called by name
        return device_of(context.request.META.get("HTTP_USER_AGENT", ""))


def has_passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session has passed a factor that the person still has."""
    records = get_authentication_records(request, request.user)
    used = [record["id"] for record in records if record["method"] == "mfa"]
    return bool(used) and Authenticator.objects.filter(user=request.user.pk, pk__in=used).exists()
