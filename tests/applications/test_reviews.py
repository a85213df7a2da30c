"""Checks before a decision, and the letters that follow it."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from contracts.applications.decide import accept_application, refuse_application
from contracts.applications.reviews import checklist, missing_checks, record_check
from contracts.correspondence.resending import send_letter_again
from contracts.lifecycle.provider_ends.terminations import judge_termination, terminate
from contracts.models import Application, Contract, IssuedLetter, ReviewCheck
from contracts.requests.kinds.reported import NameData
from portal.audit.models import AuditEntry
from tests import scenes
from tests.scenes import accept, apply, at, day, staff_member


@pytest.fixture
def applied(simpleconnect) -> Application:
    return apply(simpleconnect, {"id": 3}, at("2026-01-05"))


@pytest.fixture
def seats(ct_e1) -> Contract:
    application = apply(ct_e1, {"seat": 5}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


def test_terms_that_ask_for_checks_get_no_acceptance_without_them(applied):
    with pytest.raises(ValidationError) as excinfo:
        accept_application(applied, staff_member(), at("2026-01-06"))
    assert [error.code for error in excinfo.value.error_list] == ["checks_missing"] * 2
    assert not Contract.objects.exists()
    assert Application.objects.get().status == "submitted"

    record_check(applied, staff_member(), "credit", "clear", "", at("2026-01-06"))
    assert len(list(missing_checks(applied))) == 1
    record_check(applied, staff_member(), "antisocial_forces", "clear", "", at("2026-01-06"))
    accept_application(applied, staff_member(), at("2026-01-06"))
    assert Contract.objects.exists()


def test_what_a_check_found_stands_in_the_way_until_it_is_settled(applied):
    staff = staff_member()
    for kind in ("credit", "antisocial_forces"):
        record_check(applied, staff, kind, "clear", "", at("2026-01-06"))
    with pytest.raises(ValidationError) as excinfo:
        record_check(applied, staff, "credit", "concern", " ", at("2026-01-07"))
    assert "note" in excinfo.value.message_dict
    record_check(applied, staff, "credit", "concern", "官報に公告", at("2026-01-07"))
    with pytest.raises(ValidationError):
        accept_application(applied, staff, at("2026-01-08"))
    record_check(applied, staff, "credit", "clear", "別会社と確認", at("2026-01-08"))
    accept_application(applied, staff, at("2026-01-08"))

    assert ReviewCheck.objects.filter(kind="credit").count() == 1
    told = AuditEntry.objects.filter(action="check.recorded", data__check="credit").order_by("sequence")
    assert [entry.personal["note"] for entry in told] == ["", "官報に公告", "別会社と確認"]


def test_other_terms_have_the_same_list_and_ask_for_none_of_it(ct_e1):
    application = apply(ct_e1, {"line": 1}, at("2026-01-05"))
    assert [(entry.kind.value, entry.rule) for entry in checklist(application)] == [
        ("credit", None),
        ("antisocial_forces", None),
        ("duplicates", None),
    ]
    accept_application(application, staff_member(), at("2026-01-06"))


def test_nothing_is_checked_after_the_decision(applied):
    reason = applied.terms_version.policy.refusal_reasons[0].key
    refuse_application(applied, staff_member(), reason, "", at("2026-01-06"))
    with pytest.raises(ValidationError) as excinfo:
        record_check(applied, staff_member(), "credit", "clear", "", at("2026-01-07"))
    assert excinfo.value.code == "already_decided"


@pytest.mark.usefixtures("committing")
def test_a_termination_tells_the_customer_of_the_requests_that_it_closes(seats):
    request = scenes.ask(
        seats, "name", NameData(wanted_on=day("2026-03-10"), name="新社名"), at("2026-03-01")
    )
    ground = _at_once(seats)
    mail.outbox.clear()

    before = judge_termination(seats, ground, None, at("2026-03-05"), urgent="差押え")
    assert Contract.objects.get(pk=seats.pk).ends_on is None
    terminate(seats, staff_member(), ground, None, at("2026-03-05"), urgent="差押え")

    assert Contract.objects.get(pk=seats.pk).ends_on == before.ends_on == day("2026-03-05")
    request.refresh_from_db()
    assert (request.status, request.refusal_reason) == ("refused", "not_possible")
    told = {message.subject: message for message in mail.outbox}
    (about_request,) = [message for subject, message in told.items() if request.number in subject]
    assert about_request.attachments[0][0].endswith(".pdf")
    assert set(IssuedLetter.objects.values_list("kind", flat=True)) >= {"termination", "refusal"}


def _at_once(contract: Contract) -> str:
    grounds = contract.contracted_version.policy.termination.grounds
    return next(ground.key for ground in grounds if ground.since is None)


@pytest.mark.usefixtures("committing")
def test_a_request_that_the_rules_refuse_gets_its_notice_of_refusal(seats):
    mail.outbox.clear()
    late = scenes.cancel(seats, day("2026-03-31"), at("2026-03-20"))
    assert late.status == "refused"
    letter = late.letters.get()
    assert letter.kind == "refusal"
    ((name, content, _kind),) = mail.outbox[-1].attachments
    assert (name, content[:5]) == (letter.file_name, b"%PDF-")


@pytest.mark.usefixtures("committing")
def test_a_letter_goes_out_again_as_it_was_issued(seats):
    scenes.cancel(seats, day("2026-06-30"), at("2026-03-01"))
    letter = seats.letters.get(kind="cancellation_receipt")
    ((_name, first, _kind),) = mail.outbox[-1].attachments
    send_letter_again(letter, staff_member(), at("2026-03-02"))
    ((_name, again, _kind),) = mail.outbox[-1].attachments
    assert again == first
    assert letter.number in mail.outbox[-1].subject
    assert AuditEntry.objects.get(action="letter.sent_again").data["number"] == letter.number
