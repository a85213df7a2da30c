"""An installation: its secret key, its checks, its scripts."""

import os
import stat
import subprocess
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


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["scripts/with_postgres.sh"], "usage:"),
        (["scripts/with_broker.sh"], "usage:"),
        (["scripts/bootstrap.sh", "nonsense"], "usage:"),
    ],
)
def test_a_script_called_wrongly_says_how_to_call_it(command, says):
    called = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert called.returncode == 2
    assert says in called.stderr


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
