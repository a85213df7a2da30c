"""An installation: its secret key, its checks, its scripts."""

import os
import shutil
import signal
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kombu
import pytest

from portal import secret_key
from portal.checks import production_is_configured

ROOT = Path(__file__).resolve().parents[2]


def test_the_secret_key_is_made_once_and_read_by_its_owner_only(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: secret_key.read_or_create(tmp_path / "key"), range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_development_needs_nothing():
    assert production_is_configured(None) == []


def test_production_names_all_that_is_missing(tmp_path):
    """In a process of its own, as the settings read the environment once."""
    bare = {"PATH": os.environ["PATH"], "PORTAL_ENV": "production", "PORTAL_VAR": str(tmp_path)}
    check = [ROOT / ".venv/bin/python", "manage.py", "check"]
    refused = subprocess.run(check, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    for missing in (
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
        "PORTAL_URL",
        "CACHE_URL",
    ):
        assert f"{missing} is not set" in refused.stderr
    assert not (tmp_path / "secret_key").exists()

    complete = bare | {
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "portal.example",
        "EMAIL_URL": "smtp+tls://portal:secret@mail.example:587",
        "DEFAULT_FROM_EMAIL": "portal@portal.example",
        "PORTAL_URL": "https://portal.example",
    }
    accepted = subprocess.run(check, cwd=ROOT, env=complete, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr


def test_a_bounce_address_that_is_no_address_is_named(settings):
    settings.PRODUCTION, settings.BOUNCE_ADDRESS = True, "bounces"
    assert "portal.E007" in {message.id for message in production_is_configured(None)}
    settings.BOUNCE_ADDRESS = "bounces@portal.example"
    assert "portal.E007" not in {message.id for message in production_is_configured(None)}


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["scripts/with_postgres.sh"], "usage:"),
        (["scripts/with_broker.sh"], "usage:"),
        (["scripts/bootstrap.sh", "nonsense"], "usage:"),
        (["scripts/soak.sh", "long"], "usage:"),
        (["scripts/keep_running.sh"], "usage:"),
    ],
)
def test_a_script_called_wrongly_says_how_to_call_it(command, says):
    called = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert called.returncode == 2
    assert says in called.stderr


def test_a_linked_venv_that_does_not_work_is_left_alone(tmp_path):
    shared, here, programs = (tmp_path / name for name in ("shared", "here", "programs"))
    for folder in (shared, here / "scripts", programs):
        folder.mkdir(parents=True)
    (shared / "somebody's work").write_text("kept")
    (here / ".venv").symlink_to(shared)
    shutil.copy(ROOT / "scripts/bootstrap.sh", here / "scripts")
    (programs / "dpkg-query").write_text("#!/bin/sh\necho installed\n")  # nothing is to be installed
    (programs / "dpkg-query").chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    command = [here / "scripts/bootstrap.sh", "run"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert f".venv is a link to {shared}" in ran.stderr
    assert "rm .venv" in ran.stderr
    assert [path.name for path in shared.iterdir()] == ["somebody's work"]
    assert (here / ".venv").is_symlink()


def test_what_ends_is_started_anew_until_both_are_told_to_end(tmp_path):
    begun = tmp_path / "begun"
    program = f"echo $$ >>'{begun}'; exec sleep 1000"
    keeper = subprocess.Popen([ROOT / "scripts/keep_running.sh", "sh", "-c", program])

    def process(number: int) -> int:
        deadline = time.monotonic() + 60
        while not begun.exists() or begun.read_text().count("\n") < number:
            assert time.monotonic() < deadline, "it was not started"
            time.sleep(0.05)
        return int(begun.read_text().split()[number - 1])

    try:
        os.kill(process(1), signal.SIGKILL)
        second = process(2)
        keeper.terminate()
        assert keeper.wait(60) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)
    finally:
        keeper.kill()


def with_server(script: str, program: str, folder: Path) -> str:
    """What a program prints that has a server of its own, whose files lie in a folder; it exits with 7."""
    for above in (folder.parent.parent, folder.parent, folder):
        above.chmod(0o755)
    command = [script, ROOT / ".venv/bin/python", "-c", program]
    environment = os.environ | {"TMPDIR": str(folder)}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 7, ran.stderr
    return ran.stdout


def test_a_command_gets_a_postgresql_that_is_gone_afterwards(tmp_path):
    program = (
        "import os, sys, psycopg;"
        "url = os.environ['DATABASE_URL'];"
        "print(url, psycopg.connect(url).execute('SHOW listen_addresses').fetchone()[0]);"
        "sys.exit(7)"
    )
    url, addresses = with_server("scripts/with_postgres.sh", program, tmp_path).split()
    assert url.startswith("postgres://portal@127.0.0.1:")
    assert addresses == "127.0.0.1"
    assert list(tmp_path.iterdir()) == []


def test_a_command_gets_a_broker_that_is_gone_afterwards(tmp_path):
    program = (
        "import os, sys, kombu;"
        "url = os.environ['BROKER_URL'];"
        "queue = kombu.Connection(url).SimpleQueue('told');"
        "queue.put('something'); print(url, queue.get(timeout=120).payload);"
        "sys.exit(7)"
    )
    url, told = with_server("scripts/with_broker.sh", program, tmp_path).split()
    assert told == "something"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(kombu.exceptions.OperationalError):
        kombu.Connection(url).ensure_connection(max_retries=1, timeout=5)
