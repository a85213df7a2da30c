"""The outbox and a mail server that takes, refuses, is slow, dies, and comes back."""

import time

import pytest
from django.utils import timezone

from portal.installation.models import SignOfLife
from portal.outbox import delivery, kinds
from portal.outbox.delivery import PATIENCE
from portal.outbox.models import Mail
from portal.outbox.worker import send_due
from tests.mail_server import MailServer
from tests.outbox_scene import note, put

State = Mail.State
pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture
def server(mail_server) -> MailServer:
    return mail_server


@pytest.fixture
def failures() -> list[str]:
    return []


@pytest.fixture
def known(monkeypatch, failures, db) -> None:
    kind = note(failed=lambda mail, moment, why: failures.append(why))
    monkeypatch.setitem(kinds._registered, "note", kind)


def states(*mails: Mail) -> list[State]:
    return [Mail.objects.get(pk=mail.pk).state for mail in mails]


def become_due() -> None:
    """As if the pauses were over."""
    Mail.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    SignOfLife.objects.all().delete()


def test_it_takes_what_is_due_in_one_conversation(server, settings):
    settings.BOUNCE_ADDRESS = "bounces@host.example"
    mails = [put(f"member{place}@yamada.example") for place in range(3)]
    send_due()
    assert states(*mails) == [State.TAKEN] * 3
    assert server.recipients == [mail.address for mail in mails]
    first = server.taken[0]
    assert first.sender == f"bounces+{mails[0].message_id.split('@')[0]}@host.example"
    assert first.message["From"].addresses[0].display_name == "みなとクラウド"
    assert first.message["Auto-Submitted"] == "auto-generated"
    assert first.message["Message-ID"] == f"<{mails[0].message_id}>"
    assert first.message["Subject"] == "お知らせ N-1"


def test_dead_it_gets_all_once_it_is_back(server):
    server.stop()
    mails = [put(about=about) for about in range(3)]
    send_due()
    assert states(*mails) == [State.WAITING] * 3
    assert {mail.tries for mail in Mail.objects.all()} == {1}
    become_due()
    send_due()
    server.start()
    become_due()
    send_due()
    assert states(*mails) == [State.TAKEN] * 3
    assert len(server.taken) == 3


def test_it_refuses_some_and_takes_the_others(server, failures):
    server.manners.replies = {
        "gone@yamada.example": "550 5.1.1 no such user",
        "full@yamada.example": "452 4.2.2 mailbox full",
    }
    gone, full, fine = (put(f"{name}@yamada.example") for name in ("gone", "full", "fine"))
    send_due()
    assert states(gone, full, fine) == [State.REFUSED, State.WAITING, State.TAKEN]
    assert failures == ["550 5.1.1 no such user"]
    assert Mail.objects.get(pk=full.pk).trouble == "452 4.2.2 mailbox full"
    server.manners.replies.clear()
    become_due()
    send_due()
    assert states(gone, full, fine) == [State.REFUSED, State.TAKEN, State.TAKEN]
    assert server.recipients == ["fine@yamada.example", "full@yamada.example"]


def test_one_that_asks_to_come_again_for_days_has_refused(server, failures):
    server.manners.replies = {"full@yamada.example": "452 4.2.2 mailbox full"}
    full = put("full@yamada.example", failing_since=timezone.now() - PATIENCE)
    send_due()
    assert states(full) == [State.REFUSED]
    assert failures == ["452 4.2.2 mailbox full"]


def test_after_days_without_a_server_it_may_still_ask_to_come_later(server, failures):
    server.manners.replies = {"grey@yamada.example": "451 4.7.1 greylisted"}
    grey = put("grey@yamada.example", created_at=timezone.now() - 2 * PATIENCE, tries=9)
    send_due()
    assert (states(grey), failures) == ([State.WAITING], [])


def test_a_sender_that_it_will_not_have_is_our_fault_and_all_wait(server, failures):
    server.manners.refuses_senders = True
    mails = [put(about=about) for about in range(2)]
    send_due()
    assert (states(*mails), failures) == ([State.WAITING] * 2, [])
    assert "553" in Mail.objects.latest("pk").trouble
    server.manners.refuses_senders = False
    become_due()
    send_due()
    assert states(*mails) == [State.TAKEN] * 2


def test_where_it_hangs_up_instead_of_answering_nobody_knows(server):
    server.manners.hangs_up = True
    unsure, following = put(about=1), put(about=2)
    send_due()
    assert states(unsure, following) == [State.INTERRUPTED] * 2
    become_due()
    send_due()
    assert len(server.taken) == 2, "nobody gets it twice by itself"


def test_where_it_never_answers_nobody_knows(server, settings):
    settings.EMAIL_TIMEOUT = 1
    server.manners.pause = 2
    mail = put()
    send_due()
    assert states(mail) == [State.INTERRUPTED]
    assert "timed out" in Mail.objects.get().trouble or "unexpectedly" in Mail.objects.get().trouble


def test_where_it_goes_before_it_was_given_the_content_it_is_tried_again(server, monkeypatch):
    put()
    server.manners.replies = {"hanako@yamada.example": "421 4.3.2 closing"}
    send_due()
    assert Mail.objects.get().state == State.WAITING
    server.manners.replies.clear()
    become_due()
    send_due()
    assert Mail.objects.get().state == State.TAKEN


def test_an_address_that_it_can_not_be_told_is_refused_and_stops_no_other(server):
    odd, fine = put(f"hanako@{'山' * 70}.example"), put()
    send_due()
    assert states(odd, fine) == [State.REFUSED, State.TAKEN]


@pytest.mark.thorough
def test_ten_seconds_slow_it_takes_all_and_other_work_has_its_turn(server, settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 30
    server.manners.pause = 10
    mails = [put(about=about) for about in range(4)]
    begun = time.monotonic()
    assert send_due() is True
    assert time.monotonic() - begun < 45
    assert states(*mails).count(State.TAKEN) in (2, 3)
    send_due()
    assert states(*mails) == [State.TAKEN] * 4


def test_longer_than_any_handing_over_takes_is_longer_than_a_silent_server(settings):
    assert delivery.LONGEST.total_seconds() >= 10 * settings.EMAIL_TIMEOUT
