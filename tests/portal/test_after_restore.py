"""What a restore leaves open, shown and settled: e-mails, reminders, runs and numbers."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing.models import BillingRun, Invoice, InvoiceCounter
from billing.pricing.special_prices import set_special_price
from billing.receivables.deposits import ask_deposit
from billing.runs.states import approve
from billing.runs.work import advance_run
from billing.tasks import look_for_work
from contracts.inbox.daily import run_day
from contracts.models import Notice, NumberCounter, Reminder
from contracts.notices.deliveries import waiting_mails
from contracts.notices.send import draft_notice, send_notice
from portal import restoring
from portal.audit.models import AuditEntry
from portal.installation import mark
from portal.installation.holding import Reason, begin_anew, move_on, reason_held
from portal.installation.mark import folder
from portal.installation.models import Installation
from portal.outbox.models import Mail
from portal.outbox.worker import send_these
from tests.approving import approved
from tests.billing_scene import load_priced_service, make_contract, make_contracts, submitted_run
from tests.scenes import apply, at, day, staff_member

pytestmark = pytest.mark.usefixtures("committing", "now")

Status = BillingRun.Status


@pytest.fixture
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def run(service, organisation, user) -> BillingRun:
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    return approve(submitted_run(service, staff_member("billing")), staff_member("manager"))


def put_back() -> None:
    """As if a backup of just before the last e-mail had been restored."""
    move_on()
    Installation.objects.update(moves=mark.read().moves - 1)
    assert reason_held() == Reason.DATABASE_OLDER


def restored(*options: str, **more: object) -> str:
    output = StringIO()
    call_command("after_restore", *options, stdout=output, **more)
    return output.getvalue()


def refused(*options: str) -> str:
    with pytest.raises(CommandError) as error:
        call_command("after_restore", *options)
    assert error.value.returncode == 2
    return str(error.value)


def counters() -> dict[str, int]:
    return {numbers.series: numbers.last for numbers in restoring.look().numbers}


@pytest.fixture
def issued(run) -> BillingRun:
    """Issued in the database, and none of its e-mails sent."""
    advance_run(run.pk, "me", lambda chunk: None)
    put_back()
    mail.outbox.clear()
    return run


def test_waiting_e_mails_are_shown_and_nothing_is_changed(issued):
    shown = restored()
    assert "データベースが送信済みの内容より古くなっています" in shown
    assert "請求書：2件、宛先1件" in shown
    assert "keiri@customer.example" not in shown
    assert "keiri@customer.example" in restored("--list")
    assert Mail.objects.waiting().count() == 2
    assert reason_held()
    assert mail.outbox == []


def test_settled_they_are_left_to_staff_and_the_portal_goes_on(issued):
    assert "担当者の判断待ちにしたメール：2件" in restored("--settle")
    assert reason_held() is None
    look_for_work()
    assert mail.outbox == []
    assert {found.state for found in Mail.objects.all()} == {Mail.State.INTERRUPTED}
    assert Invoice.objects.exclude(pdf="").count() == 2, "the work goes on"
    entry = AuditEntry.objects.get(action="installation.settled")
    assert entry.data["reason"] == "database_older"
    assert entry.data["mails"] == 2


def test_settled_with_leave_to_send_they_go_out(issued):
    restored("--settle", "--send")
    look_for_work()
    assert len(mail.outbox) == 2
    assert AuditEntry.objects.get(action="installation.settled").data["sent"] is True


def test_an_e_mail_that_answers_somebody_moves_the_installation_on_too(service):
    apply(service, {"line": 2}, timezone.now())
    assert len(mail.outbox) == 1
    assert mark.read().moves == 1


def test_the_e_mails_of_a_notice_do_each(service, organisation, user, no_worker):
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    notice = sent_notice(service)
    assert not folder.path().exists()
    send_these(waiting_mails(notice))
    assert mark.read().moves == len(mail.outbox) == 1


def sent_notice(service) -> Notice:
    """Sent, and none of its e-mails handed over."""
    staff = staff_member()
    notice = Notice(
        service=service,
        purpose="maintenance",
        effective_on=day("2026-12-20"),
        scope="all",
        subject="お知らせ",
        body="本文です。",
    )
    return send_notice(draft_notice(notice, staff), staff, timezone.now())


def test_the_e_mails_of_notices_are_left_to_staff_too(service, organisation, user, no_worker):
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    notice = sent_notice(service)
    put_back()
    restored("--settle")
    send_these(waiting_mails(notice))
    assert mail.outbox == []
    assert {row.state for row in Mail.objects.filter(kind="notice")} == {Mail.State.INTERRUPTED}


def test_those_of_letters_about_deposits_as_well(organisation, user, no_worker):
    contract = make_contract(
        load_priced_service("simpleconnect"), organisation, user, "C26-000001", {"id": 1, "recording": 1}
    )
    staff = staff_member()
    set_special_price(
        contract, "id", 29_001, day("2026-10-01"), "特注", staff, approval=approved("special_price")
    )
    ask_deposit(contract, 30_000, day("2026-12-20"), staff, approval=approved("deposit_request"))
    put_back()
    restored("--settle")
    assert Mail.objects.get(kind="deposit").state == Mail.State.INTERRUPTED


def test_reminders_of_the_day_count_as_said(service, organisation, user):
    contract = make_contract(service, organisation, user, "C26-000001", {"line": 2})
    contract.accepted_at = at("2026-11-01")
    contract.save()
    put_back()
    assert "当日のリマインダー：1件" in restored()
    restored("--settle")
    assert run_day(day("2026-11-20")).sent == 0
    assert mail.outbox == []
    assert Reminder.objects.get().to == ""


def test_a_run_under_way_waits_for_approval_again(run):
    put_back()
    assert "2026-10" in restored().partition("請求処理")[2]
    restored("--settle")
    run.refresh_from_db()
    assert (run.status, run.approved_by, run.approved_at) == (Status.PREVIEWED, None, None)
    assert "バックアップから復元されました" in run.trouble
    look_for_work()
    assert Invoice.objects.count() == 0

    approve(run, staff_member("manager"))
    look_for_work()
    assert Invoice.objects.count() == 2


def store_document(name: str, settings) -> None:
    file = Path(settings.MEDIA_ROOT, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"%PDF")


def test_numbers_go_on_after_those_of_stored_documents(issued, settings):
    """They were given after the backup; what they said lies among the files, which were not put back."""
    for number in ("CD-2026-000002", "CD-2026-000007", "CD-R2026-000001", "XX-2026-000009"):
        store_document(f"invoices/CD/2026-10/{number}.pdf", settings)
    store_document("letters/L26-000004_x8aKd2f.pdf", settings)
    assert "CD-2026: 000002 / 000007" in restored()
    assert "CD-2026 の番号は 000002 ではなく 000007 の次から続けます。" in restored("--settle")
    assert counters()["CD-2026"] == 7
    assert counters()["CD-R2026"] == 1
    assert counters()["L26"] == 4
    moved = AuditEntry.objects.get(action="installation.settled").data["numbers"]
    assert moved == {"CD-2026": [2, 7], "CD-R2026": [0, 1], "L26": [0, 4]}


def test_numbers_that_somebody_knows_of_are_left_out(issued):
    NumberCounter.objects.create(kind="A", year=2026, last=5)
    restored("--settle", last_number=["CD-2026-000300", "A26-000012", "C27-000001"])
    assert InvoiceCounter.objects.get().last == 300
    assert dict(NumberCounter.objects.values_list("kind", "last")) == {"A": 12, "C": 1}


def test_so_many_numbers_of_each_kind_may_be_left_out(issued):
    NumberCounter.objects.create(kind="A", year=2025, last=90)
    NumberCounter.objects.create(kind="A", year=2026, last=5)
    restored("--settle", "--skip-numbers=100")
    assert InvoiceCounter.objects.get().last == 102
    assert dict(NumberCounter.objects.values_list("year", "last")) == {2025: 90, 2026: 105}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("300", "「300」はこのポータルの番号ではありません"),
        ("XX-2026-000300", "「XX-2026-000300」はこのポータルの番号ではありません"),
        ("Z26-000300", "「Z26-000300」はこのポータルの番号ではありません"),
        ("CD-2026-000001", "CD-2026-000002 がすでに付与されています"),
    ],
)
def test_a_number_that_can_not_be_is_refused_in_words_and_nothing_is_changed(issued, number, said):
    assert said in refused("--settle", "--last-number", number)
    assert Mail.objects.waiting().count() == 2
    assert InvoiceCounter.objects.get().last == 2
    assert reason_held()


@pytest.mark.parametrize("option", ["--send", "--skip-numbers=3", "--last-number=CD-2026-000009"])
def test_what_changes_something_asks_for_settle(issued, option):
    assert "--settle" in refused(option)
    assert reason_held()


def test_skipping_backwards_is_refused(issued):
    assert "0以上" in refused("--settle", "--skip-numbers=-1")


def test_an_installation_that_is_not_held_back_has_nothing_to_settle(run):
    begin_anew()
    assert "停止していません" in restored()
    assert "停止しているものはありません" in refused("--settle")
    run.refresh_from_db()
    assert run.status == Status.APPROVED


def test_older_files_are_settled_without_touching_e_mails(issued):
    begin_anew()
    Installation.objects.update(files_behind=True)
    assert "ファイルが欠けている可能性" in restored()
    restored("--settle")
    assert not Installation.objects.get().files_behind
    assert Mail.objects.waiting().count() == 2


def test_missing_files_are_told_of(issued):
    Invoice.objects.update(pdf="invoices/CD/2026-10/lost.pdf")
    assert "2件がありません" in restored()


def test_a_folder_that_can_not_be_read_is_told_of_and_settles_nothing(issued):
    folder.path().unlink()
    folder.path().mkdir()
    with pytest.raises(CommandError, match="読み書きできません"):
        call_command("after_restore", "--settle")
    assert Mail.objects.waiting().count() == 2
