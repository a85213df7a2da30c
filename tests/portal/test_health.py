"""What staff and scripts are told when a part of the installation is gone."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from celery.beat import SchedulingError
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from billing import tasks
from portal.celery import app
from portal.installation import clock as clock_process
from portal.installation import health, mail_server, worker_signs
from portal.installation.clock import Clock
from portal.installation.health import troubles
from portal.installation.models import SignOfLife
from portal.installation.signs import alive, failing
from portal.organisations.roles import StaffRole

Part = SignOfLife.Part
WITHIN_TWO_MINUTES = timedelta(minutes=2)
EVERY = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def connection_stays(monkeypatch) -> None:
    """The processes' own connections end between signs; that of the test is its transaction."""
    for module in (clock_process, worker_signs):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)


@pytest.fixture
def clock(db) -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T01:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def all_live(clock) -> None:
    for part in Part:
        alive(part)


def pass_time(clock, *living: SignOfLife.Part, **failed: Exception) -> None:
    """Two minutes in which some parts show that they live, and of others it is noticed that they fail."""
    for _time in range(WITHIN_TWO_MINUTES // EVERY):
        clock.shift(EVERY)
        for part in living:
            alive(part)
        for part, trouble in failed.items():
            failing(Part(part), trouble)


def told() -> list[str]:
    return [trouble.text for trouble in troubles()]


def test_nothing_is_said_while_all_live(all_live, clock):
    pass_time(clock, *Part)
    assert told() == []


def test_within_two_minutes_it_is_said_that_the_clock_is_gone(all_live, clock):
    pass_time(clock, Part.WORKER, Part.BROKER, Part.MAIL)
    [trouble] = troubles()
    assert trouble.text.startswith("バックグラウンド処理の時計が2026-11-20 10:00から止まっています")
    assert trouble.command == "celery --app portal beat"


def test_within_two_minutes_it_is_said_that_no_worker_lives(all_live, clock):
    pass_time(clock, Part.CLOCK, Part.BROKER)
    [trouble] = troubles()
    assert trouble.text.startswith("2026-11-20 10:00からワーカーが応答していません")
    assert trouble.command == "celery --app portal worker"


def test_within_two_minutes_it_is_said_that_the_broker_is_gone(all_live, clock):
    pass_time(clock, Part.CLOCK, Part.WORKER, broker=ConnectionRefusedError("Connection refused"))
    [text] = told()
    assert text.startswith("2026-11-20 10:00からブローカーがメッセージを受け付けていない")
    assert "Connection refused" in text


def test_within_two_minutes_it_is_said_that_the_mail_server_is_gone(all_live, clock):
    pass_time(clock, Part.CLOCK, Part.WORKER, Part.BROKER, mail=TimeoutError("timed out"))
    [text] = told()
    assert text.startswith("2026-11-20 10:00からメールサーバーに接続できません")
    assert "timed out" in text


def test_everything_may_be_gone_at_once(all_live, clock):
    pass_time(clock)
    assert len(told()) == 2  # of the broker and the mail server nobody is there to know


def test_nothing_is_said_any_more_once_it_is_back(all_live, clock):
    pass_time(clock, Part.WORKER, broker=OSError(), mail=OSError())
    assert len(told()) == 3
    for part in Part:
        alive(part)
    assert told() == []


def test_of_several_clocks_one_that_reaches_the_broker_is_enough(all_live, clock):
    pass_time(clock, *Part)
    failing(Part.BROKER, OSError("from one machine"))
    assert told() == []


def test_a_failure_of_long_ago_is_not_news(clock):
    failing(Part.MAIL, OSError("once"))
    alive(Part.CLOCK)
    alive(Part.WORKER)
    assert len(told()) == 1
    pass_time(clock, Part.CLOCK, Part.WORKER)
    assert told() == []


@pytest.fixture
def not_eager(monkeypatch) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", False)


def test_nobody_cries_out_while_all_is_being_started(clock, not_eager):
    alive(Part.WORKER)
    clock.shift(timedelta(hours=12))  # overnight
    started_at = timezone.now()
    assert troubles(started_at) == []
    clock.shift(WITHIN_TWO_MINUTES)
    assert len(troubles(started_at)) == 2


def test_what_never_ran_is_said_too(clock, not_eager):
    assert [text.partition("は")[0] for text in told()] == ["バックグラウンド処理の時計", "ワーカー"]


def test_the_first_page_of_staff_says_it(all_live, clock, make_staff, signed_in, django_assert_num_queries):
    client = signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    assert 'role="alert"' not in client.get(reverse("admin:index")).content.decode()
    pass_time(clock, Part.WORKER, Part.BROKER)
    page = client.get(reverse("admin:index")).content.decode()
    assert "時計が2026-11-20 10:00から止まっています" in page
    assert "celery --app portal beat" in page
    with django_assert_num_queries(3):
        troubles()


@pytest.fixture(autouse=True)
def started_long_ago(monkeypatch) -> None:
    monkeypatch.setattr(
        health.apps.get_app_config("installation"), "started_at", timezone.now() - timedelta(days=400)
    )


def test_a_script_is_told_by_the_exit_code(all_live, clock):
    output = StringIO()
    call_command("status", stdout=output)
    assert "稼働しています" in output.getvalue()
    pass_time(clock, Part.WORKER, Part.BROKER)
    with pytest.raises(CommandError, match=r"止まっています.*celery --app portal beat"):
        call_command("status", stdout=output)


# The signs themselves.


def rung(monkeypatch, take) -> Clock:
    """A clock that has ticked once, `take` being where its messages go."""
    monkeypatch.setattr(tasks.look_for_work, "apply_async", take)
    schedule = {"look": {"task": "billing.tasks.look_for_work", "schedule": 30.0}}
    monkeypatch.setitem(app.conf, "beat_schedule", schedule)
    app.loader.import_default_modules()
    ticking = Clock(app)
    ticking.tick()
    return ticking


def test_the_clock_shows_that_it_lives_and_that_the_broker_takes_its_messages(db, monkeypatch):
    sent: list[object] = []
    rung(monkeypatch, lambda *args, **options: sent.append(args))
    assert len(sent) == 1
    assert set(SignOfLife.objects.values_list("part", flat=True)) == {Part.CLOCK, Part.BROKER}


def test_the_clock_lives_on_without_the_broker_and_says_so(db, monkeypatch):
    def refuse(*args: object, **options: object) -> None:
        raise ConnectionRefusedError("Connection refused")

    ticking = rung(monkeypatch, refuse)
    assert SignOfLife.objects.get(part=Part.CLOCK).at
    broker = SignOfLife.objects.get(part=Part.BROKER)
    assert (broker.at, broker.trouble) == (None, "ConnectionRefusedError: Connection refused")
    with pytest.raises(SchedulingError):
        ticking.apply_async(ticking.schedule["look"])


def test_the_clock_lives_on_without_the_database(db, monkeypatch):
    def away(*args: object, **options: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(SignOfLife.objects, "update_or_create", away)
    assert rung(monkeypatch, lambda *args, **options: None).tick() <= 15


def test_what_was_due_since_midnight_is_rung_for_when_the_clock_is_started(db, monkeypatch):
    with time_machine.travel("2026-11-20T05:00:00Z", tick=False):  # 14:00 in Japan
        starting = Clock(app)
        due = {name for name, entry in starting.schedule.items() if entry.is_due().is_due}
        assert "reminders of the day" in due
    with time_machine.travel("2026-11-19T20:00:00Z", tick=False):  # 5:00
        starting = Clock(app)
        assert not starting.schedule["reminders of the day"].is_due().is_due


def test_the_clock_needs_no_file(settings):
    assert app.conf.beat_scheduler == "portal.installation.clock:Clock"
    assert not any("beat" in path.name for path in settings.VAR_DIR.iterdir())


def go_on_once(signs: worker_signs.Signs, monkeypatch) -> bool:
    """Let a worker's thread go round once; says whether it signed."""
    SignOfLife.objects.filter(part=Part.WORKER).delete()
    rounds = iter([None])
    monkeypatch.setattr(worker_signs.time, "sleep", lambda seconds: next(rounds))
    with pytest.raises(StopIteration):
        signs.go_on()
    return SignOfLife.objects.filter(part=Part.WORKER).exists()


def test_a_worker_signs_when_it_is_given_work_and_goes_on_while_that_takes_long(all_live, monkeypatch):
    monkeypatch.setattr(worker_signs, "SIGN_EVERY", 0)
    SignOfLife.objects.filter(part=Part.WORKER).delete()
    signs = worker_signs.Signs()
    signs.begin_work()
    assert SignOfLife.objects.filter(part=Part.WORKER).exists()
    assert go_on_once(signs, monkeypatch)
    signs.end_work()
    assert not go_on_once(signs, monkeypatch), "idle, and somebody could ask"
    SignOfLife.objects.filter(part=Part.CLOCK).delete()
    assert go_on_once(signs, monkeypatch), "idle, and nobody is there to ask"


def test_an_idle_worker_speaks_of_itself_when_nobody_is_there_to_ask_it(all_live, clock):
    assert not worker_signs.nobody_asks()
    clock.shift(timedelta(seconds=60))
    alive(Part.CLOCK)
    assert worker_signs.nobody_asks(), "the broker is silent"
    alive(Part.BROKER)
    assert not worker_signs.nobody_asks()


class Server:
    """Stands in for a connection to the mail server."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble

    def __call__(self, *args: object, **options: object) -> "Server":
        if self.trouble:
            raise self.trouble
        return self

    def noop(self) -> None:
        """It answers."""

    def quit(self) -> None:
        """Good-bye."""


@pytest.fixture
def smtp(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def test_a_worker_looks_whether_the_mail_server_is_there(db, smtp, monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP", Server())
    mail_server.look_for_mail_server()
    assert SignOfLife.objects.get().at
    monkeypatch.setattr(smtplib, "SMTP", Server(ConnectionRefusedError("Connection refused")))
    mail_server.look_for_mail_server()
    assert SignOfLife.objects.get().trouble == "ConnectionRefusedError: Connection refused"


def test_nobody_looks_for_a_mail_server_where_there_is_none(db):
    mail_server.look_for_mail_server()
    assert not SignOfLife.objects.exists()


@pytest.mark.parametrize(
    ("trouble", "is_noted"),
    [
        (ConnectionRefusedError("refused"), True),
        (smtplib.SMTPServerDisconnected("gone"), True),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), True),
        (smtplib.SMTPRecipientsRefused({"a@customer.example": (550, b"unknown")}), False),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (FileNotFoundError("a PDF"), False),
    ],
)
def test_sending_that_fails_for_the_server_is_noted_and_a_refused_message_is_not(db, trouble, is_noted):
    with pytest.raises(type(trouble)), mail_server.noting_trouble():
        raise trouble
    assert SignOfLife.objects.filter(part=Part.MAIL).exists() == is_noted


def test_a_page_that_can_not_tell_the_broker_notes_it(db, monkeypatch):
    def refuse(*args: object, **options: object) -> None:
        raise ConnectionRefusedError("Connection refused")

    monkeypatch.setattr(tasks.draw_documents, "apply_async", refuse)
    tasks.tell(tasks.draw_documents)
    assert SignOfLife.objects.get(part=Part.BROKER).trouble == "ConnectionRefusedError: Connection refused"
