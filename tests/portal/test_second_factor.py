"""The second factor lets a session in, not a person: others of the same person gain nothing by it."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests.account_scene import confirm_it_is_you, give_password, is_signed_in, set_up_factor, sign_in

ADMIN = "admin:index"


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def newcomer(make_staff) -> User:
    """Staff who have not set up a second factor yet."""
    return make_staff("new@provider.example", StaffRole.MANAGER, second_factor=False)


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("boss@provider.example", StaffRole.MANAGER)


def reaches_the_admin(client: Client) -> bool:
    return client.get(reverse(ADMIN)).status_code == 200


def test_staff_sign_in_with_password_and_code(manager):
    assert reaches_the_admin(sign_in(manager))


def test_a_recovery_code_signs_in_too(manager):
    code = Authenticator.objects.get(user=manager, type="recovery_codes").wrap().get_unused_codes()[0]
    client = give_password(manager)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert reaches_the_admin(client)


def test_who_sets_a_factor_up_goes_on_with_their_work(newcomer):
    client = give_password(newcomer)
    set_up_factor(client)
    assert reaches_the_admin(client)


def test_another_session_gains_nothing_by_a_factor_set_up_elsewhere(newcomer):
    elsewhere = give_password(newcomer)
    assert is_signed_in(elsewhere)
    set_up_factor(give_password(newcomer))
    assert not reaches_the_admin(elsewhere)
    assert not is_signed_in(elsewhere)


def test_a_session_that_got_in_without_the_factor_ends(manager, client):
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("account_email")).headers["Location"] == reverse("account_login")
    reply = client.get(reverse(ADMIN), follow=True)
    assert reply.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_it_is_told_to_sign_in_again(manager, client):
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse(ADMIN), follow=True).content.decode()
    assert "二要素認証でもう一度ログイン" in page


def test_a_customers_other_sessions_end_with_a_new_factor(user):
    elsewhere, here = sign_in(user), sign_in(user)
    set_up_factor(here)
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_who_gives_the_factor_up_is_to_set_up_another(manager):
    elsewhere = sign_in(manager)
    cache.clear()  # the code of the same half minute, entered again
    here = sign_in(manager)
    confirm_it_is_you(here)
    here.post(reverse("mfa_deactivate_totp"))
    assert here.get(reverse(ADMIN)).headers["Location"] == reverse("mfa_activate_totp")
    assert not is_signed_in(elsewhere)


def test_new_recovery_codes_end_the_other_sessions(manager):
    elsewhere = sign_in(manager)
    cache.clear()
    here = sign_in(manager)
    confirm_it_is_you(here)
    here.post(reverse("mfa_generate_recovery_codes"))
    assert reaches_the_admin(here)
    assert not is_signed_in(elsewhere)


def test_who_came_by_a_recovery_code_goes_on_with_new_ones(manager):
    code = Authenticator.objects.get(user=manager, type="recovery_codes").wrap().get_unused_codes()[0]
    client = give_password(manager)
    client.post(reverse("mfa_authenticate"), {"code": code})
    confirm_it_is_you(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert reaches_the_admin(client)


def test_a_factor_removed_on_the_server_ends_every_session(manager):
    client = sign_in(manager)
    Authenticator.objects.filter(user=manager).delete()
    assert not is_signed_in(client)
    entries = AuditEntry.objects.filter(action="user.factor_removed")
    assert {entry.data["factor"] for entry in entries} == {"totp", "recovery_codes"}
    assert all(entry.actor is None for entry in entries)


def test_setting_up_and_giving_up_stand_in_the_audit_trail(user):
    client = sign_in(user)
    set_up_factor(client)
    client.post(reverse("mfa_deactivate_totp"))
    told = [
        (entry.action, entry.data["factor"])
        for entry in AuditEntry.objects.filter(actor=user, object_id=user.pk)
    ]
    assert sorted(told) == [
        ("user.factor_added", "recovery_codes"),
        ("user.factor_added", "totp"),
        ("user.factor_removed", "recovery_codes"),
        ("user.factor_removed", "totp"),
    ]


def test_sessions_from_before_the_generation_was_counted_end(user, client):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["_auth_user_hash"] = super(User, user)._get_session_auth_hash()
    session.save()
    assert not is_signed_in(client)


def test_deactivated_people_are_signed_out(user):
    client = sign_in(user)
    assert is_signed_in(client)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_signed_in(client)
