"""Nobody changes an account by an open session alone; person and audit trail are told of each change."""

import re
from collections.abc import Callable
from unittest.mock import Mock

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.organisations.models import User
from tests.account_scene import confirm_it_is_you, give_password, is_signed_in, set_up_factor, sign_in
from tests.conftest import PASSWORD

# E-mails follow the transaction.
pytestmark = pytest.mark.django_db(transaction=True)

NEW_PASSWORD = "another horse battery"
SECOND = "hanako@second.example"


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def here(user) -> Client:
    """The person's own session, some time after the sign-in."""
    return sign_in(user)


@pytest.fixture
def second_address(user) -> EmailAddress:
    return EmailAddress.objects.create(user=user, email=SECOND, verified=True)


@pytest.fixture
def act(here) -> Callable[..., None]:
    """Post to a page after giving the password again."""

    def post(page: str, **typed: str) -> None:
        confirm_it_is_you(here)
        mail.outbox.clear()
        here.post(reverse(page), typed)

    return post


def mails() -> dict[str, str]:
    return {message.to[0]: message.body for message in mail.outbox}


def only_entry(user: User) -> tuple[str, dict[str, str]]:
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.object_id) == (user, str(user.pk))
    return entry.action, {**entry.data, **(entry.personal or {})}


@pytest.mark.parametrize("action", ["action_add", "action_primary", "action_remove", "action_send"])
def test_addresses_change_only_after_the_password_was_given_again(action, user, here, second_address):
    EmailAddress.objects.create(user=user, email="unconfirmed@customer.example")
    before = list(EmailAddress.objects.values())
    for address in ("attacker@evil.example", SECOND, "unconfirmed@customer.example"):
        reply = here.post(reverse("account_email"), {action: "", "email": address})
        assert reply.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert list(EmailAddress.objects.values()) == before
    assert not mail.outbox


@pytest.mark.parametrize(
    "page",
    [
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
    ],
)
def test_second_factor_and_recovery_codes_ask_for_the_password_again(page, user):
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    client = sign_in(user)
    factors = list(user.authenticator_set.values())
    client.post(reverse(page))
    assert client.get(reverse(page)).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert list(user.authenticator_set.values()) == factors


def test_a_factor_is_set_up_only_after_the_password_was_given_again(user, here):
    for reply in (here.get(reverse("mfa_activate_totp")), here.post(reverse("mfa_activate_totp"))):
        assert reply.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not user.authenticator_set.exists()


def test_the_password_changes_only_with_the_old_one(user, here):
    typed = {"oldpassword": "guessed", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    here.post(reverse("account_change_password"), typed)
    here.post(reverse("account_set_password"), typed)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_password_given_again_counts_for_five_minutes(user):
    with time_machine.travel("2026-11-20T10:00:00+09:00", tick=False) as clock:
        client = sign_in(user)
        confirm_it_is_you(client)
        clock.shift(299)
        assert client.get(reverse("mfa_activate_totp")).status_code == 200
        clock.shift(1)
        reply = client.get(reverse("mfa_activate_totp"))
        assert reply.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_who_guesses_passwords_is_held_up(here):
    address = reverse("account_reauthenticate")
    reply = [here.post(address, {"password": "guessed"}) for _ in range(11)][-1]
    assert reply.status_code == 429
    assert "操作の回数が上限に達しました" in reply.content.decode()
    assert here.post(reverse("mfa_activate_totp")).headers["Location"].startswith(address)


def test_what_was_asked_for_goes_on_after_the_password(here, second_address):
    asked = here.post(reverse("account_email"), {"action_remove": "", "email": SECOND}).headers["Location"]
    here.post(asked, {"password": PASSWORD})
    assert not EmailAddress.objects.filter(email=SECOND).exists()


def test_the_main_address_is_told_of_a_further_one(user, act, here):
    act("account_email", action_add="", email=SECOND)
    code = re.search(r"^ +([0-9A-Z-]+)$", mails()[SECOND], re.MULTILINE)[1]
    act("account_email_verification_sent", code=code)
    assert EmailAddress.objects.get(email=SECOND).verified
    assert f"メールアドレス {SECOND} が追加されました" in mails()[user.email]
    assert only_entry(user) == ("user.email_added", {"email": SECOND})


def test_the_old_main_address_is_told_of_the_new_one(user, act, second_address):
    before = user.email
    act("account_email", action_primary="", email=SECOND)
    user.refresh_from_db()
    assert user.email == SECOND
    assert list(mails()) == [before]
    assert SECOND in mails()[before]
    assert only_entry(user) == ("user.main_email_changed", {"before": before, "after": SECOND})


def test_a_removed_address_is_told_too(user, act, second_address):
    act("account_email", action_remove="", email=SECOND)
    assert set(mails()) == {user.email, SECOND}
    assert f"メールアドレス {SECOND} が削除されました" in mails()[SECOND]
    assert only_entry(user) == ("user.email_removed", {"email": SECOND})


def test_an_address_that_was_never_confirmed_is_not_written_to(user, act):
    EmailAddress.objects.create(user=user, email="unconfirmed@customer.example")
    act("account_email", action_remove="", email="unconfirmed@customer.example")
    assert list(mails()) == [user.email]


def test_a_changed_password_is_told_and_ends_other_sessions(user, act, here):
    elsewhere = give_password(user)
    act("account_change_password", oldpassword=PASSWORD, password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    assert "パスワードが変更されました" in mails()[user.email]
    assert only_entry(user) == ("user.password_changed", {})
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)


def test_a_factor_set_up_or_given_up_is_told(user, here):
    set_up_factor(here)
    here.post(reverse("mfa_generate_recovery_codes"))
    here.post(reverse("mfa_deactivate_totp"))
    started, codes, stopped = (message.body for message in mail.outbox if message.to == [user.email])
    assert "認証アプリによる二要素認証が開始されました" in started
    assert "リカバリーコードが新しく発行されました" in codes
    assert "認証アプリによる二要素認証が停止されました" in stopped


def test_a_change_without_its_entry_in_the_trail_is_not_kept(user, here, second_address, monkeypatch):
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("portal.organisations.accounts.changes.record", fails)
    monkeypatch.setattr("portal.organisations.accounts.adapter.record", fails)
    confirm_it_is_you(here)
    here.raise_request_exception = False
    here.post(reverse("account_email"), {"action_primary": "", "email": SECOND})
    here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    user.refresh_from_db()
    assert user.email != SECOND
    assert not EmailAddress.objects.get(email=SECOND).primary
    assert user.check_password(PASSWORD)
    assert not mail.outbox


def test_a_mail_that_the_server_does_not_take_undoes_nothing(user, act, second_address, monkeypatch):
    monkeypatch.setattr(EmailMessage, "send", Mock(side_effect=OSError("nobody answers")))
    act("account_email", action_primary="", email=SECOND)
    user.refresh_from_db()
    assert user.email == SECOND
