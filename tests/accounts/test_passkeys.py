"""Passkeys: set up by the person alone, they sign in without a password, staff too."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode

from portal.audit.models import AuditEntry
from portal.organisations.accounts.models import SignIn
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests.account_scene import confirm_it_is_you, give_password, is_signed_in, sign_in
from tests.passkey_scene import SoftPasskey, add_passkey, sign_in_by

NONSENSE = ("", "{}", "[]", "nonsense", '{"id": 5}', '{"response": {"userHandle": "!"}}', "[" * 100_000)


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def passkey() -> SoftPasskey:
    return SoftPasskey()


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("boss@provider.example", StaffRole.MANAGER)


def passkeys_of(person: User):
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)


def test_a_passkey_signs_in_without_a_password(user, passkey):
    add_passkey(sign_in(user), passkey)
    assert is_signed_in(sign_in_by(passkey))
    assert SignIn.objects.first().means == SignIn.Means.PASSKEY


def test_it_stands_on_the_page_by_its_name(user, passkey):
    client = sign_in(user)
    add_passkey(client, passkey, "会社のパソコン")
    page = client.get(reverse("mfa_index")).content.decode()
    assert "会社のパソコン" in page
    assert "名前を変える" in page


def test_without_a_name_it_is_called_by_the_device(user):
    client = sign_in(user)
    confirm_it_is_you(client)
    windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0"
    form = client.get(reverse("mfa_add_webauthn"), headers={"user-agent": windows}).context["form"]
    assert form.initial["name"] == "Edge（Windows）"


def test_it_is_told_and_stands_in_the_audit_trail(user, passkey):
    add_passkey(sign_in(user), passkey)
    factors = {entry.data["factor"] for entry in AuditEntry.objects.filter(action="user.factor_added")}
    assert factors == {"webauthn", "recovery_codes"}
    assert "【約款ポータル】パスキーが追加されました" in Mail.objects.values_list("subject", flat=True)


def test_setting_one_up_asks_for_the_password_again(user):
    client = sign_in(user)
    reply = client.get(reverse("mfa_add_webauthn"))
    assert reply.headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("mfa_add_webauthn"), {"name": "", "credential": "{}"})
    assert not passkeys_of(user).exists()


def test_the_password_alone_does_not_do_any_more(user, passkey):
    add_passkey(sign_in(user), passkey)
    client = give_password(user)
    assert not is_signed_in(client)
    options = client.get(reverse("mfa_authenticate")).context["js_data"]["request_options"]
    client.post(reverse("mfa_authenticate"), {"credential": passkey.used(options)})
    assert is_signed_in(client)
    assert SignIn.objects.first().means == SignIn.Means.SECOND_PASSKEY


def test_the_administration_leads_staff_to_their_account(manager, signed_in):
    page = signed_in(manager).get(reverse("admin:index")).content.decode()
    assert f'href="{reverse("account")}"' in page


def test_staff_get_in_by_a_passkey_alone(manager, passkey):
    add_passkey(sign_in(manager), passkey)
    assert sign_in_by(passkey).get(reverse("admin:index")).status_code == 200


def test_staff_without_any_factor_may_set_up_a_passkey(make_staff, passkey):
    newcomer = make_staff("new@provider.example", StaffRole.BILLING, second_factor=False)
    client = give_password(newcomer)
    add_passkey(client, passkey)
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_device_that_asked_for_nothing_is_no_passkey(user, manager):
    careless = SoftPasskey(verifies=False)
    for person in (user, manager):
        reply = add_passkey(sign_in(person), careless)
        assert reply.context["form"].errors
        assert not passkeys_of(person).exists()


def test_a_passkey_that_stops_asking_signs_nobody_in(user, passkey):
    add_passkey(sign_in(user), passkey)
    passkey.asks_no_more()
    assert not is_signed_in(sign_in_by(passkey))
    client = give_password(user)
    options = client.get(reverse("mfa_authenticate")).context["js_data"]["request_options"]
    client.post(reverse("mfa_authenticate"), {"credential": passkey.used(options)})
    assert not is_signed_in(client)


def test_another_sites_passkey_signs_nobody_in(user, passkey):
    add_passkey(sign_in(user), passkey)
    passkey.is_asked_by("https://testserver.evil.example")
    assert not is_signed_in(sign_in_by(passkey))


def test_nonsense_in_place_of_a_passkey_is_refused_in_words(user):
    client, here = Client(), sign_in(user)
    confirm_it_is_you(here)
    for typed in NONSENSE:
        cache.clear()
        reply = client.post(reverse("mfa_login_webauthn"), {"credential": typed}, follow=True)
        assert reply.redirect_chain[-1][0] == reverse("account_login")
        assert (
            here.post(reverse("mfa_add_webauthn"), {"name": "", "credential": typed}).context["form"].errors
        )
    assert not user.authenticator_set.exists()


def test_half_an_answer_of_a_passkey_is_refused_in_words(user, passkey):
    here = sign_in(user)
    confirm_it_is_you(here)
    options = here.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]
    whole = json.loads(passkey.made(options))
    for attested in ("", "AAAA", "oGNmbXQ", websafe_encode(b"\x81" * 5000)):
        half = {**whole, "response": {**whole["response"], "attestationObject": attested}}
        reply = here.post(reverse("mfa_add_webauthn"), {"name": "", "credential": json.dumps(half)})
        assert "コードが正しくありません" in reply.content.decode()
    assert not user.authenticator_set.exists()


def test_a_name_is_not_longer_than_can_be_read(user, passkey):
    client = sign_in(user)
    add_passkey(client, passkey, "端" * 51)
    assert not passkeys_of(user).exists()


def test_a_removed_passkey_signs_nobody_in_and_ends_other_sessions(user, passkey):
    here = sign_in(user)
    add_passkey(here, passkey)
    elsewhere = sign_in_by(passkey)
    confirm_it_is_you(here)
    here.post(reverse("mfa_remove_webauthn", args=[passkeys_of(user).get().pk]))
    assert not passkeys_of(user).exists()
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(sign_in_by(passkey))


def test_nobody_removes_or_renames_the_passkey_of_another(user, make_user, passkey):
    add_passkey(sign_in(user), passkey)
    other = sign_in(make_user("other@customer.example"))
    confirm_it_is_you(other)
    key = passkeys_of(user).get().pk
    for page in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert other.post(reverse(page, args=[key]), {"name": "x"}).status_code == 404
    assert str(passkeys_of(user).get()) == "Chrome（Windows）"


def test_deactivated_people_are_not_let_in_by_their_passkey(user, passkey):
    add_passkey(sign_in(user), passkey)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_signed_in(sign_in_by(passkey))


def test_it_confirms_that_it_is_you(user, passkey):
    client = sign_in(user)
    add_passkey(client, passkey)
    client = sign_in_by(passkey)
    page = client.get(reverse("account_reauthenticate"))
    assert "パスキーを使う" in page.content.decode()
    options = client.get(reverse("mfa_reauthenticate_webauthn")).context["js_data"]["request_options"]
    client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": passkey.used(options)})
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
