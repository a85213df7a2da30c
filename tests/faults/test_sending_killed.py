"""A notice whose sending is killed, wherever it is, and started again; and two that send at once."""

import email
import signal
from collections import Counter
from pathlib import Path

import pytest

from contracts.models import Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from portal.organisations.models import Membership, User
from tests import scenes
from tests.billing_scene import load_service
from tests.faults import send_and_die
from tests.faults.month_scene import ended, start
from tests.faults.send_and_die import AFTER_CLAIM, AFTER_HANDING_OVER, BEFORE_CHUNK

MEMBERS = 11
STATES = NoticeDelivery.State


@pytest.fixture
def notice(transactional_db) -> Notice:
    """Sent to an organisation with eleven members; their e-mails wait."""
    service = load_service("ct-e1")
    scenes.running(service, {"line": 2}, scenes.yamada())
    for place in range(MEMBERS - 1):
        person = User.objects.create_user(f"member{place}@yamada.example", None)
        Membership.objects.create(user=person, organisation=scenes.yamada(), role="member")
    staff = scenes.staff_member()
    draft = Notice(
        service=service,
        purpose="maintenance",
        effective_on=scenes.day("2026-12-01"),
        subject="保守",
        body="保守を行います。",
    )
    return send_notice(draft_notice(draft, staff), staff, scenes.at("2026-11-20"))


@pytest.fixture(autouse=True)
def mail_folder(monkeypatch, tmp_path) -> Path:
    """Where the processes write their e-mails."""
    folder = tmp_path / "mails"
    folder.mkdir()
    monkeypatch.setenv("EMAIL_URL", f"filemail:///{folder}")
    return folder


def send(notice: Notice, point: str = BEFORE_CHUNK, nth: int = 0):
    return start("-m", send_and_die.__name__, point, str(nth), str(notice.pk))


def recipients(folder: Path) -> Counter[str]:
    """To whom e-mails went, and how many."""
    texts = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    messages = [message for message in texts.split("-" * 79 + "\n") if message.strip()]
    return Counter(email.message_from_string(message)["To"] for message in messages)


def states(notice: Notice) -> Counter[str]:
    mails = notice.deliveries.filter(channel=NoticeDelivery.Channel.EMAIL)
    return Counter(found.state for found in mails)


@pytest.mark.parametrize(
    ("point", "nth", "out", "unsure"),
    [(AFTER_CLAIM, 5, 4, 1), (AFTER_HANDING_OVER, 5, 5, 1), (BEFORE_CHUNK, 3, 6, 0)],
)
def test_killed_and_started_again_sends_nobody_twice(notice, mail_folder, point, nth, out, unsure):
    assert ended(send(notice, point, nth)) == -signal.SIGKILL
    assert sum(recipients(mail_folder).values()) == out
    assert states(notice)[STATES.INTERRUPTED] == unsure

    assert ended(send(notice)) == 0

    told = recipients(mail_folder)
    assert set(told.values()) == {1}
    assert states(notice) == Counter({STATES.ACCEPTED: MEMBERS - unsure, STATES.INTERRUPTED: unsure})
    assert len(told) == MEMBERS - (out == 4)


def test_two_that_send_at_once_share_the_work(notice, mail_folder):
    first, second = send(notice), send(notice)
    assert (ended(first), ended(second)) == (0, 0)
    assert recipients(mail_folder) == Counter(dict.fromkeys(addresses(notice), 1))
    assert states(notice) == Counter({STATES.ACCEPTED: MEMBERS})


def addresses(notice: Notice) -> list[str]:
    return list(notice.deliveries.filter(channel="email").values_list("address", flat=True))


def test_the_command_goes_on_where_it_stopped(notice, mail_folder):
    ended(send(notice, BEFORE_CHUNK, 2))
    assert ended(start("manage.py", "send_notices")) == 0
    assert recipients(mail_folder) == Counter(dict.fromkeys(addresses(notice), 1))
