"""An installation: its secret key, its checks, its scripts."""

import os
import shutil
import signal
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import kombu
import pytest
from django.urls import reverse

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
    assert "No static files are in" in refused.stderr
    assert not (tmp_path / "secret_key").exists()

    complete = bare | {
        "SECRET_KEY": "5c0de2f7a1b94e6d8037b2c4f6e8a0d13579bdf02468ace0fedc",
        "ALLOWED_HOSTS": "portal.example",
        "EMAIL_URL": "smtp+tls://portal:secret@mail.example:587",
        "DEFAULT_FROM_EMAIL": "portal@portal.example",
        "PORTAL_URL": "https://portal.example",
    }
    collected = tmp_path / "staticfiles" / "staticfiles.json"
    collected.parent.mkdir()
    collected.write_text("{}")
    accepted = subprocess.run(check, cwd=ROOT, env=complete, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr


@pytest.fixture
def in_production(settings):
    """As an installation for customers is set that lacks nothing."""
    settings.PRODUCTION, settings.DEBUG = True, False
    settings.SECRET_KEY = "5c0de2f7a1b94e6d8037b2c4f6e8a0d13579bdf02468ace0fedc"
    settings.ALLOWED_HOSTS, settings.PORTAL_URL = ["portal.example"], "https://portal.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "mail.example", True
    settings.DEFAULT_FROM_EMAIL = "portal@portal.example"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
    settings.STAFF_IDLE = settings.CUSTOMER_IDLE = timedelta(minutes=30)
    return settings


def named() -> set[str]:
    """What the checks say, but of SQLite, on which tests run."""
    return {message.id for message in production_is_configured(None)} - {"portal.W002"}


def test_a_well_set_production_is_left_alone(in_production):
    assert named() == set()


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("SECRET_KEY", "5c0de2f7a1b94e6d8037b2c4f6e8a0d13579bdf", "portal.E001"),
        ("SECRET_KEY", "x" * 60, "portal.E001"),
        ("SECRET_KEY_FALLBACKS", ["short"], "portal.E001"),
        ("ALLOWED_HOSTS", ["*"], "portal.E002"),
        ("ALLOWED_HOSTS", [".portal.example", "*.example"], "portal.E002"),
        ("ALLOWED_HOSTS", [], "portal.E002"),
        ("DEBUG", True, "portal.E003"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "portal.E004"),
        ("EMAIL_USE_TLS", False, "portal.W007"),
        ("DEFAULT_FROM_EMAIL", "portal@localhost", "portal.E005"),
        ("PORTAL_URL", "http://portal.example", "portal.E006"),
        ("PORTAL_URL", "https://localhost", "portal.E006"),
        ("PORTAL_URL", "https://elsewhere.example", "portal.E006"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}, "portal.E009"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "portal.W001"),
        ("STAFF_IDLE", timedelta(minutes=1), "portal.E010"),
        ("STAFF_IDLE", timedelta(days=1), "portal.W008"),
    ],
)
def test_a_weak_setting_is_named(in_production, setting, value, told):
    setattr(in_production, setting, value)
    assert named() == {told}


def test_several_processes_need_a_cache_that_they_share(in_production, monkeypatch):
    in_production.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    assert named() == {"portal.E009"}


def test_cookies_of_production_are_bound_to_host_and_https(tmp_path):
    program = (
        "from portal import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE)"
    )
    production = {"PATH": os.environ["PATH"], "PORTAL_ENV": "production", "PORTAL_VAR": str(tmp_path)}
    printed = subprocess.run(
        [ROOT / ".venv/bin/python", "-c", program],
        cwd=ROOT,
        env=production,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.split() == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-django_language",
        "True",
        "True",
        "True",
    ]


def test_no_script_reads_a_cookie_and_no_other_site_sends_one(client, db, settings):
    settings.LANGUAGE_COOKIE_SECURE = True
    client.get(reverse("account_login"))
    client.post(reverse("set_language"), {"language": "en"})
    set_there = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    assert set_there <= set(client.cookies)
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            "Lax",
            "/",
            "",
        )
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME]["secure"]


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
