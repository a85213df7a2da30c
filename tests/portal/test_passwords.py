"""Which passwords are taken, and that they are taken as they were typed."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from portal.organisations.models import User

NEW = {"email": "new@customer.example", "display_name": "新田 一"}


def signed_up(password: str) -> bool:
    """Whether somebody gets an account with a password."""
    Client().post(reverse("account_signup"), {**NEW, "password1": password, "password2": password})
    return User.objects.filter(email=NEW["email"]).exists()


@pytest.mark.parametrize(
    "weak",
    ["short-one", "password123", "1qaz2wsx3edc", "9182736450918273", "new@customer", "KeiyakuPortal#1"],
)
def test_weak_passwords_are_refused(weak, db):
    assert not signed_up(weak)


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [("minato2026", False), ("minatodaiko", False), ("minato and 8 more", True), ("gateway-2026", True)],
)
def test_what_the_portal_is_called_makes_no_password(password, is_taken, db, settings):
    settings.MFA_TOTP_ISSUER, settings.PORTAL_URL = "Minato Daiko", "https://keiyaku.minato.example"
    assert signed_up(password) == is_taken


@pytest.mark.parametrize(
    "good", ["onlysmallletters", "ひらがなだけのあいことば", "x y" * 40, "a portal in the harbour"]
)
def test_any_signs_and_any_length_make_a_password(good, db):
    assert signed_up(good)


def test_a_password_counts_as_it_was_typed(make_user):
    user = make_user("somebody@customer.example")
    user.set_password("Correct Horse Battery ")
    user.save()
    assert EmailAddress.objects.get(user=user).verified
    for typed, signs_in in (("correct horse battery ", False), ("Correct Horse Battery", False)):
        client = Client()
        client.post(reverse("account_login"), {"login": user.email, "password": typed})
        assert ("_auth_user_id" in client.session) == signs_in
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": "Correct Horse Battery "})
    assert "_auth_user_id" in client.session
