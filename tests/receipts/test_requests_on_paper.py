"""Requests that came by fax, post, e-mail or telephone, and were entered by staff."""

import pytest
import time_machine
from django.core.exceptions import ValidationError

from contracts.lifecycle.documents import add_for
from contracts.models import Receipt
from contracts.models.document import PAPER
from contracts.receipts.received import Paper
from contracts.requests.decide import accept_request
from contracts.requests.questions import answer, ask_back
from contracts.requests.withdrawal import withdraw_request
from portal.audit.models import AuditEntry
from portal.organisations.models import User
from tests.receipts.scene import cancel_by, received, reception
from tests.scenes import (
    PDF,
    accept,
    activated,
    apply,
    at,
    cancel,
    day,
    owner_of,
    registered,
    staff_member,
    works_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(progoffice):
    """A contract that runs since January, of a service whose day ends at 17:00."""
    application = apply(progoffice, {"user": 5}, at("2025-12-01"))
    return activated(accept(application, at("2025-12-02")), day("2026-01-01"), at("2025-12-20"))


def test_a_fax_in_time_that_is_entered_two_days_later_is_in_time(contract):
    asked = cancel_by(contract, day("2026-04-30"), received(at("2026-03-31 16:59"), at("2026-04-02 09:30")))
    assert asked.status == "submitted"
    assert asked.decided.outcome == "accepted"
    assert asked.decided.ends_on == day("2026-04-30")
    assert (asked.submitted_at, asked.requested_by) == (at("2026-03-31 16:59"), None)
    assert asked.receipt.entered_at == at("2026-04-02 09:30")


def test_a_fax_a_minute_after_business_hours_counts_for_the_next_business_day(contract):
    asked = cancel_by(contract, day("2026-04-30"), received(at("2026-03-31 17:01"), at("2026-04-02 09:30")))
    assert asked.status == "refused"
    assert asked.decided.earliest_on == day("2026-05-31")
    letter = asked.letters.get()
    assert letter.kind == "refusal"
    assert letter.issued_on == day("2026-04-02")


def test_the_scan_stays_with_it_and_the_trail_tells_who_entered_what_received_when(contract):
    staff = reception()
    came = received(at("2026-03-10"), at("2026-03-11"), staff=staff, note="控えを希望")
    asked = cancel_by(contract, day("2026-05-31"), came)
    document = asked.documents.get()
    assert (document.kind, document.uploaded_by) == (PAPER, staff)
    entry = AuditEntry.objects.get(action="request.entered")
    assert entry.actor == staff
    assert entry.data["channel"] == "fax"
    assert entry.data["paper"] == document.content_hash
    assert entry.personal["sender"] == "佐藤 次郎"
    assert "佐藤" not in str(entry.data)


def test_the_scan_of_the_form_proves_nothing_beside_it(contract):
    asked = cancel_by(contract, day("2026-05-31"), received(at("2026-03-10"), at("2026-03-11")))
    asked.proof_wanted = True
    assert asked.waits_for_documents


def test_who_entered_it_may_decide_and_a_member_who_is_staff_may_not_enter_it(contract):
    staff = reception()
    asked = cancel_by(contract, day("2026-05-31"), received(at("2026-03-10"), at("2026-03-11"), staff=staff))
    assert accept_request(asked, staff, at("2026-03-12")).status == "accepted"
    member = owner_of(contract.organisation)
    User.objects.filter(pk=member.pk).update(is_staff=True)
    member = works_for(member, contract.service.provider)
    with pytest.raises(ValidationError) as refused:
        cancel_by(contract, None, received(at("2026-03-10"), at("2026-03-11"), staff=member))
    assert refused.value.code == "own_request"


def test_staff_of_another_provider_enter_nothing(contract, ct_e1):
    stranger = works_for(staff_member(), ct_e1.provider)
    with pytest.raises(ValidationError) as refused:
        cancel_by(contract, None, received(at("2026-03-10"), at("2026-03-11"), staff=stranger))
    assert refused.value.code == "other_provider"


def test_customers_can_not_enter_for_themselves(contract):
    person = owner_of(contract.organisation)
    with pytest.raises(ValidationError) as refused:
        cancel_by(contract, None, received(at("2026-03-10"), at("2026-03-11"), staff=person))
    assert refused.value.code == "not_staff"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"channel": "phone", "note": "電話で解約の申し出", "paper": None}, "exception", "channel_not_named"),
        ({"channel": "carrier pigeon"}, "channel", "unknown_channel"),
        ({"sender": "  "}, "sender", "no_sender"),
        ({"paper": None}, "paper", "no_paper"),
        ({"channel": "phone", "exception": "急ぎ", "paper": None}, "note", "no_note"),
    ],
)
def test_what_is_missing_or_not_named_by_the_terms_is_said_at_its_field(contract, changed, field, code):
    with pytest.raises(ValidationError) as refused:
        cancel_by(contract, day("2026-05-31"), received(at("2026-03-10"), at("2026-03-11"), **changed))
    assert refused.value.error_dict[field][0].code == code
    assert not contract.requests.exists()
    assert not Receipt.objects.exists()


def test_a_way_that_the_terms_do_not_name_is_taken_with_a_reason_that_stays(contract):
    came = received(
        at("2026-03-10"),
        at("2026-03-11"),
        channel="phone",
        note="解約希望",
        exception="社内決裁済み",
        paper=None,
    )
    asked = cancel_by(contract, day("2026-05-31"), came)
    assert asked.receipt.exception == "社内決裁済み"
    assert not asked.documents.exists()


def test_the_moment_of_receipt_is_not_to_come_nor_far_back_unless_confirmed(contract):
    with pytest.raises(ValidationError) as ahead:
        cancel_by(contract, None, received(at("2026-03-12"), at("2026-03-11")))
    assert ahead.value.error_dict["at"][0].code == "future"
    with pytest.raises(ValidationError) as back:
        cancel_by(contract, day("2026-05-31"), received(at("2026-02-01"), at("2026-03-11")))
    assert back.value.error_dict["long_ago"][0].code == "long_ago"
    came = received(at("2026-02-01"), at("2026-03-11"), long_ago=True)
    assert cancel_by(contract, day("2026-05-31"), came).status == "submitted"


def test_nothing_came_before_there_was_the_contract(contract):
    with pytest.raises(ValidationError) as refused:
        cancel_by(contract, day("2026-05-31"), received(at("2025-11-30"), at("2026-03-11"), long_ago=True))
    assert refused.value.error_dict["at"][0].code == "before_formation"


def test_what_was_asked_for_in_the_portal_too_is_one_request(contract):
    first = cancel(contract, day("2026-05-31"), at("2026-03-09"))
    second = cancel_by(contract, day("2026-05-31"), received(at("2026-03-10"), at("2026-03-11")))
    assert second == first


def test_an_end_by_receipt_counts_from_the_receipt_also_when_it_is_entered_after_the_last_day(simpleconnect):
    application = apply(simpleconnect, {"id": 1}, at("2025-12-01"))
    contract = accept(application, at("2025-12-02"))

    contract = registered(contract, at("2025-12-03"))
    came = received(at("2026-03-30"), at("2026-05-02"), long_ago=True)
    with time_machine.travel(came.entered_at, tick=False):
        asked = cancel_by(contract, day("2026-04-30"), came)
    contract.refresh_from_db()
    assert asked.status == "submitted"
    assert contract.ends_on == day("2026-04-30")
    assert asked.letters.get().issued_on == day("2026-05-02")


def test_an_answer_and_a_withdrawal_come_on_paper_too_and_a_withdrawal_counts_from_its_receipt(contract):
    staff = reception()
    asked = cancel_by(contract, day("2026-05-31"), received(at("2026-03-10"), at("2026-03-11"), staff=staff))
    ask_back(asked, staff, "お申し出の方の役職をお知らせください。", at("2026-03-12"))
    phone = received(
        at("2026-03-13"), at("2026-03-13"), staff=staff, channel="phone", note="折返し", paper=None
    )
    answer(asked, staff, "総務部長です。", phone.at, received=phone)
    asked.refresh_from_db()
    assert asked.status == "submitted"
    came = received(at("2026-03-14"), at("2026-03-16"), staff=staff, paper=Paper("取下げ.pdf", PDF + b"2"))
    withdraw_request(asked, staff, came.at, received=came)
    asked.refresh_from_db()
    assert (asked.status, asked.withdrawn_at) == ("withdrawn", at("2026-03-14"))
    assert asked.documents.filter(kind=PAPER).count() == 2
    entry = AuditEntry.objects.get(action="request.withdrawn")
    assert (entry.actor, entry.data["channel"]) == (staff, "fax")


def test_a_document_on_paper_is_a_proof_and_not_added_to_what_is_decided(contract):
    staff = reception()
    asked = cancel_by(contract, day("2026-05-31"), received(at("2026-03-10"), at("2026-03-11"), staff=staff))
    add_for(asked, staff, "登記.pdf", PDF + b"3", at("2026-03-12"))
    asked.proof_wanted = True
    assert not asked.waits_for_documents
    accept_request(asked, staff, at("2026-03-13"))
    with pytest.raises(ValidationError):
        add_for(asked, staff, "登記2.pdf", PDF + b"4", at("2026-03-14"))
