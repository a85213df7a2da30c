"""Proof of identity (SimpleConnect 6-4): demanded, seen before an acceptance, and not kept."""

from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from contracts.applications.decide import accept_application, refuse_application
from contracts.applications.identity import Seen, demand_identity, hand_in_identity, record_identity
from contracts.applications.reviews import checklist, record_check
from contracts.applications.withdrawal import withdraw_application
from contracts.models import Application, ContractDocument, IdentityCheck
from portal.audit.models import AuditEntry
from tests.scenes import apply, at, day, staff_member

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def staff():
    return staff_member()


@pytest.fixture
def applied(simpleconnect, staff) -> Application:
    """Everything but the identity is checked."""
    application = apply(simpleconnect, {"id": 3}, at("2026-01-05"))
    for kind in ("credit", "antisocial_forces"):
        record_check(application, staff, kind, "clear", "", at("2026-01-06"))
    return application


def seen(how="in_person", **changed) -> Seen:
    facts = {"document": "driving_licence", "person": "山田 花子", "seen_on": day("2026-01-08"), **changed}
    return Seen(how=how, **facts)


def test_an_application_of_which_none_is_demanded_is_accepted_without(applied, staff):
    entry = next(one for one in checklist(applied) if one.kind == "identity")
    assert entry.rule is None
    accept_application(applied, staff, at("2026-01-07"))


def test_a_demand_asks_the_applicant_and_holds_the_acceptance_up(applied, staff, committing):
    mail.outbox.clear()
    demand_identity(applied, staff, "高額のご利用のため", at("2026-01-07"))
    assert "写真付きの身分証明書の写し" in mail.outbox[-1].body
    assert "第6条第4項" in mail.outbox[-1].body
    assert "高額のご利用のため" in mail.outbox[-1].body
    applied.refresh_from_db()
    assert applied.is_asked_back
    with pytest.raises(ValidationError) as held_up:
        accept_application(applied, staff, at("2026-01-07"))
    assert [error.code for error in held_up.value.error_list] == ["checks_missing"]
    with pytest.raises(ValidationError):
        demand_identity(applied, staff, "もう一度", at("2026-01-07"))


def test_seen_in_person_it_is_recorded_with_day_person_and_document(applied, staff):
    demand_identity(applied, staff, "高額のご利用のため", at("2026-01-07"))
    record_identity(applied, staff, seen(), at("2026-01-08"))
    proof = IdentityCheck.objects.get()
    assert (proof.seen_on, proof.person, proof.document) == (
        day("2026-01-08"),
        "山田 花子",
        "driving_licence",
    )
    assert proof.seen_by == staff
    accept_application(applied, staff, at("2026-01-08"))


def test_a_copy_answers_the_demand_and_is_erased_once_it_was_seen(applied, staff, committing):
    demand_identity(applied, staff, "高額のご利用のため", at("2026-01-07"))
    with pytest.raises(ValidationError) as missing:
        record_identity(applied, staff, seen("copy"), at("2026-01-08"))
    assert "how" in missing.value.error_dict

    copy = hand_in_identity(applied, applied.applicant, "menkyo.png", PNG, at("2026-01-08"))
    path = Path(copy.file.path)
    assert (copy.kind, path.exists()) == ("photo_identity", True)
    applied.refresh_from_db()
    assert not applied.is_asked_back

    record_identity(applied, staff, seen("copy"), at("2026-01-08"))
    assert not ContractDocument.objects.exists()
    assert not path.exists()
    assert AuditEntry.objects.filter(action="identity.copy_erased").count() == 1
    accept_application(applied, staff, at("2026-01-08"))


@pytest.mark.parametrize("decision", ["refused", "withdrawn"])
def test_no_copy_outlives_the_decision(applied, staff, committing, decision):
    demand_identity(applied, staff, "高額のご利用のため", at("2026-01-07"))
    hand_in_identity(applied, applied.applicant, "menkyo.png", PNG, at("2026-01-08"))
    if decision == "refused":
        refuse_application(applied, staff, "false_application", "", at("2026-01-09"))
    else:
        withdraw_application(applied, applied.applicant, at("2026-01-09"))
    assert not ContractDocument.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"how": "by_phone"}, "how"),
        ({"document": "library_card"}, "document"),
        ({"person": " "}, "person"),
        ({"seen_on": day("2026-01-09")}, "seen_on"),
    ],
)
def test_what_is_not_known_of_it_is_not_recorded(applied, staff, facts, field):
    with pytest.raises(ValidationError) as refused:
        record_identity(applied, staff, seen(**facts), at("2026-01-08"))
    assert field in refused.value.error_dict
    assert not IdentityCheck.objects.exists()


def test_other_terms_demand_none(ct_e1, staff):
    application = apply(ct_e1, {"line": 1}, at("2026-01-05"))
    with pytest.raises(ValidationError):
        demand_identity(application, staff, "理由", at("2026-01-06"))
    with pytest.raises(ValidationError):
        record_identity(application, staff, seen(), at("2026-01-08"))


def test_nothing_is_handed_in_that_was_not_demanded(applied):
    with pytest.raises(ValidationError):
        hand_in_identity(applied, applied.applicant, "menkyo.png", PNG, at("2026-01-08"))
