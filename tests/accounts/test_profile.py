"""What people say of themselves on the page of their account: name and language."""

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.organisations.accounts.profile import change_profile
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests.account_scene import set_up_factor, sign_in

ACCOUNT = "account"
GREETING = "This message was sent automatically"


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def here(user, signed_in) -> Client:
    return signed_in(user)


def shown(client: Client, page: str = ACCOUNT) -> str:
    return client.get(reverse(page)).content.decode()


def test_a_new_name_is_stored_and_the_old_one_kept_in_the_trail(user, here):
    reply = here.post(reverse(ACCOUNT), {"display_name": " 山田 花代 ", "language": "ja"}, follow=True)
    assert "アカウントの内容を変更しました。" in reply.content.decode()
    user.refresh_from_db()
    assert (user.display_name, user.language) == ("山田 花代", "ja")
    entry = AuditEntry.objects.get(action="user.profile_changed")
    assert (entry.actor, entry.data) == (user, {})
    assert entry.personal["before"]["display_name"] == "山田 花子"


def test_a_name_can_not_be_empty_or_too_long(user, here):
    for name in ("", "　", "花" * 101):
        reply = here.post(reverse(ACCOUNT), {"display_name": name, "language": "ja"})
        assert reply.context["form"].errors["display_name"]
    user.refresh_from_db()
    assert user.display_name == "山田 花子"


def test_nothing_new_leaves_no_entry(user):
    change_profile(user, display_name=user.display_name)
    assert not AuditEntry.objects.exists()


def test_pages_speak_the_language_of_who_signed_in(user, here):
    here.post(reverse(ACCOUNT), {"display_name": "山田 花子", "language": "en"})
    assert "Your account" in shown(here)
    elsewhere = sign_in(user)
    assert "Your account" in shown(elsewhere)
    elsewhere.post(reverse("account_logout"))
    assert "ログイン" in shown(elsewhere, "account_login")


def test_the_switch_in_the_header_is_kept_with_the_account(user, here):
    here.post(reverse("set_language"), {"language": "en", "next": "/"})
    user.refresh_from_db()
    assert user.language == "en"
    assert "Your account" in shown(sign_in(user))


def test_visitors_switch_the_language_of_their_browser(client):
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert "Sign in" in shown(client, "account_login")


def test_a_language_that_the_portal_does_not_speak_changes_nothing(user, here):
    here.post(reverse("set_language"), {"language": "fr", "next": "/"})
    here.post(reverse(ACCOUNT), {"display_name": "山田 花子", "language": "fr"})
    user.refresh_from_db()
    assert user.language == ""
    with pytest.raises(ValidationError):
        change_profile(user, language="fr")


def test_mails_about_the_account_speak_the_persons_language(user, committing):
    change_profile(user, language="en")
    set_up_factor(sign_in(user))
    assert [(one.subject, GREETING in one.text) for one in Mail.objects.all()] == [
        ("The authenticator app is in use now", True)
    ]
    Client().post(reverse("account_reset_password"), {"email": user.email}, headers={"accept-language": "ja"})
    assert "Thank you for using" in Mail.objects.filter(kind="code_or_link").latest("pk").text


def test_staff_choose_their_language_but_not_their_name(make_staff, signed_in):
    manager = make_staff("boss@provider.example", StaffRole.MANAGER, display_name="責任 太郎")
    client = signed_in(manager)
    assert 'name="display_name"' not in shown(client)
    client.post(reverse(ACCOUNT), {"display_name": "別 人", "language": "en"})
    manager.refresh_from_db()
    assert (manager.display_name, manager.language) == ("責任 太郎", "en")
    with pytest.raises(ValidationError) as refused:
        change_profile(manager, display_name="別 人")
    assert refused.value.error_dict["display_name"][0].code == "staff"


def test_visitors_have_no_account(client):
    for page in ("account", "account_sessions", "account_sign_ins", "account_close", "mfa_index"):
        reply = client.get(reverse(page))
        assert reply.headers["Location"].startswith(reverse("account_login"))
    assert not mail.outbox
