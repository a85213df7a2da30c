"""From the preview to the approval of a second person, and what the mail server makes of the e-mails."""

from datetime import date, timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.invoicing.drafts import MonthlyCharges
from billing.models import BillingRun, Invoice
from billing.runs import chunks
from billing.runs.bill import bill
from billing.runs.preview import preview
from billing.runs.states import (
    StoppedError,
    approve,
    begin,
    calculate,
    cancel,
    confirm,
    note_issued,
    send_back,
    submit,
)
from billing.runs.work import advance_run, finish_chunk
from billing.tasks import look_for_work
from contracts.models import ContractItem
from portal.approvals.models import ProviderRule
from portal.audit.models import AuditEntry
from portal.organisations.independence import let_in
from portal.outbox.models import Mail
from portal.outbox.worker import send_due
from tests.billing_scene import (
    ISSUE_DAY,
    OCTOBER,
    load_priced_service,
    make_contract,
    make_contracts,
    submitted_run,
)
from tests.scenes import staff_member

Status = BillingRun.Status


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def run(service, organisation, user) -> BillingRun:
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002", "C26-000003"])
    return submitted_run(service, staff_member())


def refused(code: str):
    return pytest.raises(ValidationError, check=lambda error: error.code == code)


def test_the_one_who_submits_does_not_approve(run):
    with refused("same_person"):
        approve(run, run.started_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        BillingRun.objects.update(approved_by=run.started_by)
    approved = approve(run, staff_member())
    assert (approved.status, Invoice.objects.count()) == (Status.APPROVED, 0)
    with refused("not_waiting"):
        approve(run, staff_member())
    with refused("under_way"):
        begin(run.provider, OCTOBER, ISSUE_DAY, staff_member())
    with refused("not_calculated"):
        submit(run, staff_member())


@pytest.mark.parametrize("cancelled", [False, True])
def test_the_terminal_does_not_go_past_the_approval(run, cancelled):
    if cancelled:
        cancel(run, run.started_by)
    with refused("cancelled" if cancelled else "not_approved"):
        bill(run.provider, OCTOBER, ISSUE_DAY)
    assert Invoice.objects.count() == 0


def test_the_terminal_helps_with_an_approved_run(run):
    approve(run, staff_member())
    result = bill(run.provider, OCTOBER, ISSUE_DAY)
    assert (result.finished, result.issued, len(mail.outbox)) == (True, 3, 3)
    look_for_work()
    assert len(mail.outbox) == 3


def test_the_terminal_issues_an_approved_run_on_the_day_that_was_approved(run):
    approve(run, staff_member())
    bill(run.provider, OCTOBER, ISSUE_DAY + timedelta(days=3))
    assert set(Invoice.objects.values_list("issued_on", flat=True)) == {ISSUE_DAY}


def test_who_stood_still_while_a_run_was_begun_anew_issues_nothing(run):
    """Its issue date and its approval are those from before."""
    approve(run, staff_member())
    confirm(BillingRun.objects.get())
    old = BillingRun.objects.get()
    cancel(run, staff_member())
    later = ISSUE_DAY + timedelta(days=3)
    begun = begin(run.provider, OCTOBER, later, staff_member())
    submit(calculate(begun), staff_member())
    approve(begun, staff_member())
    confirm(BillingRun.objects.get())
    assert not chunks.issue_chunk(old, MonthlyCharges(OCTOBER), "", old.issued_on, None).contracts
    note_issued(old, [])
    run.refresh_from_db()
    assert (run.status, run.issued_at, Invoice.objects.count()) == (Status.ISSUING, None, 0)
    bill(run.provider, OCTOBER, later)
    assert set(Invoice.objects.values_list("issued_on", flat=True)) == {later}


def test_a_month_that_is_billed_for_every_contract_is_not_begun_again(run):
    approve(run, staff_member())
    bill(run.provider, OCTOBER, ISSUE_DAY)
    with refused("billed"):
        begin(run.provider, OCTOBER, ISSUE_DAY, staff_member())
    run.refresh_from_db()
    assert run.status == Status.DONE
    assert run.approved_by, "who approved it is still told"


def test_the_terminal_does_not_issue_something_else_than_was_approved(run, service, organisation, user):
    approve(run, staff_member())
    make_contract(service, organisation, user, "C26-000004", {"line": 1})
    with refused("changed"):
        bill(run.provider, OCTOBER, ISSUE_DAY)
    run.refresh_from_db()
    assert (run.status, run.approved_by, Invoice.objects.count()) == (Status.PREVIEWED, None, 0)
    assert run.preview["rows"][-1]["count"] == 4
    assert AuditEntry.objects.filter(action="billing_run.changed").count() == 1


@pytest.mark.parametrize("approved", [False, True])
def test_a_calculation_stops_when_its_run_is_cancelled(run, service, approved, monkeypatch):
    """Between its chunks of one contract each."""
    monkeypatch.setattr(chunks, "CHUNK", 1)
    if approved:
        calculated_again, current = confirm, approve(run, staff_member())
    else:
        calculated_again, current = calculate, begin(run.provider, OCTOBER, ISSUE_DAY, staff_member())
    seen: list[int] = []

    def cancel_after_the_second() -> None:
        seen.append(BillingRun.objects.get().contracts_done)
        if len(seen) == 2:
            cancel(run, staff_member())

    with pytest.raises(StoppedError):
        calculated_again(current, cancel_after_the_second)
    run.refresh_from_db()
    assert (seen, run.status, run.contracts_all) == ([1, 2], Status.CANCELLED, 3)


def test_a_calculation_that_was_begun_anew_does_not_keep_the_old_result(run, service, organisation, user):
    old = begin(run.provider, OCTOBER, ISSUE_DAY, staff_member())
    begin(run.provider, OCTOBER, date(2026, 11, 11), staff_member())
    with pytest.raises(StoppedError):
        calculate(old)
    run.refresh_from_db()
    assert (run.status, run.preview) == (Status.CALCULATING, {})
    look_for_work()
    run.refresh_from_db()
    assert (run.status, run.preview["rows"][-1]["count"]) == (Status.CALCULATED, 3)


def test_without_e_mails_nobody_is_told(service, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    run = submitted_run(service, staff_member(), sends_mail=False)
    approve(run, staff_member())
    look_for_work()
    run.refresh_from_db()
    assert (run.status, mail.outbox, Mail.objects.count()) == (Status.DONE, [], 0)


def test_a_preview_warns_of_zero_jumps_and_early_due_days(service, organisation, user):
    numbers = ["C26-000001", "C26-000002", "C26-000003"]
    gone, grown, _same = make_contracts(service, organisation, user, numbers)
    bill(service.provider, OCTOBER, date(2026, 10, 1))
    ContractItem.objects.filter(contract=gone).update(billed_through_on=date(2026, 10, 31))
    ContractItem.objects.filter(contract=grown, product="line").update(quantity=9)

    shown = preview(service.provider, OCTOBER + 1, date(2026, 12, 10))

    assert [(found.kind, found.contract) for found in shown.warnings] == [
        ("zero", gone.number),
        ("jump", grown.number),
    ]
    (early,) = shown.due_too_early
    assert (early.count, early.due_on) == (2, date(2026, 11, 30))
    assert preview(service.provider, OCTOBER + 1, date(2026, 11, 30)).due_too_early == []
    kept = shown.as_json()
    assert kept["due_too_early"] == [{"service": service.name, "count": 2, "due_on": "2026-11-30"}]


def sending(monkeypatch, failures: dict[int, Exception]) -> None:
    """Let the mail server answer the nth e-mail with an error."""
    send, calls = EmailMessage.send, 0

    def sent(message: EmailMessage, *args) -> int:
        nonlocal calls
        calls += 1
        if calls in failures:
            raise failures[calls]
        return send(message, *args)

    monkeypatch.setattr(EmailMessage, "send", sent)


def states() -> list[str]:
    return [found.state for found in Mail.objects.order_by("pk")]


def test_what_the_mail_server_wants_later_is_sent_later_and_holds_nothing_up(run, monkeypatch):
    sending(monkeypatch, {2: SMTPDataError(451, b"come again")})
    approve(run, staff_member())
    advance_run(run.pk, "test", lambda chunk: None)
    finish_chunk(run.chunks.get().pk, "test")
    assert states() == ["taken", "waiting", "taken"]
    assert "come again" in Mail.objects.in_state(Mail.State.WAITING).get().trouble
    run.refresh_from_db()
    assert (run.status, run.trouble) == (Status.DONE, "")

    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        send_due()

    assert (states(), len(mail.outbox)) == (["taken"] * 3, 3)


def test_a_lost_connection_holds_nothing_up_and_a_refusal_is_looked_at(run, monkeypatch):
    sending(monkeypatch, {1: SMTPServerDisconnected("gone"), 3: SMTPDataError(550, b"no such user")})
    approve(run, staff_member())
    look_for_work()
    run.refresh_from_db()
    assert run.status == Status.DONE
    assert states() == ["waiting", "taken", "refused"]
    assert [found.state for found in Mail.objects.to_look_at()] == ["refused"]
    assert len(mail.outbox) == 1


def test_a_run_goes_back_with_a_comment_and_is_submitted_again(run):
    second = staff_member("部長 二郎")
    with pytest.raises(ValidationError) as silent:
        send_back(run, second, " ")
    assert list(silent.value.message_dict) == ["comment"]
    with refused("same_person"):
        send_back(run, run.started_by, "やり直し")
    back = send_back(run, second, "C26-000002の単価を確認してください")
    assert back.status == Status.CALCULATED
    assert back.trouble == "部長 二郎さんが差し戻しました：C26-000002の単価を確認してください"
    again = submit(back, staff_member())
    assert (again.status, again.trouble) == (Status.PREVIEWED, "")


def test_an_account_that_the_submitter_made_does_not_approve_a_run(run):
    made = staff_member()
    let_in(made, run.started_by, None)
    made.save()
    with refused("not_confirmed"):
        approve(run, made)


def test_where_one_person_decides_who_submitted_a_run_approves_it_and_that_is_kept(run):
    ProviderRule.objects.create(
        provider=run.provider.code,
        alone=True,
        reason="社員は1名",
        switched_by=run.started_by,
        switched_at=run.started_at,
    )
    assert approve(run, run.started_by).without_second == "alone"
    assert AuditEntry.objects.get(action="billing_run.approved").data["without_second"] == "alone"
