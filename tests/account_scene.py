"""People at the pages of their accounts: they sign in as anybody does, with password and code."""

import time

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from portal.organisations.models import User
from tests.conftest import PASSWORD


def code_now(person: User) -> str:
    """What the authenticator app of somebody shows at this moment."""
    authenticator = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return code_of(get_adapter().decrypt(authenticator.data["secret"]))


def code_of(secret: str) -> str:
    """What an authenticator app that was given a key shows at this moment."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))


def give_password(person: User, password: str = PASSWORD) -> Client:
    """Somebody at the sign-in page, after the password."""
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": password})
    return client


def sign_in(person: User) -> Client:
    """Somebody who has signed in, with a code if one is asked for."""
    client = give_password(person)
    if Authenticator.objects.filter(user=person).exists():
        client.post(reverse("mfa_authenticate"), {"code": code_now(person)})
    return client


def confirm_it_is_you(client: Client, password: str = PASSWORD) -> None:
    """Give the password again, as is asked for before an account is changed."""
    client.post(reverse("account_reauthenticate"), {"password": password})


def set_up_factor(client: Client, password: str = PASSWORD) -> None:
    """Give the password again, scan the key with an app, and enter what it shows."""
    confirm_it_is_you(client, password)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("account_email")).status_code == 200
