"""A backup is taken in the middle of a month's issuing and restored later: nothing goes out a second time.

With the database's own tools, as the documentation says, and with workers that are processes of their own.
"""

import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections

from billing.models import BillingRun, Invoice, InvoiceCounter
from billing.runs.states import approve
from portal.audit.verify import first_fault
from portal.installation.holding import Reason, reason_held
from portal.installation.mark import folder
from portal.outbox.models import Mail
from tests.faults.bill_and_die import CHUNK
from tests.faults.month_scene import CONTRACTS, ended, let_leases_run_out, sent, unsure_mails, work
from tests.faults.work_and_fail import HANDED_OVER
from tests.scenes import staff_member

Status = BillingRun.Status


def disconnect() -> None:
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()


def back_up(to: Path) -> None:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(database["NAME"])) as live, closing(sqlite3.connect(to)) as copy:
            live.backup(copy)
    else:
        subprocess.run(["pg_dump", "--format=custom", f"--file={to}", *reached()], check=True)


def restore(backup: Path) -> None:
    database = connection.settings_dict
    disconnect()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(backup)) as copy, closing(sqlite3.connect(database["NAME"])) as live:
            copy.backup(live)
    else:
        subprocess.run(
            ["pg_restore", "--clean", "--if-exists", "--single-transaction", *reached(), backup], check=True
        )


def reached() -> list[str]:
    database = connection.settings_dict
    return [
        f"--host={database['HOST']}",
        f"--port={database['PORT']}",
        f"--username={database['USER']}",
        f"--dbname={database['NAME']}",
    ]


@pytest.fixture
def lost(run, mail_folder, tmp_path) -> Callable[[], None]:
    """The month was issued to its end after the backup; calling it restores that.

    At the backup ten invoices were issued, of which eight had their e-mails handed over, one so that nobody
    knows.
    """
    assert ended(work(HANDED_OVER, 8)) == -signal.SIGKILL
    let_leases_run_out()
    backup = tmp_path / "backup"
    back_up(backup)
    assert ended(work()) == 0
    assert BillingRun.objects.get().status == Status.DONE
    assert len(sent(mail_folder)) == CONTRACTS
    return lambda: restore(backup)


def settle(*options: str) -> str:
    said = StringIO()
    call_command("after_restore", *options, stdout=said)
    return said.getvalue()


def test_nothing_goes_out_twice_and_after_a_look_it_goes_on(lost, mail_folder):
    lost()
    assert reason_held() == Reason.DATABASE_OLDER
    assert Invoice.objects.count() == 2 * CHUNK

    assert [ended(process) for process in [work(), work()]] == [0, 0]

    assert Invoice.objects.count() == 2 * CHUNK
    assert set(sent(mail_folder).values()) == {1}
    shown = settle()
    waiting = Mail.objects.waiting().count()
    assert waiting == 2
    assert f"請求書：{waiting}件" in shown
    assert f"CD-2026: {2 * CHUNK:06} / {CONTRACTS:06}" in shown

    settle("--settle")
    assert ended(work()) == 0
    assert len(sent(mail_folder)) == CONTRACTS
    assert unsure_mails() == waiting + 1
    found = BillingRun.objects.get()
    assert found.status == Status.PREVIEWED
    assert InvoiceCounter.objects.get().last == CONTRACTS

    approve(found, staff_member("manager"))
    assert ended(work()) == 0  # it gives something else than was approved, and asks again
    approve(BillingRun.objects.get(), staff_member("manager"))
    assert ended(work()) == 0
    assert Invoice.objects.count() == CONTRACTS
    assert InvoiceCounter.objects.get().last == CONTRACTS + 2
    assert set(sent(mail_folder).values()) == {1}
    assert first_fault() is None


def test_a_whole_night_s_backup_on_a_new_machine_is_recognised(lost, mail_folder, settings, tmp_path):
    """Database and files from the same backup; the files lack the mark, or bring a copy of it."""
    here = Path(settings.MEDIA_ROOT)
    lost()
    shutil.copytree(here, tmp_path / "new")
    settings.MEDIA_ROOT = tmp_path / "new"
    assert ended(work()) == 0
    folder.path().unlink()
    assert reason_held() == Reason.NO_MARK
    assert ended(work()) == 0

    assert Invoice.objects.count() == 2 * CHUNK
    assert set(sent(mail_folder).values()) == {1}


def test_the_same_backup_once_more_is_recognised_again(lost, mail_folder):
    lost()
    settle("--settle")
    assert ended(work()) == 0
    lost()
    assert reason_held() == Reason.DATABASE_OLDER
    assert ended(work()) == 0
    assert set(sent(mail_folder).values()) == {1}
