"""Browsers of people who are signed in."""

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from portal.organisations.models import User


def signed_in(user: User) -> Client:
    """A client that is signed in as the given person, with the second factor if they have one."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    pass_second_factor(client, user)
    return client


def pass_second_factor(client: Client, user: User) -> None:
    """Leave in the session what entering a code leaves there."""
    request = HttpRequest()
    request.session = client.session
    for factor in Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP):
        record_authentication(request, user, "mfa", id=factor.pk, type=factor.type)
    request.session.save()
