"""The mark that tells a restored installation, and what is held back until somebody has looked."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from billing import tasks
from billing.models import BillingChunk, BillingRun, Invoice
from billing.runs.bill import bill
from billing.runs.states import approve, begin, submit
from billing.runs.work import advance_run, finish_chunk
from contracts import tasks as contract_tasks
from contracts.inbox.daily import run_day
from contracts.models import Application, Notice
from contracts.notices.send import send_notice
from portal.installation import holding, mark
from portal.installation.holding import HeldBackError, Reason, begin_anew, going_out, move_on, reason_held
from portal.installation.mark import folder
from portal.installation.models import Installation
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from portal.outbox.tasks import send_mails
from portal.outbox.worker import send_due, send_these
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contracts, submitted_run
from tests.conftest import PASSWORD
from tests.scenes import staff_member


def put_back(moves: int) -> None:
    """As if a backup of the database had been restored that was taken after so many moves."""
    Installation.objects.update(moves=moves)


@pytest.fixture
def moved(db) -> Path:
    """An installation from which something has gone out three times; gives its mark."""
    for _time in range(3):
        move_on()
    return folder.path()


@pytest.fixture
def held(moved) -> None:
    put_back(2)


# Telling a restore.


def test_a_new_installation_makes_its_mark_and_goes_on(db, settings):
    assert reason_held() is None
    assert not Path(settings.MEDIA_ROOT).exists(), "looking makes nothing"
    move_on()
    assert (Installation.objects.get().moves, mark.read().moves) == (1, 1)
    assert folder.path().stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.path().parent.iterdir()] == [".installation"]
    assert reason_held() is None


def test_an_older_database_is_held_back(moved):
    put_back(2)
    assert reason_held() == Reason.DATABASE_OLDER
    with pytest.raises(HeldBackError, match="after_restore"), going_out():
        pytest.fail("nothing may go out")
    assert Installation.objects.get().moves == 2


def test_a_database_without_the_files_is_held_back(moved, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "new machine"
    assert reason_held() == Reason.NO_MARK
    with pytest.raises(HeldBackError):
        move_on()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_files_of_another_installation_are_held_back(moved):
    Installation.objects.update(identity="another")
    assert reason_held() == Reason.FOREIGN


def test_a_new_database_beside_the_files_of_an_old_one_is_held_back(moved):
    Installation.objects.all().delete()
    assert reason_held() == Reason.FOREIGN
    with pytest.raises(HeldBackError):
        move_on()


def test_database_and_files_put_back_together_are_held_back(moved):
    """Both from the night's backup: the mark agrees with the database, but is a copy."""
    backup = moved.parent.with_name("backup")
    shutil.copytree(moved.parent, backup)
    shutil.rmtree(moved.parent)
    shutil.copytree(backup, moved.parent)
    assert reason_held() == Reason.COPIED


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"identity": "x"}'])
def test_a_mark_that_nobody_can_read_is_held_back(moved, content):
    moved.write_bytes(content)
    assert reason_held() == Reason.FOREIGN


def test_a_folder_that_nobody_can_read_is_held_back(moved):
    moved.unlink()
    moved.mkdir()
    assert reason_held() == Reason.UNREADABLE
    with pytest.raises(HeldBackError):
        move_on()


# What is no restore.


def test_a_crash_between_the_database_and_the_mark_is_none(moved, monkeypatch):
    with monkeypatch.context() as crash, pytest.raises(KeyboardInterrupt):
        crash.setattr(folder.FileMark, "move", lambda *about: (_ for _ in ()).throw(KeyboardInterrupt))
        move_on()
    assert (Installation.objects.get().moves, mark.read().moves) == (4, 3)
    assert reason_held() is None
    move_on()
    assert mark.read().moves == 5


def test_a_crash_before_the_first_mark_is_none(db):
    Installation.objects.create(pk=1)
    move_on()
    assert mark.read().moves == 1


def test_what_was_rolled_back_is_none(moved):
    with pytest.raises(ZeroDivisionError), going_out():
        raise ZeroDivisionError
    assert (Installation.objects.get().moves, mark.read().moves) == (3, 3)


def test_who_is_late_with_the_mark_does_not_put_it_back(moved):
    with mark.find() as early, mark.find() as late:
        late.move(9)
        early.move(8)
    assert mark.read().moves == 9


def test_nothing_goes_out_within_a_transaction_that_may_still_fail(transactional_db):
    with transaction.atomic(), pytest.raises(RuntimeError):
        move_on()


def test_the_first_mark_made_by_another_in_this_moment_is_none(db, monkeypatch):
    """It was not there when it was looked for, and the row had moved when that was looked at."""
    move_on()
    looked, find = [], mark.find

    def not_at_first() -> mark.OpenMark | None:
        looked.append(True)
        return find() if len(looked) > 1 else None

    for looks in (reason_held, move_on):
        looked.clear()
        with monkeypatch.context() as patched:
            patched.setattr(mark, "find", not_at_first)
            assert looks() is None


MANY = """
import django; django.setup()
from portal.installation.holding import move_on, reason_held
for _time in range(40):
    move_on()
    assert reason_held() is None
"""


def test_several_processes_at_once_are_none(transactional_db, settings):
    """From the first mark on; on SQLite and PostgreSQL."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PORTAL_VAR": str(Path(settings.MEDIA_ROOT).parent),
        "PORTAL_MEDIA": str(settings.MEDIA_ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }

    def process(_number: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", MANY]
        return subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )

    with ThreadPoolExecutor(3) as pool:
        for ran in pool.map(process, range(3)):
            assert ran.returncode == 0, ran.stderr
    assert (Installation.objects.get().moves, mark.read().moves) == (120, 120)


def test_files_older_than_the_database_hold_nothing_back_and_are_told_of(moved):
    put_back(1000)
    move_on()
    assert holding.state() == holding.State(None, files_behind=True)
    assert mark.read().moves == 1001
    with pytest.raises(CommandError, match="ファイルが欠けている可能性"):
        call_command("status")


def test_beginning_anew_lets_everything_go_on_and_still_knows_older_backups(
    held, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        begin_anew()
    assert reason_held() is None
    put_back(3)  # what was lost, restored after all
    assert reason_held() == Reason.DATABASE_OLDER


def test_the_mark_says_what_it_is_in_words_that_people_can_read(moved):
    said = json.loads(moved.read_bytes())
    assert said["identity"] == Installation.objects.get().identity
    assert said["moves"] == 3
    assert said["place"].partition(".")[0] == str(moved.stat().st_ino)


# What is held back.


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def accountant(make_staff):
    return make_staff("keiri@provider.example", StaffRole.BILLING)


@pytest.fixture
def run(service, organisation, user, accountant) -> BillingRun:
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    return submitted_run(service, accountant)


def test_nothing_is_billed_while_held_back(run, accountant, held):
    for billed in (
        lambda: begin(run.provider, OCTOBER, ISSUE_DAY, accountant),
        lambda: submit(run, accountant),
        lambda: approve(run, staff_member("manager")),
        lambda: bill(run.provider, OCTOBER, ISSUE_DAY),
        lambda: advance_run(run.pk, "me", lambda chunk: None),
    ):
        with pytest.raises(HeldBackError):
            billed()
    with pytest.raises(CommandError, match="after_restore") as refused:
        call_command("bill", "2026-10")
    assert refused.value.returncode == 2
    run.refresh_from_db()
    assert run.status == BillingRun.Status.PREVIEWED
    assert Invoice.objects.count() == 0


def test_each_chunk_and_each_of_its_e_mails_moves_the_installation_on(run):
    """So that a backup taken between any two of them is known to be older than the second."""
    approve(run, staff_member("manager"))
    advance_run(run.pk, "me", lambda chunk: None)
    assert mark.read().moves == 2  # the chunk, and a look at what follows it
    finish_chunk(BillingChunk.objects.get().pk, "me")
    assert mark.read().moves == Installation.objects.get().moves == 4
    assert len(mail.outbox) == 2


def test_e_mails_of_invoices_wait_while_held_back(run, moved):
    approve(run, staff_member("manager"))
    advance_run(run.pk, "me", lambda chunk: None)
    mail.outbox.clear()
    put_back(1)
    with pytest.raises(HeldBackError):
        finish_chunk(BillingChunk.objects.get().pk, "me")
    assert Mail.objects.waiting().count() == 2
    assert Invoice.objects.filter(pdf="").count() == 2
    assert mail.outbox == []


def test_workers_leave_everything_alone_while_held_back(run, moved, caplog):
    approve(run, staff_member("manager"))
    put_back(1)
    tasks.look_for_work()
    tasks.take_up(run.pk)
    tasks.draw_documents()
    send_mails()
    contract_tasks.run_today()
    run.refresh_from_db()
    assert (run.status, run.trouble) == (BillingRun.Status.APPROVED, "")
    assert mail.outbox == []
    assert "look_for_work waits: database_older" in caplog.text


def test_no_notice_reminder_or_letter_goes_out_while_held_back(held, service, accountant):
    for sent in (
        lambda: send_due(),
        lambda: send_these(Mail.objects.all()),
        lambda: send_notice(Notice(), accountant, timezone.now()),
        lambda: run_day(timezone.localdate()),
    ):
        with pytest.raises(HeldBackError):
            sent()
    with pytest.raises(CommandError, match="after_restore"):
        call_command("daily")
    assert mail.outbox == []


def test_people_may_read_and_sign_in_but_send_nothing_in(run, accountant, held, signed_in, client):
    page = reverse("admin:billing_billingrun_change", args=[run.pk])
    staff = signed_in(accountant)
    assert staff.get(page).status_code == 200
    refused = staff.post(reverse("admin:billing_billingrun_submit_run", args=[run.pk]))
    assert refused.status_code == 503
    assert "現在、ポータルは閲覧のみ可能です" in refused.content.decode()

    signing_in = {"login": accountant.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), signing_in).status_code == 302
    assert client.post(reverse("set_language"), {"language": "en"}).status_code == 302
    assert staff.post(reverse("admin:logout")).status_code in (200, 302)


def test_a_code_to_sign_in_is_sent_while_held_back(held, user, client, committing):
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert len(mail.outbox) == 1


def test_the_first_page_and_the_page_of_a_run_say_why(run, accountant, held, signed_in):
    staff = signed_in(accountant)
    for page in (
        reverse("admin:index"),
        reverse("admin:billing_billingrun_change", args=[run.pk]),
        reverse("admin:billing_billingrun_progress", args=[run.pk]),
    ):
        shown = staff.get(page).content.decode()
        assert "データベースが送信済みの内容より古くなっています" in shown
        assert "manage.py after_restore" in shown


def test_who_applies_is_told_to_come_back_and_gets_no_number(held, organisation, user, signed_in, service):
    refused = signed_in(user).post(reverse("contracts:application-confirm", args=[service.slug]), {})
    assert refused.status_code == 503
    assert Application.objects.count() == 0
