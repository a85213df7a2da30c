"""Applying, and what staff decide."""

from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import override

from contracts.applications.checks import check_application
from contracts.applications.decide import accept_application, refuse_application, submit_application
from contracts.models import Application, Consent, Contract
from portal.audit.models import AuditEntry
from tests.scenes import (
    accept,
    application_data,
    apply,
    at,
    day,
    next_version,
    owner_of,
    staff_member,
    suzuki,
    yamada,
)

SEATS = {"line": 2, "seat": 3, "admin": 1}
COMPANY = {
    "kana": "ヤマダショウジ",
    "corporate_number": "8700110005901",
    "postal_code": "105-0011",
    "address": "東京都港区芝公園4-2-8",
}


def errors_of(excinfo) -> dict[str, list[str]]:
    return excinfo.value.message_dict


def test_an_application_is_stored_with_the_consent_that_it_brings(ct_e1):
    application = apply(
        ct_e1, {**SEATS, "recording-16h": 0}, at("2026-03-10"), wanted_start_on=day("2026-05-01")
    )

    assert application.number == "A26-000001"
    assert {item.product: item.quantity for item in application.items.all()} == SEATS
    consent = Consent.objects.get(application=application)
    assert consent.content_hash == application.terms_version.content_digest()
    assert (consent.organisation, consent.person) == (yamada(), owner_of(yamada()))
    assert (consent.at, consent.ip_address) == (at("2026-03-10"), "192.0.2.1")
    assert not Contract.objects.exists()
    entry = AuditEntry.objects.get(action="application.submitted")
    assert entry.organisation == yamada()
    assert entry.data["quantities"]["line"] == 2


def test_numbers_count_up_and_start_again_each_year(ct_e1):
    numbers = [
        apply(ct_e1, SEATS, at(moment)).number for moment in ("2026-12-30", "2026-12-31", "2027-01-01")
    ]

    assert numbers == ["A26-000001", "A26-000002", "A27-000001"]


@pytest.mark.usefixtures("committing")
def test_a_double_click_sends_one_application(ct_e1):
    key = uuid4()

    first = apply(ct_e1, SEATS, at("2026-03-10"), key=key)
    second = apply(ct_e1, SEATS, at("2026-03-10"), key=key)

    assert first == second
    assert Application.objects.count() == Consent.objects.count() == len(mail.outbox) == 1


def test_two_clicks_at_the_same_moment_send_one_application(ct_e1, monkeypatch):
    key = uuid4()
    first = apply(ct_e1, SEATS, at("2026-03-10"), key=key)
    looks = iter([None, first])
    monkeypatch.setattr("contracts.applications.decide._sent_before", lambda *_: next(looks))

    assert apply(ct_e1, SEATS, at("2026-03-10"), key=key) == first
    assert Application.objects.count() == 1


def test_a_submission_key_of_somebody_else_shows_nothing_of_theirs(ct_e1):
    key = uuid4()
    apply(ct_e1, SEATS, at("2026-03-10"), key=key)

    with pytest.raises(IntegrityError):
        apply(ct_e1, SEATS, at("2026-03-10"), key=key, organisation=suzuki())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"quantities": {"line": 2, "calls-domestic": 3}}, "quantity_calls-domestic"),
        ({"quantities": {"line": 2, "unheard-of": 1}}, "quantity_unheard-of"),
        ({"quantities": {"line": 2, "setup-standard": 2}}, "quantity_setup-standard"),
        ({"quantities": {"line": -1, "seat": 1}}, "quantity_line"),
        ({"quantities": {"recording-16h": 1}}, "__all__"),
        ({"quantities": {"line": 1, "number-additional": 2}}, "quantity_number-additional"),
        ({"quantities": {"line": 1, "delivery-seat": 1}}, "quantity_delivery-seat"),
        ({"company": {"postal_code": "1000001", "address": "東京都"}}, "postal_code"),
        ({"company": {"postal_code": "100-0001", "address": " "}}, "address"),
        (
            {"company": {**COMPANY, "corporate_number": "1700110005901"}},
            "corporate_number",
        ),
        ({"company": {**COMPANY, "name": "別の会社"}}, "name"),
        ({"documents": ("photo_identity",)}, "document_photo_identity"),
        ({"particulars": {"representative": " "}}, "particular_representative"),
        ({"payment_method": "cash"}, "payment_method"),
        ({"consent": False}, "consent"),
        ({"wanted_start_on": day("2026-03-09")}, "wanted_start_on"),
    ],
)
def test_what_the_policy_does_not_allow_is_named_by_its_field(ct_e1, changed, field):
    with pytest.raises(ValidationError) as excinfo:
        apply(ct_e1, **{"quantities": SEATS, "moment": at("2026-03-10"), **changed})

    assert field in errors_of(excinfo)
    assert not Application.objects.exists()


def test_a_number_beside_the_first_is_ordered_with_the_first(ct_e1):
    application = apply(ct_e1, {"line": 1, "number-first": 1, "number-additional": 2}, at("2026-03-10"))

    assert application.items.count() == 3


def test_what_goes_beyond_the_standard_set_up_is_sent_with_that_remark(ct_e1):
    apply(ct_e1, {"line": 6, "seat": 6, "setup-standard": 1}, at("2026-03-10"))

    entry = AuditEntry.objects.get(action="application.submitted")
    assert entry.data["quotations"] == {"setup-standard": {"line": 1}}


def test_the_company_is_stated_as_it_was_at_that_time(ct_e1):
    application = apply(ct_e1, SEATS, at("2026-03-10"), company=COMPANY)
    contract = accept(application, at("2026-03-12"))

    assert contract.particulars_on(day("2026-05-01"))["address"] == "東京都港区芝公園4-2-8"
    registered = yamada()
    assert registered.address == "東京都千代田区千代田1-1", "what was registered changes by a request alone"
    assert (registered.kana, registered.corporate_number) == ("ヤマダショウジ", "8700110005901")


def test_what_was_registered_is_not_completed_again(ct_e1):
    apply(ct_e1, SEATS, at("2026-03-10"), company=COMPANY)
    apply(ct_e1, SEATS, at("2026-03-11"), company={**COMPANY, "kana": "ベツノヨミ"})

    assert yamada().kana == "ヤマダショウジ"
    assert AuditEntry.objects.filter(action="organisation.completed").count() == 1


def test_a_document_that_the_policy_requires_must_be_there(simpleconnect):
    required = ('article = "6-4"\nrequired = false', 'article = "6-4"\nrequired = true')
    newer = next_version(simpleconnect, day("2026-01-01"), at("2025-12-01"), required)

    with pytest.raises(ValidationError) as excinfo:
        check_application(simpleconnect, application_data(newer, {"id": 1}), at("2026-03-10"))
    assert list(errors_of(excinfo)) == ["document_photo_identity"]
    there = application_data(newer, {"id": 1}, documents=("photo_identity",))
    assert check_application(simpleconnect, there, at("2026-03-10")) == newer


def test_who_read_an_older_version_is_asked_to_read_the_new_one(progoffice):
    old = progoffice.versions.get(name="2016-03-01")

    with pytest.raises(ValidationError, match="2020-08-14"):
        check_application(progoffice, application_data(old, {"user": 5}), at("2020-08-14 00:00"))

    assert check_application(progoffice, application_data(old, {"user": 5}), at("2020-08-13 23:59")) == old


def test_without_terms_in_force_nothing_can_be_applied_for(progoffice):
    data = application_data(progoffice.versions.get(name="2016-03-01"), {"user": 5})

    with pytest.raises(ValidationError):
        submit_application(progoffice, yamada(), owner_of(yamada()), data, uuid4(), at("2016-02-29"), None)


@pytest.mark.usefixtures("committing")
def test_receipt_is_confirmed_in_the_language_of_the_applicant(ct_e1):
    with override("en"):
        application = apply(ct_e1, SEATS, at("2026-03-10"))

    (message,) = mail.outbox
    assert message.to == ["hanako@yamada.example"]
    assert message.subject == "Your application for CT-e1/SaaS Contact Center has arrived (A26-000001)"
    assert "山田商事株式会社" in message.body
    assert f"http://localhost:8000/applications/{application.number}/" in message.body
    assert "The contract is formed when the provider accepts your application. (Art. 11" in message.body


def test_only_one_of_two_staff_decides(ct_e1):
    application = apply(ct_e1, SEATS, at("2026-03-10"))
    accept(application, at("2026-03-12"))

    with pytest.raises(ValidationError, match="A26-000001"):
        refuse_application(application, staff_member(), "no_capacity", "", at("2026-03-12"))
    with pytest.raises(ValidationError, match="A26-000001"):
        accept_application(application, staff_member(), at("2026-03-12"))

    application.refresh_from_db()
    assert application.status == "accepted"
    assert Contract.objects.count() == 1


@pytest.mark.usefixtures("committing")
def test_a_refusal_names_a_reason_of_the_terms_and_tells_the_applicant(simpleconnect):
    with override("en"):
        application = apply(simpleconnect, {"id": 3}, at("2026-03-10"))
    mail.outbox.clear()

    refused = refuse_application(
        application, staff_member(), "credit_check", "Please ask us.", at("2026-03-11")
    )

    assert (refused.status, refused.refusal_reason) == ("refused", "credit_check")
    (message,) = mail.outbox
    assert "can not be accepted" in message.subject
    assert "The credit check shows a problem (Art. 8 para. 1 item 8)" in message.body
    assert "Please ask us." in message.body


def test_a_reason_that_the_terms_do_not_list_is_refused_itself(simpleconnect):
    application = apply(simpleconnect, {"id": 3}, at("2026-03-10"))

    with pytest.raises(ValidationError) as excinfo:
        refuse_application(application, staff_member(), "user_ids_remain", "", at("2026-03-11"))

    assert "refusal_reason" in errors_of(excinfo)
    application.refresh_from_db()
    assert application.status == "submitted"


def test_a_refusal_ends_the_contract_that_the_application_formed(progoffice):
    application = apply(progoffice, {"user": 5}, at("2026-03-10"))

    refuse_application(application, staff_member(), "payment_doubtful", "", at("2026-03-13"))

    contract = Contract.objects.get(application=application)
    assert (contract.formed_on, contract.ends_on) == (day("2026-03-10"), day("2026-03-13"))
    assert contract.end_kind == "refused"
    assert (contract.billed_from_on, contract.billed_through_on) == (None, None)
    assert contract.state_on(day("2026-03-13")) == Contract.State.ENDED
