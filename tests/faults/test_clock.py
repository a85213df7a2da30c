"""The real clock and a real worker, as service managers start them; one is killed, or the broker gone.

Nobody waits for two minutes: what was known of the parts is forgotten, and who lives shows it anew.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.installation import health
from portal.installation.models import Installation, SignOfLife
from tests.faults.month_scene import environment, kill_group
from tests.faults.waiting import PATIENCE, wait_for

Part = SignOfLife.Part
CELERY = [sys.executable, "-m", "celery", "--app", "portal", "--quiet"]
CLOCK = [*CELERY, "beat", "--loglevel", "WARNING"]
WORKER = [*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "1"]
KEEP = [str(settings.BASE_DIR / "scripts" / "keep_running.sh")]

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(transactional_db) -> Iterator[Start]:
    """Starts processes of the installation, and kills in the end what is left of them."""
    Path(settings.MEDIA_ROOT).mkdir()
    started: list[subprocess.Popen[bytes]] = []

    def begin(command: list[str], **more: str) -> subprocess.Popen[bytes]:
        own = {"cwd": settings.BASE_DIR, "env": environment() | more, "start_new_session": True}
        started.append(subprocess.Popen(command, **own, stderr=subprocess.DEVNULL))
        return started[-1]

    yield begin
    for process in started:
        kill_group(process)


def seen(part: SignOfLife.Part) -> Callable[[], bool]:
    return SignOfLife.objects.filter(part=part, at__isnull=False).exists


def forget_signs() -> None:
    """From here on only who still lives will be known."""
    SignOfLife.objects.all().delete()


def to_be_started() -> list[str]:
    return [trouble.command for trouble in health.troubles()]


def test_clock_worker_and_broker_show_that_they_live(start):
    start(CLOCK)
    start(WORKER)
    for part in (Part.CLOCK, Part.BROKER, Part.WORKER):
        wait_for(seen(part))
    wait_for(Installation.objects.filter(moves__gt=0).exists)
    assert to_be_started() == []


def test_a_killed_clock_is_told_apart_from_the_worker_that_lives_on(start, monkeypatch):
    clock, _worker = start(CLOCK), start(WORKER)
    wait_for(seen(Part.CLOCK))
    wait_for(seen(Part.WORKER))
    kill_group(clock)
    forget_signs()
    # Nobody asks the worker any more; so it speaks of itself.
    wait_for(seen(Part.WORKER))
    assert not seen(Part.CLOCK)()
    monkeypatch.setitem(health.current_app.conf, "task_always_eager", False)
    assert to_be_started() == ["celery --app portal beat"]


def process_of(part: SignOfLife.Part) -> int:
    return int(SignOfLife.objects.get(part=part).seen_by.rpartition(":")[2])


def test_a_killed_clock_is_started_anew(start):
    keeper = start([*KEEP, *CLOCK])
    wait_for(seen(Part.CLOCK))
    first = process_of(Part.CLOCK)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: process_of(Part.CLOCK) != first)
    second = process_of(Part.CLOCK)

    keeper.terminate()
    assert keeper.wait(PATIENCE) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_a_clock_without_broker_lives_and_says_that_the_broker_is_gone(start):
    start(CLOCK, BROKER_URL="amqp://guest:guest@127.0.0.1:1//")
    wait_for(SignOfLife.objects.filter(part=Part.BROKER, failed_at__isnull=False).exists)
    wait_for(seen(Part.CLOCK))
    [trouble] = health.troubles()
    assert "ブローカー" in trouble.text
    assert "refused" in trouble.text


def test_the_clock_writes_no_file(start, tmp_path):
    """A full or read-only folder can't stop it."""
    start(CLOCK)
    wait_for(seen(Part.BROKER))
    own = {path.name for path in tmp_path.iterdir()}
    assert own <= {"media", "queue", "secret_key", "staticfiles"}
