"""A month to bill with workers; and tests marked `production` say what they need where it is missing."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from billing.models import BillingRun
from billing.runs.states import approve
from portal.organisations.models import User
from tests.billing_scene import load_priced_service, make_contracts, submitted_run
from tests.faults import worker
from tests.faults.bill_and_die import ANSWERABLE
from tests.faults.month_scene import CONTRACTS, environment, kill_group
from tests.scenes import staff_member

NEEDED = ("DATABASE_URL", "POSTGRES_CONTROL", "BROKER_URL")
START = 'scripts/with_postgres.sh scripts/with_broker.sh .venv/bin/pytest -m "not browser" tests/faults'

Start = Callable[..., subprocess.Popen[bytes]]


def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = [name for name in NEEDED if name not in os.environ]
    if item.get_closest_marker("production") and missing:
        pytest.fail(
            f"{', '.join(missing)} not set: this test needs PostgreSQL and RabbitMQ. Run it by: {START}",
            pytrace=False,
        )


@pytest.fixture
def scene(transactional_db, organisation, user):
    User.objects.create_superuser(ANSWERABLE)
    service = load_priced_service("ct-e1")
    return make_contracts(
        service, organisation, user, [f"C26-{place:06}" for place in range(1, CONTRACTS + 1)]
    )


@pytest.fixture
def mail_folder(monkeypatch, settings, tmp_path) -> Path:
    """Where the processes, and this one, write their e-mails."""
    folder = tmp_path / "mails"
    folder.mkdir()
    monkeypatch.setenv("EMAIL_URL", f"filemail:///{folder}")
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder)
    return folder


@pytest.fixture
def run(scene, mail_folder) -> BillingRun:
    """Of twelve contracts, approved; nobody has begun to issue it."""
    return approve(submitted_run(scene[0].service, staff_member("billing")), staff_member("manager"))


@pytest.fixture
def start_worker() -> Iterator[Start]:
    """Starts workers, slow ones if told, and kills in the end what is left of them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*pauses: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", worker.__name__, *pauses]
        own = {"cwd": django_settings.BASE_DIR, "env": environment(), "start_new_session": True}
        started.append(subprocess.Popen(command, **own, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        kill_group(process)
