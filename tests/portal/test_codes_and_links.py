"""Codes and links by which people sign in, while the mail server is dead or slow."""

import time
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from portal.installation.models import SignOfLife
from portal.organisations.models import User
from portal.outbox.models import Mail
from portal.outbox.worker import send_due
from tests.conftest import PASSWORD
from tests.mail_server import MailServer

NEW = {
    "email": "new@customer.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "display_name": "新田 一",
}


@pytest.fixture
def dead(monkeypatch) -> Iterator[pytest.MonkeyPatch]:
    def away(self, messages):
        raise ConnectionRefusedError("no mail server")

    with monkeypatch.context() as down:
        down.setattr(EmailBackend, "send_messages", away)
        yield down


@pytest.fixture
def slow(settings, monkeypatch) -> Iterator[MailServer]:
    """It takes ten seconds to say that it took a message; nobody waits for it for more than one."""
    running = MailServer()
    running.start()
    running.manners.pause = 10
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    monkeypatch.setattr("portal.organisations.adapter.PATIENCE", 1)
    yield running
    running.stop()


def in_a_few_minutes() -> None:
    """Nobody remembers any more that the server was away, or that a code was asked for just now."""
    SignOfLife.objects.all().delete()
    cache.clear()


def asked_for_link(address: str):
    return Client().post(reverse("account_reset_password"), {"email": address})


@pytest.mark.parametrize("address", ["hanako@customer.example", "nobody@customer.example"])
def test_who_asks_for_a_link_while_the_server_is_dead_is_told_whoever_it_is(dead, user, address):
    answer = asked_for_link(address)
    assert answer.status_code == 503
    assert "現在、メールを送信できません" in answer.content.decode()


def test_who_makes_an_account_then_signs_in_later_and_gets_a_code(db, dead):
    client = Client()
    assert client.post(reverse("account_signup"), NEW).status_code == 503
    assert User.objects.filter(email=NEW["email"]).exists()
    dead.undo()
    in_a_few_minutes()
    answer = Client().post(reverse("account_login"), {"login": NEW["email"], "password": PASSWORD})
    assert answer.status_code == 302, answer.context["form"].errors
    assert [message.to for message in mail.outbox] == [[NEW["email"]]]


def test_of_a_dead_server_the_next_one_is_told_without_waiting(dead, user):
    asked_for_link(user.email)
    dead.undo()
    assert asked_for_link(user.email).status_code == 503
    assert mail.outbox == []


def test_who_changes_a_password_while_the_server_is_dead_is_told_once_it_is_back(
    dead, user, signed_in, committing
):
    new = "another horse battery"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert signed_in(user).post(reverse("account_change_password"), typed).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(new)
    (told,) = Mail.objects.filter(kind="account_changed")
    assert (told.address, told.state) == (user.email, Mail.State.WAITING)
    dead.undo()
    in_a_few_minutes()
    Mail.objects.update(due_at=told.created_at)
    send_due()
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_a_slow_server_delays_a_page_for_a_moment_only(slow, user):
    begun = time.monotonic()
    answer = asked_for_link(user.email)
    assert (answer.status_code, time.monotonic() - begun < 5) == (503, True)
