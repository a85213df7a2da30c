"""Two people at the same moment, in real transactions on the database in use."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError

from contracts.applications.acceptance import send_acceptance
from contracts.applications.decide import accept_application, refuse_application
from contracts.applications.drafts import add_draft_document, save_draft, send_draft
from contracts.applications.reviews import record_check
from contracts.applications.withdrawal import withdraw_application
from contracts.deciding.numbers import next_number
from contracts.inbox.daily import run_day
from contracts.lifecycle.documents import attach_document
from contracts.models import (
    Application,
    ApplicationDraft,
    Contract,
    ContractRequest,
    IssuedLetter,
    NumberCounter,
    Reminder,
)
from contracts.requests.decide import accept_request, refuse_request, submit_request
from contracts.requests.kinds.reported import NameData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import ask_back
from contracts.wording.reasons import NOT_POSSIBLE
from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.outbox.delivery import claim
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from portal.outbox.settling import went_out_at
from portal.outbox.worker import send_due
from tests.billing_scene import load_service
from tests.scenes import accept, application_data, apply, ask, at, cancel, day, owner_of, staff_member, yamada
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_staff_who_decide_at_once_one_wins():
    application = apply(load_service("ct-e1"), {"line": 1}, at("2026-03-10"))
    first, second = staff_member("佐藤"), staff_member("高橋")
    reason = application.terms_version.policy.refusal_reasons[0].key

    answers = together(
        lambda: accept_application(application, first, at("2026-03-11")),
        lambda: refuse_application(application, second, reason, "", at("2026-03-11")),
    )

    (error,) = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert error.code == "already_decided"
    decided = Application.objects.get()
    assert Contract.objects.exists() == (decided.status == "accepted")
    decisions = ["application.accepted", "application.refused"]
    assert AuditEntry.objects.filter(action__in=decisions).count() == 1


def test_a_form_sent_twice_at_once_is_one_application():
    service, key = load_service("ct-e1"), uuid4()
    apply(service, {"line": 1}, at("2026-03-09"))
    mail.outbox.clear()

    answers = together(*[lambda: apply(service, {"line": 1}, at("2026-03-10"), key=key) for _ in range(4)])

    assert len(set(answers)) == 1
    assert Application.objects.filter(submission_key=key).count() == 1
    assert len(mail.outbox) == 1


def test_a_draft_sent_twice_at_once_is_one_application():
    service = load_service("ct-e1")
    draft = save_draft(yamada(), service, owner_of(yamada()), {"quantity_line": "1"}, at("2026-03-10"))
    add_draft_document(draft, draft.person, "", "a.pdf", b"%PDF-1.7", at("2026-03-10"))
    draft.refresh_from_db()
    data = application_data(service.versions.get(), {"line": 1})

    answers = together(*[lambda: send_draft(draft, draft.key, data, at("2026-03-10"), None)] * 4)

    assert set(answers) == {Application.objects.get()}
    assert not ApplicationDraft.objects.exists()


def test_steps_saved_at_once_make_one_draft():
    service, person = load_service("ct-e1"), owner_of(yamada())
    steps = [{f"quantity_{name}": "1"} for name in ("line", "seat", "admin", "user")]

    together(*[partial(save_draft, yamada(), service, person, step, at("2026-03-10")) for step in steps])

    assert ApplicationDraft.objects.get().fields == {name: "1" for step in steps for name in step}


def test_numbers_given_at_once_are_all_different():
    numbers = together(*[lambda: next_number(NumberCounter.Kind.CONTRACT, day("2026-03-10"))] * 6)

    assert sorted(numbers) == [f"C26-{number:06}" for number in range(1, 7)]


def test_after_a_real_commit_the_acceptance_is_sent_and_recorded():
    contract = accept(apply(load_service("partner-cloud-e"), {"base": 1}, at("2026-03-10")), at("2026-03-11"))

    assert contract.acceptance_sent_at == at("2026-03-11")
    assert contract.formed_on == day("2026-03-11")
    assert contract.items.get().product == "base"


def an_acceptance(**state: object) -> Contract:
    """Accepted; its acceptance, which forms the contract, is in the outbox as the state says."""
    application = apply(load_service("partner-cloud-e"), {"base": 1}, at("2026-03-10"))
    Mail.objects.all().delete()
    contract = accept_application(application, staff_member("高橋"), at("2026-03-11"))
    Mail.objects.filter(kind="application_accepted").update(**state)
    mail.outbox.clear()
    return contract


def accepted_mails() -> list[str]:
    return [message.subject for message in mail.outbox if message.attachments]


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("unsent", ["refused_at", "interrupted_at"])
def test_an_acceptance_that_two_staff_send_again_at_once_is_one_letter_at_one_moment(unsent):
    moment = at("2026-03-11")
    contract = an_acceptance(**{"claimed_at": moment, unsent: moment})
    first, second = staff_member("佐藤"), staff_member("高橋")

    answers = together(
        *[partial(send_acceptance, contract, staff, at("2026-03-12")) for staff in (first, second)]
    )
    (error,) = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert error.code == "being_sent"
    with time_machine.travel(at("2026-03-12"), tick=False):
        together(send_due, send_due)

    assert len(accepted_mails()) == 1
    assert IssuedLetter.objects.count() == 1
    assert AuditEntry.objects.filter(action="contract.acceptance_sent").count() == 1
    sent = Mail.objects.get(kind="application_accepted")
    assert Contract.objects.get().acceptance_sent_at == sent.taken_at


@pytest.mark.usefixtures("no_worker")
def test_an_acceptance_that_goes_out_as_it_is_withdrawn_formed_the_contract_or_did_not_go_out():
    contract = an_acceptance()
    application = contract.application

    withdraw = partial(withdraw_application, application, application.applicant, at("2026-03-11 12:00"))
    with time_machine.travel(at("2026-03-11 12:00"), tick=False):
        together(send_due, withdraw)

    ended, sent = Contract.objects.get(), Mail.objects.get(kind="application_accepted")
    assert ended.end_kind == Contract.EndKind.WITHDRAWN
    assert bool(ended.acceptance_sent_at) == (sent.state == Mail.State.TAKEN) == bool(accepted_mails())
    assert sent.state in (Mail.State.TAKEN, Mail.State.DROPPED)


@pytest.mark.usefixtures("no_worker")
def test_what_two_staff_know_of_an_interrupted_acceptance_is_stored_once():
    moment = at("2026-03-11")
    contract = an_acceptance()
    row = Mail.objects.get(kind="application_accepted")
    claim(row, kind_of(row.kind).write(row, moment), moment)
    Mail.objects.filter(pk=row.pk).update(interrupted_at=moment)
    now = at("2026-03-12")

    answers = together(
        *[
            partial(went_out_at, row, staff_member(name), moment + timedelta(seconds=10 * place), "250", now)
            for place, name in enumerate(("佐藤", "高橋"))
        ]
    )

    assert [type(answer) for answer in answers].count(ValidationError) == 1
    assert AuditEntry.objects.filter(action="mail.went_out").count() == 1
    assert Contract.objects.get(pk=contract.pk).acceptance_sent_at == Mail.objects.get(pk=row.pk).taken_at


def running_seats() -> Contract:
    application = apply(
        load_service("ct-e1"), {"seat": 5}, at("2025-11-10"), wanted_start_on=day("2026-01-01")
    )
    return accept(application, at("2025-11-12"))


def test_a_request_sent_twice_at_once_by_two_people_is_one_request():
    contract = running_seats()
    data = ProductChangeData(product="seat", wanted_on=day("2026-06-01"), quantity=8)
    person, key = owner_of(yamada()), uuid4()
    colleague = User.objects.create_user("jiro@yamada.example", None)
    yamada().memberships.create(user=colleague, role="member", handles_contracts=True, handles_billing=True)

    answers = together(
        lambda: submit_request(contract, person, "quantity_up", data, at("2026-03-01"), key),
        lambda: submit_request(contract, person, "quantity_up", data, at("2026-03-01"), key),
        lambda: submit_request(contract, colleague, "quantity_up", data, at("2026-03-01"), uuid4()),
    )

    assert len(set(answers)) == 1
    assert ContractRequest.objects.count() == 1
    assert AuditEntry.objects.filter(action="request.submitted").count() == 1


def test_of_two_staff_who_decide_on_a_request_at_once_one_wins():
    contract = running_seats()
    data = ProductChangeData(product="seat", quantity=9, wanted_on=day("2026-06-01"))
    request = ask(contract, "quantity_up", data, at("2026-03-01"))
    first, second = staff_member("佐藤"), staff_member("高橋")
    mail.outbox.clear()

    answers = together(
        lambda: accept_request(request, first, at("2026-03-02")),
        lambda: refuse_request(request, second, NOT_POSSIBLE, "", at("2026-03-02")),
    )

    (error,) = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert error.code == "already_decided"
    request.refresh_from_db()
    contract.refresh_from_db()
    changed = contract.items.filter(product="seat", quantity=9).exists()
    assert changed == (request.status == "accepted")
    assert len(mail.outbox) == 1


def test_of_two_staff_who_ask_back_and_accept_at_once_the_request_goes_one_way():
    contract = running_seats()
    data = ProductChangeData(product="seat", wanted_on=day("2026-06-01"), quantity=8)
    request = ask(contract, "quantity_up", data, at("2026-03-01"))
    first, second = staff_member("佐藤"), staff_member("高橋")

    answers = together(
        lambda: accept_request(request, first, at("2026-03-02")),
        lambda: ask_back(request, second, "どの拠点ですか", at("2026-03-02")),
    )

    request.refresh_from_db()
    errors = [answer for answer in answers if isinstance(answer, ValidationError)]
    # Asked first, it can still be accepted; accepted first, there is nothing left to ask.
    assert request.status == "accepted"
    assert len(errors) == (0 if request.messages.exists() else 1)
    assert AuditEntry.objects.filter(action="request.accepted").count() == 1


def test_the_same_check_recorded_by_two_staff_at_once_is_there_once_and_told_twice():
    application = apply(load_service("simpleconnect"), {"id": 1}, at("2026-03-10"))
    staff = [staff_member("佐藤"), staff_member("高橋")]
    together(
        *[
            lambda person=person: record_check(application, person, "credit", "clear", "", at("2026-03-11"))
            for person in staff
        ]
    )
    assert application.checks.count() == 1
    assert AuditEntry.objects.filter(action="check.recorded").count() == 2


def test_two_daily_runs_at_once_send_each_reminder_once():
    contract = running_seats()
    accept_request(cancel(contract, day("2026-06-30"), at("2026-03-01")), staff_member(), at("2026-03-02"))
    mail.outbox.clear()

    reports = together(*[lambda: run_day(day("2026-06-20"), lambda: at("2026-06-20"))] * 3)

    assert sum(report.sent for report in reports) == 1
    assert len(mail.outbox) == 1
    assert Reminder.objects.get().claimed_at == at("2026-06-20")


def test_two_documents_of_the_same_content_at_once_are_one():
    contract = running_seats()
    request = ask(contract, "name", NameData(wanted_on=day("2026-04-01"), name="新社名"), at("2026-03-01"))
    person = owner_of(yamada())
    stored = together(
        *[lambda: attach_document(request, person, "登記.pdf", b"%PDF-1.7", at("2026-03-02"))] * 2
    )
    assert len(set(stored)) == 1
    assert request.documents.count() == 1
