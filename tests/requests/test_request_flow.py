"""From submission to decision: one entry for all kinds, sent twice, asked back about, proved, refused."""

from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from contracts.extensions.kinds import kind_label
from contracts.lifecycle.documents import LARGEST, attach_document
from contracts.models import CompanyClosure, Contract, IssuedLetter, Task
from contracts.requests.decide import accept_request, refuse_request, submit_request
from contracts.requests.kinds.endings import CancellationData, NonRenewalData
from contracts.requests.kinds.interruptions import InterruptionData
from contracts.requests.kinds.reported import NameData, ParticularsData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import answer, ask_back
from contracts.requests.withdrawal import withdraw_request
from contracts.wording.reasons import NOT_POSSIBLE
from portal.audit.models import AuditEntry
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.scenes import PDF, accept, apply, at, day, owner_of, registered, staff_member, suzuki, yamada


@pytest.fixture
def seats(ct_e1) -> Contract:
    """5 seats and 2 lines, from 1 January 2026."""
    application = apply(ct_e1, {"seat": 5, "line": 2}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


@pytest.fixture
def servers(partner_cloud, committing) -> Contract:
    """2 servers, from 10 January 2026."""
    application = apply(partner_cloud, {"base": 2}, at("2025-12-01"), wanted_start_on=day("2026-01-10"))
    return accept(application, at("2025-12-02"))


def more_seats(quantity: int = 8) -> ProductChangeData:
    return ProductChangeData(product="seat", wanted_on=day("2026-06-01"), quantity=quantity)


def renamed(on: str = "2026-04-01") -> NameData:
    return NameData(wanted_on=day(on), name="山田ホールディングス株式会社")


# Sent twice


def test_the_same_form_sent_twice_is_one_request(seats):
    key, person = uuid4(), owner_of(yamada())
    first, second = (
        submit_request(seats, person, "quantity_up", more_seats(), at("2026-03-01"), key) for _ in range(2)
    )
    assert first == second
    assert AuditEntry.objects.filter(action="request.submitted").count() == 1


def test_the_same_wish_from_another_tab_is_the_request_that_is_open(seats):
    first = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    assert scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01 12:01")) == first
    assert scenes.ask(seats, "quantity_up", more_seats(9), at("2026-03-01 12:02")) != first

    accept_request(first, staff_member(), at("2026-03-02"))
    data = ProductChangeData(product="number-issue", wanted_on=day("2026-06-01"), quantity=1)
    more = scenes.ask(seats, "add_item", data, at("2026-03-02"))
    accept_request(more, staff_member(), at("2026-03-02"))
    assert scenes.ask(seats, "add_item", data, at("2026-03-03")) != more, "once decided, it is a new wish"


def test_the_key_of_somebody_else_s_form_gives_nothing_away(seats, ct_e1):
    key = uuid4()
    submit_request(seats, owner_of(yamada()), "quantity_up", more_seats(), at("2026-03-01"), key)
    application = apply(
        ct_e1, {"seat": 5}, at("2025-11-10"), organisation=suzuki(), wanted_start_on=day("2026-01-01")
    )
    other = accept(application, at("2025-11-12"))
    with pytest.raises(IntegrityError), transaction.atomic():
        submit_request(other, owner_of(suzuki()), "quantity_up", more_seats(), at("2026-03-01"), key)
    assert not other.requests.exists()


@pytest.mark.parametrize("kind", ["unheard-of", "quantity_up", "non_renewal"])
def test_data_of_another_kind_is_refused(seats, kind):
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(seats, kind, renamed(), at("2026-03-01"))
    assert "kind" in excinfo.value.message_dict


def test_a_kind_that_the_terms_do_not_know_is_refused(servers):
    data = ProductChangeData(product="base", wanted_on=day("2026-06-01"), quantity=1)
    assert scenes.ask(servers, "add_item", data, at("2026-03-01")).status == "submitted"
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(servers, "interruption", InterruptionData(wanted_on=day("2026-06-01")), at("2026-03-01"))
    assert "kind" in excinfo.value.message_dict


# Documents


def test_a_change_of_name_waits_for_its_proof_and_is_accepted_with_it(seats):
    request = scenes.ask(seats, "name", renamed(), at("2026-03-01"))
    assert request.waits_for_documents
    with pytest.raises(ValidationError) as excinfo:
        accept_request(request, staff_member(), at("2026-03-02"))
    assert excinfo.value.code == "documents_missing"

    attach_document(request, owner_of(yamada()), "登記.PDF", PDF, at("2026-03-02"))
    accept_request(request, staff_member(), at("2026-03-03"))

    fresh = Contract.objects.get(pk=seats.pk)
    assert fresh.name_on(day("2026-03-31")) == "山田商事株式会社"
    assert fresh.name_on(day("2026-04-01")) == "山田ホールディングス株式会社"
    assert fresh.organisation.name == "山田商事株式会社", "other contracts keep the name they were told"


def test_a_document_is_stored_once_and_privately(seats, settings):
    request = scenes.ask(seats, "name", renamed(), at("2026-03-01"))
    first = attach_document(request, owner_of(yamada()), "../../登記.pdf", PDF, at("2026-03-02"))
    again = attach_document(request, owner_of(yamada()), "別名.pdf", PDF, at("2026-03-02"))
    assert first == again
    assert (first.name, first.content_type, first.organisation) == ("登記.pdf", "application/pdf", yamada())
    assert first.file.name.startswith("documents/")
    assert "登記" not in first.file.name, "the stored name tells nothing"
    with first.file.open("rb") as stored:
        assert stored.read() == PDF


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("leer.pdf", b"", "empty"),
        ("gross.pdf", PDF + b" " * LARGEST, "too_large"),
        ("text.pdf", b"hello", "type"),
        ("page.html", b"<html>", "type"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n", "type"),
        ("program.exe", PDF, "type"),
    ],
)
def test_what_is_not_a_document_is_not_taken(seats, name, content, code):
    request = scenes.ask(seats, "name", renamed(), at("2026-03-01"))
    with pytest.raises(ValidationError) as excinfo:
        attach_document(request, owner_of(yamada()), name, content, at("2026-03-02"))
    assert excinfo.value.error_dict["file"][0].code == code
    assert not request.documents.exists()


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.png", b"\x89PNG\r\n\x1a\n"), ("a.jpg", b"\xff\xd8\xff\xe0"), ("a.jpeg", b"\xff\xd8\xff")],
)
def test_pictures_are_taken_too(seats, name, start):
    request = scenes.ask(seats, "name", renamed(), at("2026-03-01"))
    assert attach_document(request, owner_of(yamada()), name, start + b"...", at("2026-03-02")).size > 3


def test_nothing_is_added_to_what_was_decided(seats):
    request = scenes.ask(seats, "name", renamed(), at("2026-03-01"))
    refuse_request(request, staff_member(), "unsuitable", "", at("2026-03-02"))
    with pytest.raises(ValidationError) as excinfo:
        attach_document(request, owner_of(yamada()), "a.pdf", PDF, at("2026-03-03"))
    assert excinfo.value.code == "already_decided"


# Asking back


@pytest.mark.usefixtures("committing")
def test_a_question_goes_to_the_customer_and_its_answer_to_staff(seats):
    request = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    ask_back(request, staff_member(), "どの拠点の席ですか。", at("2026-03-02"))
    request.refresh_from_db()
    assert request.status == "asked_back"
    assert mail.outbox[-1].to == ["hanako@yamada.example"]
    assert "どの拠点の席ですか。" in mail.outbox[-1].body

    answer(request, owner_of(yamada()), "大阪です。", at("2026-03-03"))
    request.refresh_from_db()
    assert request.status == "submitted"
    assert mail.outbox[-1].to == [seats.service.provider.email]
    assert "大阪です。" in mail.outbox[-1].body
    assert [message.text for message in request.messages.all()] == ["どの拠点の席ですか。", "大阪です。"]
    with pytest.raises(ValidationError) as excinfo:
        answer(request, owner_of(yamada()), "もう一度", at("2026-03-03"))
    assert excinfo.value.code == "not_asked"


def test_proof_can_be_asked_for_where_the_terms_provide_for_it(seats):
    request = scenes.ask(
        seats,
        "particulars",
        ParticularsData(wanted_on=day("2026-04-01"), particulars={"phone": "06-0000-0000"}),
        at("2026-03-01"),
    )
    ask_back(request, staff_member(), "登記をお送りください。", at("2026-03-02"), document_wanted=True)
    request.refresh_from_db()
    assert request.waits_for_documents
    more = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    with pytest.raises(ValidationError) as excinfo:
        ask_back(more, staff_member(), "証明", at("2026-03-02"), document_wanted=True)
    assert "document_wanted" in excinfo.value.message_dict


@pytest.mark.usefixtures("committing")
def test_each_e_mail_on_a_request_says_what_it_is_about(seats):
    request = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    ask_back(request, staff_member(), "どの拠点の席ですか。", at("2026-03-02"))
    withdraw_request(request, owner_of(yamada()), at("2026-03-03"))
    of_customer = [sent.body for sent in mail.outbox if "hanako@yamada.example" in sent.to]
    of_request = [body for body in of_customer if request.number in body]
    assert len(of_request) == 3
    assert all(kind_label("quantity_up") in body for body in of_request)


# Deciding


@pytest.mark.usefixtures("committing")
def test_a_refusal_names_a_reason_of_the_terms_and_goes_out_as_a_letter(seats):
    request = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    with pytest.raises(ValidationError) as excinfo:
        refuse_request(request, staff_member(), "no_such_reason", "", at("2026-03-02"))
    assert "refusal_reason" in excinfo.value.message_dict

    refuse_request(
        request, staff_member(), "technically_difficult", "別の構成をご検討ください。", at("2026-03-02")
    )

    sent = mail.outbox[-1]
    assert "希望の内容は技術的に著しく難しい" in sent.body
    assert "別の構成をご検討ください。" in sent.body
    ((name, content, kind),) = sent.attachments
    assert (name, kind) == ("L26-000001.pdf", "application/pdf")
    letter = request.letters.get()
    assert (letter.kind, letter.organisation, content[:5]) == ("refusal", yamada(), b"%PDF-")
    assert letter.document["reason"]["articles"] == "第10条第1項第1号"


def test_reasons_are_those_of_the_kind(progoffice):
    users = scenes.running(progoffice, {"user": 10}, scenes.yamada())
    cancellation = scenes.cancel(users, None, at("2026-03-01"))
    with pytest.raises(ValidationError):
        refuse_request(cancellation, staff_member(), "unsuitable", "", at("2026-03-02"))
    refuse_request(cancellation, staff_member(), NOT_POSSIBLE, "", at("2026-03-02"))


def test_a_closure_entered_since_makes_staff_look_again(simpleconnect):
    ids = accept(apply(simpleconnect, {"id": 3}, at("2026-03-01")), at("2026-03-02"))
    registered(ids, at("2026-03-03"))
    fewer = ProductChangeData(product="id", wanted_on=day("2026-07-31"), quantity=1)
    request = scenes.ask(ids, "drop_item", fewer, at("2026-06-30"))
    assert request.decision["deadline_on"] == "2026-06-30"
    CompanyClosure.objects.create(provider=ids.service.provider, day=day("2026-06-30"))

    with pytest.raises(ValidationError) as excinfo:
        accept_request(request, staff_member(), at("2026-07-01"))
    assert [error.code for error in excinfo.value.error_dict["override_reason"]] == ["late_now"]
    with pytest.raises(ValidationError) as alone:
        accept_request(request, staff_member(), at("2026-07-01"), override_reason="電話で受けていた")
    assert alone.value.code == "second_person"

    accept_request(
        request,
        staff_member(),
        at("2026-07-01"),
        override_reason="電話で受けていた",
        approval=approved("late_request"),
    )
    entry = AuditEntry.objects.get(action="request.accepted")
    assert entry.personal["override_reason"] == "電話で受けていた"
    assert Contract.objects.get(pk=ids.pk).items_on(day("2026-08-01")) == {"id": 2}


def test_a_change_contract_that_is_accepted_late_begins_with_its_acceptance(servers):
    data = ProductChangeData(product="base", wanted_on=day("2026-03-10"), quantity=3)
    request = scenes.ask(servers, "quantity_up", data, at("2026-03-02"))

    request = scenes.grant(request, at("2026-04-03"))

    assert request.decision["effective_on"] == "2026-04-03"
    assert [taken["rule"] for taken in request.decision["steps"][-2:]] == [
        "acceptance.begins",
        "change.formed",
    ]
    opened = servers.items.get(ends_on=None)
    assert (opened.quantity, opened.starts_on, opened.billed_from_on) == (
        3,
        day("2026-04-03"),
        day("2026-04-01"),
    )


def test_an_accepted_request_is_answered_by_a_letter_with_its_dates(seats):
    request = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    accept_request(request, staff_member(), at("2026-03-02"))
    letter = request.letters.get()
    assert letter.kind == IssuedLetter.Kind.ACCEPTANCE
    stated = {fact["value"]: fact["articles"] for fact in letter.document["facts"]}
    assert stated["2026年6月1日"], "a date comes with its articles"
    assert letter.document_hash == letter.content_digest()


# Taking back


def test_an_undecided_request_is_taken_back_for_nothing(seats):
    request = scenes.cancel(seats, None, at("2026-03-01"))
    withdraw_request(request, owner_of(yamada()), at("2026-03-02"))
    request.refresh_from_db()
    assert (request.status, request.withdrawn_at) == ("withdrawn", at("2026-03-02"))
    assert not seats.tasks.exists()
    assert scenes.cancel(seats, None, at("2026-03-03")).status == "submitted"
    with pytest.raises(ValidationError):
        accept_request(request, staff_member(), at("2026-03-03"))


def test_an_accepted_change_is_taken_back_at_its_costs_where_the_terms_provide_for_it(servers):
    data = ProductChangeData(product="base", wanted_on=day("2026-06-01"), quantity=3)
    request = scenes.ask(servers, "quantity_up", data, at("2026-03-02"))
    scenes.grant(request, at("2026-03-03"))

    withdraw_request(request, owner_of(yamada()), at("2026-03-10"))

    (row,) = servers.items.all()
    assert (row.quantity, row.ends_on, row.billed_through_on) == (2, None, None)
    task = servers.tasks.get(kind=Task.Kind.ENTER_COSTS)
    assert task.decision["costs"] == "preparation_costs"


def test_what_has_begun_or_can_not_be_undone_is_not_taken_back(servers, seats):
    data = ProductChangeData(product="base", wanted_on=day("2026-03-20"), quantity=3)
    begun = scenes.ask(servers, "quantity_up", data, at("2026-03-02"))
    scenes.grant(begun, at("2026-03-03"))
    fixed = scenes.ask(seats, "quantity_up", more_seats(), at("2026-03-01"))
    accept_request(fixed, staff_member(), at("2026-03-02"))
    for request in (begun, fixed):
        with pytest.raises(ValidationError) as excinfo:
            withdraw_request(request, owner_of(yamada()), at("2026-03-10"))
        assert excinfo.value.code == "already_decided"


# The end, and the minimum term


def test_a_cancellation_within_the_minimum_term_says_what_is_left_and_is_claimed_once_accepted(progoffice):
    contract = scenes.activated(
        accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12")),
        day("2026-01-15"),
        at("2025-12-01"),
    )
    request = scenes.cancel(contract, day("2026-06-30"), at("2026-05-01"), monthly_fee=4000)
    assert request.decision["minimum_ends_on"] == "2026-12-31"
    assert request.decision["minimum_months_left"] == 6
    assert request.decision["minimum_term_charge"] == 24000
    assert not contract.claims.exists()

    accept_request(request, staff_member(), at("2026-05-07"))

    claim = contract.claims.get()
    assert (claim.kind, claim.net, claim.tax, claim.arose_on) == (
        "minimum_term",
        24000,
        "standard",
        day("2026-06-30"),
    )


def test_without_a_known_fee_staff_enter_the_charge(progoffice):
    contract = scenes.activated(
        accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12")),
        day("2026-01-15"),
        at("2025-12-01"),
    )
    accept_request(
        scenes.cancel(contract, day("2026-06-30"), at("2026-05-01")), staff_member(), at("2026-05-07")
    )
    assert contract.tasks.get(kind=Task.Kind.ENTER_FEE).detail["months"] == 6
    assert not contract.claims.exists()


def test_the_erasure_of_data_is_a_task_that_waits_for_the_end(seats):
    accept_request(
        scenes.cancel(seats, day("2026-06-30"), at("2026-05-01")), staff_member(), at("2026-05-02")
    )
    task = seats.tasks.get()
    assert (task.kind, task.due_on) == (Task.Kind.DATA_ERASURE, day("2026-07-31"))
    assert [step["articles"] for step in task.decision["steps"]] == [["sla", "47-11"]]


@pytest.mark.usefixtures("committing")
def test_the_receipt_of_a_cancellation_goes_out_at_once(seats):
    scenes.cancel(seats, day("2026-06-30"), at("2026-05-01"))
    ((name, content, _kind),) = mail.outbox[-1].attachments
    assert name.startswith("L26-")
    assert content.startswith(b"%PDF-")
    withdraw_request(seats.requests.get(), scenes.owner_of(seats.organisation), at("2026-05-01"))
    scenes.cancel(seats, day("2026-05-31"), at("2026-05-01"))
    refused = IssuedLetter.objects.get(number=mail.outbox[-1].attachments[0][0].removesuffix(".pdf"))
    assert refused.kind == "refusal", "what is refused is not received as a cancellation"


def test_notice_of_non_renewal_ends_the_contract_with_its_term(progoffice):
    contract = scenes.activated(
        accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12")),
        day("2026-01-15"),
        at("2025-12-01"),
    )
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(contract, "non_renewal", NonRenewalData(wanted_on=day("2026-11-30")), at("2026-05-01"))
    assert "wanted_on" in excinfo.value.message_dict
    request = scenes.ask(contract, "non_renewal", NonRenewalData(), at("2026-05-01"))
    assert request.decision["ends_on"] == "2026-12-31"
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(contract, "cancellation", CancellationData(), at("2026-05-02"))
    assert excinfo.value.code == "asked_already"

    accept_request(request, staff_member(), at("2026-05-07"))

    contract.refresh_from_db()
    assert (contract.ends_on, contract.end_kind) == (day("2026-12-31"), "not_renewed")


def test_the_charge_is_priced_by_billing_where_there_are_prices(db):
    service = load_priced_service("progoffice")
    contract = scenes.activated(
        accept(apply(service, {"user": 10}, at("2025-11-10")), at("2025-11-12")),
        day("2026-01-15"),
        at("2025-12-01"),
    )
    request = scenes.cancel(contract, day("2026-06-30"), at("2026-05-01"))
    assert request.decision["minimum_term_charge"] == 10 * 400 * 6
