"""What every test may use: a database of its own, people and an organisation."""

import gc
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import hypothesis
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import Client, override_settings

import portal.pdf
from contracts.models import Service
from portal.celery import app as celery_app
from portal.installation import mark
from portal.installation.mark.content import NAME, read_content
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from portal.organisations.roles import StaffRole
from portal.pdf.drawing import Drawing
from portal.storage import storage_at
from tests import bucket_server, logged, migrated, reference
from tests.billing_scene import load_service
from tests.mail_server import MailServer
from tests.properties import examples
from tests.signing_in import signed_in as sign_in
from tests.staffed import everybody_works_everywhere

PASSWORD = "correct horse battery"

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("portal", deadline=None, max_examples=examples(100))
hypothesis.settings.load_profile("portal")

LEFT_OUT = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without reference files, leave out the tests that read them; of those only that would have run."""
    if reference.FOLDER is not None:
        return
    left_out = [item for item in items if item.get_closest_marker("reference")]
    items[:] = [item for item in items if not item.get_closest_marker("reference")]
    config.stash[LEFT_OUT] = len(left_out)
    config.hook.pytest_deselected(items=left_out)


def pytest_sessionstart() -> None:
    logged.begin()


def pytest_collection_finish() -> None:
    """What was imported stays until the end: looking through it for garbage again and again takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def pytest_runtest_setup(item: pytest.Item) -> None:
    logged.READER.test = item.nodeid


def pytest_sessionfinish(session: pytest.Session) -> None:
    if logged.READER.found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    logged.tell(terminalreporter)
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{count} tests were left out: they read reference files, which PORTAL_REFERENCE=FOLDER names "
            f"({reference.SOURCES})"
        )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite, test in a file as in use: threads and processes then meet each other's locks."""
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        migrated.copy_to(name)
        database["TEST"]["NAME"] = str(name)
    else:
        database["TEST"]["NAME"] = f"test_{database['NAME']}"
        migrated.restore_to(_server(database), database["TEST"]["NAME"])


def _server(database: dict[str, Any]) -> str:
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    return f"postgres://{database['USER']}{password}@{database['HOST']}:{database['PORT']}"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The copy of a migrated database is taken as it is; it lies where nothing stays, or is made anew."""
    return True


@pytest.fixture(scope="session", autouse=True)
def tables_can_be_emptied() -> None:
    """Tests in real transactions empty the tables, the frozen ones too: lift what forbids it meanwhile."""
    # Of the class, as the tests in a browser have connections of their own.
    operations = type(connections["default"].ops)
    empty = operations.sql_flush

    def as_a_replica(self, style, tables, **options) -> list[str]:
        """PostgreSQL asks no triggers in a session that replays what was decided elsewhere."""
        emptied = empty(self, style, tables, **options)
        return ["SET LOCAL session_replication_role = replica", *emptied] if emptied else []

    def without_guards(self, style, tables, **options) -> list[str]:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = [(name, sql) for name, sql in cursor.fetchall() if "BEFORE DELETE" in sql]
        dropped = [f"DROP TRIGGER {name}" for name, _sql in guards]
        return [*dropped, *empty(self, style, tables, **options), *(sql for _name, sql in guards)]

    operations.sql_flush = without_guards if connections["default"].vendor == "sqlite" else as_a_replica


@pytest.fixture(scope="session", autouse=True)
def work_is_done_at_once() -> None:
    """Without a worker: tasks are carried out where they are told of."""
    celery_app.conf.task_always_eager = True


@pytest.fixture
def no_worker(monkeypatch) -> None:
    """Nobody is there who would send e-mails: they wait in the outbox until a test hands them over."""
    monkeypatch.setattr("portal.outbox.tasks.tell", lambda *about, **options: None)


@pytest.fixture(autouse=True)
def nothing_is_counted_yet() -> None:
    """Attempts and requests of one test are not those of another."""
    cache.clear()


@pytest.fixture(autouse=True)
def sessions_outlast_moved_clocks(settings) -> None:
    """Many tests move the clock by days while somebody is signed in."""
    forever = timedelta(days=10_000)
    settings.STAFF_IDLE = settings.CUSTOMER_IDLE = forever
    settings.STAFF_SESSION = settings.CUSTOMER_SESSION = forever


def usual_settings(media: Path) -> dict[str, Any]:
    """No slow password hashing, no collected static files, stored files in the given folder."""
    return {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "MEDIA_ROOT": media,
        "STORAGE_URL": "",
        "STORAGES": {
            "default": storage_at(""),
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    }


@pytest.fixture(autouse=True)
def settings_for_tests(request, settings, tmp_path) -> None:
    """The usual ones; the files of a scene that is made once are there, and none is left behind."""
    media = tmp_path / "media"
    made_before = settings.MEDIA_ROOT if "made_once" in request.fixturenames else None
    for name, value in usual_settings(media).items():
        setattr(settings, name, value)
    if made_before:
        shutil.copytree(made_before, media)
        _at_home_in(media)


@pytest.fixture(scope="module")
def made_once(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """What fixtures of a module store that ask for this is there in each of its tests, as it was first.

    For scenes that take long to make. They give keys, or what `scenes.again` reads anew: a test may change
    the objects. Not for tests that commit.
    """
    media = tmp_path_factory.mktemp("scene")
    usual = override_settings(**usual_settings(media))
    with django_db_blocker.unblock(), usual, _taken_back(), everybody_works_everywhere():
        yield


def _at_home_in(media: Path) -> None:
    """A mark that was copied says so, and holds the installation back."""
    if (copied := media / NAME).exists():
        identity, moves, _place = read_content(copied.read_bytes())
        mark.replace(identity, moves)


@contextmanager
def _taken_back() -> Iterator[None]:
    """A transaction around those of the tests, which would close the connection after themselves."""
    with transaction.atomic(), patch.object(connection, "close"):
        connection.atomic_blocks[-1]._from_testcase = True
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def staff_work_for_every_provider() -> Iterator[None]:
    """Unless a test says otherwise (`scenes.works_for`)."""
    with everybody_works_everywhere():
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_is_wrong_with_what_is_drawn() -> Iterator[None]:
    """WeasyPrint tells of faults in a page by its log only: here they fail the test that draws it."""
    log, refusing = logging.getLogger("weasyprint"), _Refusing(logging.ERROR)
    log.addHandler(refusing)
    yield
    log.removeHandler(refusing)


@pytest.fixture(scope="session", autouse=True)
def what_was_drawn_is_kept() -> Iterator[None]:
    """The same drawing gives the same bytes, and takes longer than most tests: scenes begin alike."""
    draw = portal.pdf._plainly
    kept = lru_cache(maxsize=500)(lambda page, files: draw(Drawing(*page, files)))

    def drawn(drawing: Drawing) -> bytes:
        page = (drawing.html, drawing.stylesheet, drawing.identifier, drawing.variant)
        return kept(page, tuple(drawing.files))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(portal.pdf, "_plainly", drawn)
        yield


class _Refusing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(record.getMessage())


@pytest.fixture
def make_user(db) -> Callable[..., User]:
    """Create somebody who has confirmed the e-mail address and signs in with PASSWORD."""

    def make(email: str, **fields) -> User:
        user = User.objects.create_user(email, PASSWORD, **fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    return make


@pytest.fixture
def user(make_user) -> User:
    """A customer's person, without an organisation."""
    return make_user("hanako@customer.example", display_name="山田 花子")


@pytest.fixture
def details() -> OrganisationDetails:
    return OrganisationDetails(
        name="株式会社みなと商事",
        kana="カブシキガイシャミナトショウジ",
        postal_code="105-0011",
        address="東京都港区芝公園4-2-8",
        phone="03-0000-0000",
        invoice_email="keiri@customer.example",
    )


@pytest.fixture
def organisation(user, details) -> Organisation:
    """The organisation of `user`."""
    return create_organisation(user, details)


@pytest.fixture
def make_staff(make_user) -> Callable[..., User]:
    """Create staff in the given roles, with a second factor unless told otherwise."""

    def make(email: str, *roles: StaffRole, second_factor: bool = True, **fields) -> User:
        staff = make_user(email, is_staff=True, **fields)
        staff.groups.set(Group.objects.filter(name__in=roles))
        if second_factor:
            TOTP.activate(staff, generate_totp_secret())
            RecoveryCodes.activate(staff)
        return staff

    return make


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A client that is signed in as the given person, with the second factor if they have one."""

    return sign_in


@pytest.fixture
def committing(monkeypatch) -> None:
    """Run what waits for the commit, which never comes inside a test's transaction, where that would come."""
    leave, on_commit = transaction.Atomic.__exit__, transaction.on_commit

    def in_no_operation() -> bool:
        return connection.atomic_blocks[-1]._from_testcase

    def leave_and_run(self, *reason: object) -> None:
        leave(self, *reason)
        if connection.atomic_blocks and in_no_operation():
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _savepoints, callback, _robust in waiting:
                callback()

    def wait_or_run(callback: Callable[[], Any], **options: Any) -> None:
        if in_no_operation():
            callback()
        else:
            on_commit(callback, **options)

    monkeypatch.setattr(transaction.Atomic, "__exit__", leave_and_run)
    monkeypatch.setattr(transaction, "on_commit", wait_or_run)


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """A mail server, to which all e-mails go."""
    running = MailServer()
    running.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    settings.EMAIL_TIMEOUT = 5
    yield running
    running.stop()


@pytest.fixture(scope="session")
def object_storage() -> Iterator[str]:
    """The address of an S3-compatible object storage."""
    with bucket_server.running() as address:
        yield address


@pytest.fixture
def bucket(object_storage, settings, monkeypatch) -> str:
    """Stored files lie in an empty bucket; gives the STORAGE_URL that names it, for other processes too."""
    for name, key in bucket_server.KEYS.items():
        monkeypatch.setenv(name, key)
    bucket_server.empty_bucket(object_storage)
    url = bucket_server.storage_url(object_storage)
    settings.STORAGE_URL = url
    settings.STORAGES = {**settings.STORAGES, "default": storage_at(url)}
    return url


@pytest.fixture
def progoffice(db) -> Service:
    """Formed by application; starts by activation notice."""
    return load_service("progoffice")


@pytest.fixture
def ct_e1(db) -> Service:
    """Formed by acceptance; starts on the first of the wanted month."""
    return load_service("ct-e1")


@pytest.fixture
def partner_cloud(db) -> Service:
    """Formed when the acceptance mail is sent; starts on the wanted date."""
    return load_service("partner-cloud-e")


@pytest.fixture
def simpleconnect(db) -> Service:
    """Formed by registration; charged from the first of the next month."""
    return load_service("simpleconnect")
