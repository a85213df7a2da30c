"""Codes and links by which people sign in: through the outbox, before the others, and never once expired."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.installation.holding import HeldBackError, move_on
from portal.installation.models import Installation, SignOfLife
from portal.organisations.accounts.by_staff import send_password_link
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox import kinds
from portal.outbox.models import Mail
from portal.outbox.secrets import PLACE, opened
from portal.outbox.settling import send_again
from portal.outbox.worker import send_due
from tests.conftest import PASSWORD
from tests.mail_server import MailServer
from tests.outbox_scene import note, put
from tests.scenes import at, staff_member

NOW = "2026-11-20 10:00"
NEW = {
    "email": "new@customer.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "display_name": "新田 一",
}
State = Mail.State

pytestmark = pytest.mark.usefixtures("no_worker")


@pytest.fixture(autouse=True)
def clock(db):
    cache.clear()
    with time_machine.travel(at(NOW), tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(mail_server) -> MailServer:
    return mail_server


@pytest.fixture
def later(clock) -> Callable[[timedelta], None]:
    """Lets time pass, after which nobody remembers that the server was away; then a worker looks."""

    def pass_by(time: timedelta) -> None:
        clock.shift(time)
        SignOfLife.objects.all().delete()
        send_due()

    return pass_by


def asked_for_link(address: str):
    return Client().post(reverse("account_reset_password"), {"email": address})


def signed_up(address: str):
    return Client().post(reverse("account_signup"), {**NEW, "email": address})


def code_in(server: MailServer) -> str:
    text = server.taken[-1].message.get_content()
    found = re.search(r"^ +([0-9A-Z-]+)\s*$", text, re.MULTILINE)
    assert found, text
    return found[1]


def everything_stored(mail: Mail) -> str:
    return repr(Mail.objects.filter(pk=mail.pk).values().get())


def test_who_signs_up_gets_a_code_and_comes_in_with_it(server):
    client = Client()
    assert client.post(reverse("account_signup"), NEW).status_code == 302
    waiting = Mail.objects.get()
    assert (waiting.address, waiting.state, waiting.kind) == (NEW["email"], State.WAITING, "code_or_link")
    send_due()
    client.post(reverse("account_email_verification_sent"), {"code": code_in(server)})
    assert EmailAddress.objects.get(email=NEW["email"]).verified
    assert Mail.objects.get().state == State.TAKEN


def test_who_asks_for_a_link_sets_a_password_by_it(server, user):
    asked_for_link(user.email)
    send_due()
    link = re.search(r"https?://\S+/accounts/password/reset/key/\S+", server.taken[0].message.get_content())[
        0
    ]
    client = Client()
    form = client.get(link, follow=True)
    new = "another horse battery"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)


def test_a_code_lies_there_encrypted_until_it_was_taken_and_then_nowhere(server):
    signed_up(NEW["email"])
    waiting = Mail.objects.get()
    assert PLACE in waiting.text
    secret = opened(waiting.secret)
    assert secret not in everything_stored(waiting)
    send_due()
    assert code_in(server) == secret
    gone = Mail.objects.get()
    assert (gone.secret, gone.secret_erased_at) == ("", at(NOW))
    assert secret not in everything_stored(gone)


@pytest.mark.parametrize("asked", [asked_for_link, signed_up])
@pytest.mark.parametrize("is_dead", [False, True])
def test_nothing_tells_who_has_an_account(server, user, asked, is_dead):
    if is_dead:
        server.stop()
    seen = []
    for address in (user.email, "nobody@customer.example"):
        cache.clear()
        answer = asked(address)
        send_due()
        (mail,) = Mail.objects.filter(address=address)
        seen.append((answer.status_code, answer.headers["Location"], mail.state, mail.kind, mail.expires_at))
    assert seen[0] == seen[1]
    assert len(server.taken) == (0 if is_dead else 2)


@pytest.mark.parametrize("asked", [asked_for_link, signed_up])
def test_a_dead_server_delays_no_page_and_who_asked_is_told_once_it_is_back(server, user, asked, later):
    server.stop()
    assert asked("nobody@customer.example").status_code == 302
    send_due()
    waiting = Mail.objects.get()
    assert (waiting.state, waiting.tries) == (State.WAITING, 1)
    for _minute in range(5):
        later(timedelta(minutes=1))
    assert Mail.objects.get().tries == 6, "somebody waits: it is tried again each minute"
    server.start()
    later(timedelta(minutes=1))
    assert server.recipients == ["nobody@customer.example"]


def test_who_asks_while_e_mails_are_delayed_reads_so(server, user):
    server.stop()
    asked_for_link(user.email)
    send_due()
    client = Client()
    page = client.post(reverse("account_reset_password"), {"email": "nobody@customer.example"}, follow=True)
    assert "メールの送信が遅れています" in page.content.decode()


def test_a_slow_server_delays_no_page(server, user):
    server.manners.pause = 10
    assert asked_for_link(user.email).status_code == 302
    assert Mail.objects.get().state == State.WAITING


@pytest.mark.parametrize(
    ("asked", "valid"), [(signed_up, timedelta(minutes=15)), (asked_for_link, timedelta(days=3))]
)
def test_what_has_expired_is_never_sent_and_says_so(server, user, asked, valid, later):
    server.stop()
    asked(user.email if asked is asked_for_link else NEW["email"])
    send_due()
    secret = opened(Mail.objects.get().secret)
    later(valid - timedelta(seconds=1))
    assert Mail.objects.get().state == State.WAITING
    server.start()
    later(timedelta(seconds=1))
    expired = Mail.objects.get()
    assert (expired.state, expired.state.label, server.taken) == (State.EXPIRED, "期限切れのため未送信", [])
    assert (expired.secret, secret in everything_stored(expired)) == ("", False)
    assert list(Mail.objects.in_state(State.EXPIRED)) == [expired]
    assert not Mail.objects.in_state(State.DROPPED).exists()


def test_what_expires_while_others_are_sent_is_not_sent_either(server, user, clock, monkeypatch):
    monkeypatch.setitem(kinds._registered, "note", note())
    put()
    signed_up(NEW["email"])
    mail = Mail.objects.get(kind="code_or_link")
    Mail.objects.filter(pk=mail.pk).update(due_at=mail.expires_at)
    clock.move_to(mail.expires_at - timedelta(seconds=1))
    real = kinds.kind_of("note").write
    monkeypatch.setitem(
        kinds._registered,
        "note",
        note(write=lambda one, moment: (clock.move_to(mail.expires_at), real(one, moment))[1]),
    )
    send_due()
    assert server.recipients == ["hanako@yamada.example"]
    assert send_due() is False
    assert Mail.objects.get(pk=mail.pk).state == State.EXPIRED


def test_what_the_server_refuses_is_not_kept_and_waits_for_nobody(server):
    server.manners.replies = {NEW["email"]: "550 5.1.1 no such user"}
    signed_up(NEW["email"])
    send_due()
    send_due()
    refused = Mail.objects.get()
    assert (refused.state, refused.trouble, refused.secret) == (State.REFUSED, "550 5.1.1 no such user", "")
    assert not Mail.objects.to_look_at().exists()


def test_what_was_interrupted_is_not_kept_either(server):
    server.manners.hangs_up = True
    signed_up(NEW["email"])
    send_due()
    send_due()
    interrupted = Mail.objects.get()
    assert (interrupted.state, interrupted.secret) == (State.INTERRUPTED, "")
    assert not Mail.objects.to_look_at().exists()


@pytest.mark.parametrize("refuses", [False, True])
def test_staff_see_to_whom_and_when_but_no_code_and_send_none_again(server, refuses, make_staff, signed_in):
    if refuses:
        server.manners.replies = {NEW["email"]: "550 5.1.1 no such user"}
    signed_up(NEW["email"])
    mail = Mail.objects.get()
    secret = opened(mail.secret)
    manager = make_staff("manager@provider.example", StaffRole.MANAGER)
    staff = signed_in(manager)
    page = reverse("admin:outbox_mail_change", args=[mail.pk])
    assert secret not in staff.get(page).content.decode()
    send_due()
    shown = staff.get(page).content.decode()
    assert NEW["email"] in shown
    assert "確認コード" in shown
    assert secret not in shown
    assert reverse("admin:outbox_mail_again", args=[mail.pk]) not in shown
    with pytest.raises(ValidationError, match="もう一度"):
        send_again(mail, manager, timezone.now())


def test_somebody_waits_so_a_code_goes_before_what_has_waited_longer(server, monkeypatch):
    monkeypatch.setitem(kinds._registered, "note", note())
    for about in range(3):
        put(about=about, due_at=timezone.now() - timedelta(hours=1))
    signed_up(NEW["email"])
    send_due()
    assert server.recipients == [NEW["email"], *["hanako@yamada.example"] * 3]


def test_a_code_that_is_asked_for_while_others_are_sent_is_next(server, monkeypatch):
    asked = []

    def write(mail, moment):
        if not asked:
            asked.append(signed_up(NEW["email"]))
        return note().write(mail, moment)

    monkeypatch.setitem(kinds._registered, "note", note(write=write))
    for about in range(3):
        put(about=about)
    send_due()
    assert server.recipients.index(NEW["email"]) == 1


def test_people_can_sign_in_while_the_installation_is_held_back(server, monkeypatch):
    monkeypatch.setitem(kinds._registered, "note", note())
    put()
    signed_up(NEW["email"])
    for _time in range(3):
        move_on()
    Installation.objects.update(moves=1)
    with pytest.raises(HeldBackError):
        send_due()
    assert server.recipients == [NEW["email"]]


def test_a_link_that_staff_have_sent_is_written_with_its_entry_in_the_trail(user, rf, monkeypatch):
    manager, request = staff_member("manager"), rf.post("/")
    with context.request_context(request):
        assert send_password_link(user, manager, request) == user.email
        assert Mail.objects.get().address == user.email
        cache.clear()

        def fails(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr("portal.organisations.accounts.adapter.enqueue", fails)
        with pytest.raises(RuntimeError):
            send_password_link(user, manager, request)
    assert AuditEntry.objects.filter(action="user.password_link_sent").count() == 1


def test_who_changes_a_password_while_the_server_is_dead_is_told_once_it_is_back(
    server, user, signed_in, later
):
    server.stop()
    new = "another horse battery"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert signed_in(user).post(reverse("account_change_password"), typed).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(new)
    (told,) = Mail.objects.filter(kind="account_changed")
    assert (told.address, told.state) == (user.email, State.WAITING)
    server.start()
    later(timedelta(minutes=1))
    assert server.recipients == [user.email]


def test_links_lead_to_the_portal_whatever_host_a_request_named(user, settings, client):
    settings.ALLOWED_HOSTS, settings.PORTAL_URL = ["*"], "https://portal.example"
    elsewhere = {"Host": "evil.example"}
    client.post(reverse("account_reset_password"), {"email": user.email}, headers=elsewhere)
    client.post(reverse("account_reset_password"), {"email": "nobody@customer.example"}, headers=elsewhere)
    client.post(reverse("account_signup"), NEW | {"email": user.email}, headers=elsewhere)
    told = Mail.objects.order_by("pk")
    assert len(told) == 3
    for mail in told:
        assert "evil.example" not in mail.text + mail.subject
        assert "https://portal.example/" in mail.text
    assert opened(told[0].secret).startswith("https://portal.example/accounts/password/reset/key/")


def test_what_tells_of_a_change_leads_to_the_portal(user, settings):
    settings.ALLOWED_HOSTS, settings.PORTAL_URL = ["*"], "https://portal.example"
    client = Client(headers={"Host": "evil.example"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    new = {"oldpassword": PASSWORD, "password1": "another good horse", "password2": "another good horse"}
    client.post(reverse("account_change_password"), new)
    (mail,) = Mail.objects.all()
    assert "evil.example" not in mail.text
    assert "https://portal.example/" in mail.text


def test_signing_up_takes_the_same_work_whether_the_address_is_known(user, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *one: hashed.append(one) or encode(*one))
    work = {}
    for email in (user.email, NEW["email"]):
        hashed.clear()
        before = Mail.objects.count()
        Client().post(reverse("account_signup"), NEW | {"email": email})
        work[email] = (len(hashed), Mail.objects.count() - before)
    assert work == dict.fromkeys(work, (1, 1))
