"""What a new password ends, and that known and unknown addresses take the same work."""

from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.organisations.models import Membership, User
from portal.organisations.operations import open_calendar
from portal.outbox.models import Mail
from portal.outbox.secrets import opened
from tests.account_scene import sign_in
from tests.conftest import PASSWORD

NEW = "another horse battery"
CHANGED = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
END = "カレンダーの専用アドレスも取り消す"


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def membership(user, organisation) -> Membership:
    """With a calendar under a secret address."""
    return open_calendar(user.memberships.get())


def key_of(membership: Membership) -> str:
    return Membership.objects.get(pk=membership.pk).calendar_key


def test_the_secret_address_of_a_calendar_ends_with_the_old_password(user, membership):
    client = sign_in(user)
    form = client.get(reverse("account_change_password")).context["form"]
    assert form.fields["end_calendars"].initial
    client.post(reverse("account_change_password"), {**CHANGED, "end_calendars": "on"})
    assert key_of(membership) == ""


def test_it_goes_on_for_who_says_so(user, membership):
    client = sign_in(user)
    assert END in client.get(reverse("account_change_password")).content.decode()
    client.post(reverse("account_change_password"), CHANGED)
    assert key_of(membership) == membership.calendar_key
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_who_has_no_calendar_is_not_asked(user, organisation):
    assert END not in sign_in(user).get(reverse("account_change_password")).content.decode()


def test_a_password_set_by_a_link_ends_it_always(user, membership, no_worker):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = opened(Mail.objects.get(kind="code_or_link").secret)
    page = client.get(link, follow=True)
    assert "カレンダーの専用アドレスは、これまでのパスワードとともに使え" in page.content.decode()
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert key_of(membership) == ""


def test_the_account_shows_its_calendars_and_renews_them(user, membership):
    client = sign_in(user)
    assert "カレンダーの専用アドレス" in client.get(reverse("account")).content.decode()
    client.post(reverse("account_calendar", args=[membership.pk]), {"address": "renew"})
    assert key_of(membership) not in ("", membership.calendar_key)
    client.post(reverse("account_calendar", args=[membership.pk]), {"address": "close"})
    assert key_of(membership) == ""


def test_nobody_renews_the_calendar_of_another(membership, make_user):
    other = sign_in(make_user("other@customer.example"))
    assert other.post(reverse("account_calendar", args=[membership.pk])).status_code == 404
    assert key_of(membership) == membership.calendar_key


def hashes(page: str, **typed: str) -> tuple[int, int]:
    """How many passwords a visitor's form lets be hashed, and how many e-mails it puts into the outbox."""
    cache.clear()
    Mail.objects.all().delete()
    client = Client()
    with patch.object(
        MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
    ) as made:
        client.post(reverse(page), typed)
    return made.call_count, Mail.objects.count()


def test_sign_up_does_the_same_for_known_and_unknown_addresses(user, no_worker):
    new = {"display_name": "新田 一", "password1": PASSWORD, "password2": PASSWORD}
    known = hashes("account_signup", email=user.email, **new)
    unknown = hashes("account_signup", email="new@customer.example", **new)
    assert known == unknown == (1, 1)
    assert User.objects.count() == 2


def test_sign_in_does_the_same_for_known_and_unknown_addresses(user, no_worker):
    wrong = "guessed wrongly"
    known = hashes("account_login", login=user.email, password=wrong)
    assert known == hashes("account_login", login="nobody@else.example", password=wrong)


def test_a_forgotten_password_does_the_same_for_known_and_unknown_addresses(user, no_worker):
    known = hashes("account_reset_password", email=user.email)
    assert known == hashes("account_reset_password", email="nobody@else.example") == (0, 1)
