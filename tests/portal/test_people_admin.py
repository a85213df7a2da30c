"""Staff keep people in the admin, but nobody has a hand in how another person signs in."""

import re
from unittest.mock import Mock

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests.account_scene import give_password, is_signed_in, set_up_factor, sign_in
from tests.conftest import PASSWORD

# E-mails follow the transaction.
pytestmark = pytest.mark.django_db(transaction=True)

OWN_PASSWORD = "a horse of my own"
NEWCOMER = "taro@provider.example"


@pytest.fixture(autouse=True)
def no_links_counted() -> None:
    cache.clear()


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("boss@provider.example", StaffRole.MANAGER)


@pytest.fixture
def as_manager(manager, signed_in) -> Client:
    return signed_in(manager)


@pytest.fixture
def root(make_staff) -> User:
    return make_staff("root@provider.example", is_superuser=True)


def page_of(person: User) -> str:
    return reverse("admin:organisations_user_change", args=[person.pk])


def send_link(client: Client, person: User) -> str:
    """Press the button; gives the page that is shown then."""
    address = reverse("admin:organisations_user_password_link", args=[person.pk])
    return client.post(address, follow=True).content.decode()


def test_staff_send_a_link_by_which_somebody_sets_the_password(user, manager, as_manager):
    assert "パスワード設定用のリンクを送信" in as_manager.get(page_of(user)).content.decode()
    page = send_link(as_manager, user)
    assert f"{user.email} に送信しています" in page
    (message,) = mail.outbox
    assert message.to == [user.email]
    entry = AuditEntry.objects.get(action="user.password_link_sent")
    assert (entry.actor, entry.object_id, entry.personal) == (manager, str(user.pk), {"email": user.email})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)

    set_password(message.body)
    user.refresh_from_db()
    assert user.check_password(OWN_PASSWORD)


def set_password(mail_text: str) -> None:
    """Open the link of an e-mail, and set OWN_PASSWORD."""
    client = Client()
    form = client.get(re.search(r"/accounts/password/reset/key/\S+", mail_text)[0], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": OWN_PASSWORD, "password2": OWN_PASSWORD})


def test_the_link_goes_to_the_confirmed_main_address(user, as_manager):
    EmailAddress.objects.filter(user=user).update(email="hanako@new.example")
    assert "hanako@new.example に送信しています" in send_link(as_manager, user)
    assert mail.outbox[0].to == ["hanako@new.example"]


def test_a_link_is_sent_by_a_button_alone(user, as_manager):
    address = reverse("admin:organisations_user_password_link", args=[user.pk])
    assert as_manager.get(address).status_code == 405
    assert not mail.outbox


def test_who_may_not_keep_people_sends_no_link(user, root, manager, as_manager, make_staff, signed_in):
    reception = signed_in(make_staff("desk@provider.example", StaffRole.RECEPTION))
    for client, person in ((reception, user), (as_manager, root), (signed_in(user), manager)):
        address = reverse("admin:organisations_user_password_link", args=[person.pk])
        assert client.post(address).status_code in (302, 403)
    assert not mail.outbox
    assert not AuditEntry.objects.filter(action="user.password_link_sent").exists()


def test_no_link_for_somebody_who_may_not_sign_in(user, as_manager):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert "現在ログインできません" in send_link(as_manager, user)
    assert not mail.outbox


def test_no_link_to_an_address_that_leads_into_another_account(user, make_user, as_manager):
    EmailAddress.objects.filter(user=user).delete()
    other = make_user("other@customer.example")
    EmailAddress.objects.filter(user=other).update(email=user.email)
    assert "別のアカウントでも使用されている" in send_link(as_manager, user)
    assert not mail.outbox


def test_links_are_counted(user, as_manager):
    pages = [send_link(as_manager, user) for _ in range(6)]
    assert "上限に達しました" in pages[-1]
    assert len(mail.outbox) == 5


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_sets_the_password_of_another(superuser, user, manager, root, signed_in):
    client = signed_in(root if superuser else manager)
    typed = {"password1": OWN_PASSWORD, "password2": OWN_PASSWORD, "usable_password": "true"}
    reply = client.post(f"/admin/organisations/user/{user.pk}/password/", typed)
    assert reply.headers["Location"] == page_of(user)
    client.post(page_of(user), {"display_name": "花子", "is_active": "on", "password": "x", **typed})
    user.refresh_from_db()
    assert (user.display_name, user.check_password(PASSWORD)) == ("花子", True)
    assert "/password/" not in client.get(page_of(user)).content.decode()


def test_the_address_is_the_persons_own_to_change(user, as_manager):
    before = user.email
    as_manager.post(page_of(user), {"email": "boss@evil.example", "display_name": "花子", "is_active": "on"})
    user.refresh_from_db()
    assert (user.display_name, user.email) == ("花子", before)


def test_a_new_person_gets_a_link_and_no_password(as_manager, manager):
    typed = {
        "email": NEWCOMER.title(),
        "display_name": "経理 太郎",
        "password1": OWN_PASSWORD,
        "password2": OWN_PASSWORD,
    }
    page = as_manager.post(reverse("admin:organisations_user_add"), typed, follow=True)
    person = User.objects.get(email=NEWCOMER)
    assert page.redirect_chain[-1][0] == page_of(person)
    assert f"{NEWCOMER} に送信しています" in page.content.decode()
    assert not person.has_usable_password()
    told = AuditEntry.objects.filter(actor=manager, object_id=person.pk).values_list("action", flat=True)
    assert set(told) == {"user.added", "user.password_link_sent"}


def test_a_new_member_of_staff_comes_in_by_the_link(as_manager):
    as_manager.post(reverse("admin:organisations_user_add"), {"email": NEWCOMER, "display_name": "太郎"})
    person = User.objects.get(email=NEWCOMER)
    as_manager.post(page_of(person), {"display_name": "太郎", "is_active": "on", "is_staff": "on"})
    set_password(mail.outbox[0].body)
    mail.outbox.clear()

    client = give_password(person, OWN_PASSWORD)
    code = re.search(r"^ +([0-9A-Z-]+)$", mail.outbox[0].body, re.MULTILINE)[1]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.get(reverse("admin:index")).headers["Location"] == reverse("mfa_activate_totp")
    set_up_factor(client, OWN_PASSWORD)
    assert client.get(reverse("admin:index")).status_code == 200


def test_an_address_in_use_is_refused_at_the_field(user, as_manager):
    typed = {"email": user.email.upper(), "display_name": "花子"}
    page = as_manager.post(reverse("admin:organisations_user_add"), typed).content.decode()
    assert "すでに" in page
    assert User.objects.filter(display_name="花子").count() == 0
    assert not mail.outbox


@pytest.mark.parametrize("new", [True, False])
def test_a_person_is_not_stored_without_the_entry_in_the_trail(new, user, as_manager, monkeypatch):
    monkeypatch.setattr("portal.audit.admin.record", Mock(side_effect=RuntimeError))
    as_manager.raise_request_exception = False
    page = reverse("admin:organisations_user_add") if new else page_of(user)
    assert as_manager.post(page, {"email": NEWCOMER, "display_name": "太郎"}).status_code == 500
    assert not User.objects.filter(display_name="太郎").exists()
    assert not mail.outbox


def test_the_list_of_people_tells_nothing_of_passwords(as_manager):
    reply = as_manager.get(reverse("admin:organisations_user_changelist") + "?password__startswith=md5")
    assert reply.status_code == 400


def test_addresses_and_factors_are_no_rows_to_edit(root, signed_in):
    for model in (EmailAddress, Authenticator):
        assert not admin.site.is_registered(model)
    with pytest.raises(NoReverseMatch):
        reverse("admin:mfa_authenticator_changelist")


@pytest.mark.parametrize("model", ["organisations_user", "organisations_organisation", "auth_group"])
def test_nothing_that_staff_edit_is_deleted(model, root, organisation, signed_in):
    client = signed_in(root)
    reply = client.get(reverse(f"admin:{model}_changelist"))
    assert 'value="delete_selected"' not in reply.content.decode()
    pk = reply.context["cl"].queryset.last().pk
    assert client.post(reverse(f"admin:{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403


def remove_factor(client: Client, person: User):
    return client.post(reverse("admin:organisations_user_second_factor", args=[person.pk]), follow=True)


def test_a_superuser_removes_a_lost_second_factor(manager, root, signed_in):
    signed_in_before = sign_in(manager)
    client = signed_in(root)
    assert "二要素認証を解除" in client.get(page_of(manager)).content.decode()
    page = remove_factor(client, manager).content.decode()
    assert "二要素認証を解除しました" in page
    assert not Authenticator.objects.filter(user=manager).exists()
    assert not is_signed_in(signed_in_before)
    assert [message.to for message in mail.outbox] == [[manager.email]]
    assert "二要素認証を改めて設定" in mail.outbox[0].body
    entries = AuditEntry.objects.filter(action="user.factor_removed")
    assert {(entry.actor, entry.object_id) for entry in entries} == {(root, str(manager.pk))}
    assert client.get(reverse("admin:index")).status_code == 200
    assert give_password(manager).get(reverse("admin:index")).headers["Location"] == reverse(
        "mfa_activate_totp"
    )


def test_managers_remove_nobodys_second_factor(manager, as_manager, make_staff):
    colleague = make_staff("desk@provider.example", StaffRole.RECEPTION)
    assert "二要素認証を解除" not in as_manager.get(page_of(colleague)).content.decode()
    assert remove_factor(as_manager, colleague).status_code == 403
    assert Authenticator.objects.filter(user=colleague).exists()


def test_there_may_be_no_second_factor_to_remove(user, root, signed_in):
    client = signed_in(root)
    assert "二要素認証を解除" not in client.get(page_of(user)).content.decode()
    assert "設定していません" in remove_factor(client, user).content.decode()
    assert not mail.outbox
