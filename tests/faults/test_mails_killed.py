"""A worker that is killed while it sends, wherever it is; and two that send at once."""

import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from django.utils import timezone

from portal.outbox.delivery import LONGEST
from portal.outbox.models import Mail
from tests.faults import mail_and_die
from tests.faults.mail_and_die import (
    AFTER_CLAIM,
    AFTER_HANDING_OVER,
    AFTER_STORING,
    BEFORE_CLAIM,
    BEFORE_COMMIT,
    WITH_THE_CONTENT,
)
from tests.faults.month_scene import ended, start
from tests.mail_server import MailServer
from tests.outbox_scene import know, note, put

MAILS = 6
State = Mail.State


@pytest.fixture
def server(monkeypatch) -> Iterator[MailServer]:
    running = MailServer()
    running.start()
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{running.port}")
    yield running
    running.stop()


@pytest.fixture
def mails(transactional_db, server, no_worker) -> list[str]:
    """The addresses of e-mails that are due."""
    know(note())
    return [put(f"member{place}@yamada.example").address for place in range(MAILS)]


def send(point: str = BEFORE_CLAIM, nth: int = 0):
    return start("-m", mail_and_die.__name__, point, str(nth))


def let_time_pass() -> None:
    """As if no process had been heard of for longer than any takes."""
    for mail in Mail.objects.in_state(State.SENDING):
        Mail.objects.filter(pk=mail.pk).update(claimed_at=timezone.now() - 2 * LONGEST)


@pytest.mark.parametrize(
    ("point", "out", "unsure"),
    [
        (BEFORE_CLAIM, 2, 0),
        (AFTER_CLAIM, 2, 1),
        (WITH_THE_CONTENT, 2, 1),
        (AFTER_HANDING_OVER, 3, 1),
        (AFTER_STORING, 3, 0),
    ],
)
def test_killed_and_started_again_it_sends_nobody_twice(mails, server, point, out, unsure):
    assert ended(send(point, 3)) == -signal.SIGKILL
    assert len(server.taken) == out

    let_time_pass()
    assert ended(send()) == 0

    told = Counter(server.recipients)
    assert set(told.values()) == {1}
    assert Counter(mail.state for mail in Mail.objects.all()) == Counter(
        {State.TAKEN: MAILS - unsure, State.INTERRUPTED: unsure}
    )
    assert len(told) == MAILS - (unsure and out == 2)


def test_killed_before_what_follows_is_stored_nothing_of_it_is(mails, server):
    assert ended(send(BEFORE_COMMIT, 1)) == -signal.SIGKILL
    assert len(server.taken) == 1
    assert Mail.objects.filter(taken_at__isnull=False).count() == 0
    assert Mail.objects.in_state(State.SENDING).count() == 1


def test_two_that_send_at_once_share_the_work(mails, server):
    first, second = send(), send()
    assert (ended(first), ended(second)) == (0, 0)
    assert Counter(server.recipients) == Counter(mails)
    assert Mail.objects.in_state(State.TAKEN).count() == MAILS
