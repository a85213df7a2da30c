"""Consents: one chain of sealed records, renewed or refused or deemed as the terms say."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from contracts.consents.answers import (
    record_consent,
    record_deemed_consents,
    refuse_renewal,
    renew_consent,
)
from contracts.consents.certificate import ConsentNotIntactError, certificate
from contracts.consents.chain import first_fault
from contracts.consents.renewals import asked_of, open_refusals
from contracts.models import Consent, ConsentChain, Notice, NoticeDelivery, Service, TermsVersion
from portal.audit.erasing import erase, erase_personal
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.audit.sealing import Format, append
from portal.organisations.models import Organisation
from tests import scenes
from tests.billing_scene import load_service
from tests.scenes import at, day, owner_of, suzuki, yamada
from tests.tampering import tamper

IP = "192.0.2.7"
EFFECTIVE = day("2027-01-01")
APPLIED = at("2026-11-01")


@pytest.fixture
def desknets(db) -> Service:
    """Its terms ask for renewed consent."""
    return load_service("desknets")


def changed(service: Service, *organisations: Organisation) -> TermsVersion:
    """A new version from 2027 on, announced in November, for organisations with a running contract."""
    for organisation in organisations:
        base = next(iter(service.versions.latest("effective_on").policy.base_products))
        scenes.running(service, {base: 3}, organisation)
    return scenes.next_version(service, EFFECTIVE, at("2026-11-10"))


def told(version: TermsVersion, organisation: Organisation, moment) -> Notice:
    """The version's notice, effective for an organisation at a moment."""
    notice, _created = Notice.objects.update_or_create(
        service=version.service,
        purpose="terms_change",
        terms_version=version,
        defaults={
            "effective_on": version.effective_on,
            "subject": "改定",
            "body": "改定します。",
            "sent_at": moment,
            "governing_version": version,
        },
    )
    NoticeDelivery.objects.create(
        notice=notice, organisation=organisation, channel="site", sent_at=moment, effective_at=moment
    )
    return notice


def three_consents(service: Service) -> list[Consent]:
    for hour in (9, 10, 11):
        scenes.apply(service, {"user": 1}, APPLIED.replace(hour=hour))
    return list(Consent.objects.order_by("sequence"))


def test_consents_form_a_chain_that_holds(progoffice, capsys):
    first, second, third = three_consents(progoffice)
    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
    assert [consent.sequence for consent in (first, second, third)] == [1, 2, 3]
    assert first.ip_address == "192.0.2.1"
    call_command("verify_consents")
    assert "3 consents" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE contracts_consent SET how = 'refused' WHERE sequence = 2", "Consent 2 was changed"),
        ("UPDATE contracts_consent SET at = '2026-01-01 00:00:00+00:00' WHERE sequence = 1", "Consent 1 was"),
        ("UPDATE contracts_consent SET ip_address = NULL WHERE sequence = 3", "Consent 3 was changed"),
        ("DELETE FROM contracts_consent WHERE sequence = 2", "Consent 2 is missing"),
        ("DELETE FROM contracts_consent WHERE sequence = 3", "ends at consent 2, but 3 were written"),
    ],
)
def test_tampering_shows(progoffice, tampering, fault):
    three_consents(progoffice)
    tamper(Consent, tampering)
    with pytest.raises(CommandError, match=fault):
        call_command("verify_consents")


def test_a_forged_record_with_a_seal_of_its_own_shows(progoffice):
    forged = three_consents(progoffice)[1]
    forged.how = "refused"
    tamper(
        Consent,
        "UPDATE contracts_consent SET how = 'refused', hash = %s WHERE sequence = 2",
        forged.seal(),
    )
    assert first_fault() == "Consent 2: the audit trail does not hold its seal."


def sealed_anew(consents: list[Consent], **changed) -> None:
    """Write the last consents of the chain as somebody can who reaches the database: all seals fit again."""
    before = consents[0].previous_hash
    for consent in consents:
        for name, value in changed.items():
            setattr(consent, name, value)
        consent.previous_hash = before
        consent.personal_hash = consent.personal_digest()
        before = consent.hash = consent.seal()
        tamper(
            Consent,
            "UPDATE contracts_consent SET how = %s, format = %s, salt = %s, ip_address = %s,"
            " personal_hash = %s, previous_hash = %s, hash = %s WHERE id = %s",
            consent.how,
            consent.format,
            consent.salt,
            consent.ip_address,
            consent.personal_hash,
            consent.previous_hash,
            consent.hash,
            consent.pk,
        )
    ConsentChain.objects.update(last_hash=before)


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize(
    "changed",
    [
        {"how": "refused"},
        # As 0.1.0 sealed: what it wrote the audit trail does not tell of.
        {"how": "refused", "format": Format.PLAIN, "salt": ""},
        {"format": Format.PLAIN, "salt": "", "ip_address": "203.0.113.9"},
    ],
)
def test_consents_that_were_sealed_anew_to_the_end_of_the_chain_show(progoffice, first, changed):
    sealed_anew(three_consents(progoffice)[first:], **changed)
    assert (first_fault() or "").startswith(f"Consent {first + 1}")


def test_of_a_forged_record_no_certificate_is_issued(progoffice):
    _first, second, third = three_consents(progoffice)
    assert certificate(second, day("2026-11-20")).startswith(b"%PDF")
    sealed_anew([second, third], how="refused", format=Format.PLAIN, salt="")
    forged = Consent.objects.get(pk=second.pk)
    assert forged.is_intact, "by itself it says nothing of that"
    with pytest.raises(ConsentNotIntactError):
        certificate(forged, day("2026-11-20"))


def test_two_that_were_swapped_and_sealed_anew_show(progoffice):
    one, other, last = three_consents(progoffice)
    tamper(Consent, "UPDATE contracts_consent SET sequence = 9 WHERE id = %s", one.pk)
    for consent, number in ((other, 1), (one, 2)):
        tamper(Consent, "UPDATE contracts_consent SET sequence = %s WHERE id = %s", number, consent.pk)
        consent.sequence = number
    other.previous_hash = one.previous_hash
    sealed_anew([other, one, last])
    assert first_fault() == "Consent 1: the audit trail does not hold its seal."


def test_one_that_was_put_in_shows(progoffice):
    *_others, last = three_consents(progoffice)
    forged = Consent.objects.get(pk=last.pk)
    forged.pk, forged._state.adding = None, True
    with transaction.atomic():
        append(forged)
    assert first_fault() == "Consent 4: the audit trail does not hold its seal."


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_auditentry SET data = REPLACE(data, '{old}', '{new}') WHERE data LIKE '%%{old}%%'",
        "DELETE FROM audit_auditentry WHERE data LIKE '%%{old}%%'",
    ],
)
def test_who_also_changes_the_entry_that_holds_the_seal_is_found_by_the_trail(progoffice, tampering):
    *_others, last = three_consents(progoffice)
    old = last.hash
    sealed_anew([last], how="refused")
    statement = tampering.format(old=old, new=last.hash)
    if connection.vendor == "postgresql":
        statement = statement.replace("(data,", "(data::text,").replace("') WHERE", "')::jsonb WHERE")
        statement = statement.replace("WHERE data", "WHERE data::text")
    tamper(AuditEntry, statement.replace("%%", "%"))
    assert "audit trail, which holds the seals of consents, is not as it was written" in (first_fault() or "")


def test_an_entry_that_tells_another_seal_later_vouches_for_nothing(progoffice, user):
    *_others, last = three_consents(progoffice)
    sealed_anew([last], how="refused")
    with transaction.atomic():
        record("consent.renewed", user, yamada(), consents={last.sequence: last.hash})
    assert first_fault() == "Consent 3: the audit trail does not hold its seal."


def test_consents_are_neither_changed_nor_deleted(progoffice):
    consent = three_consents(progoffice)[0]
    for attempt in (
        consent.save,
        consent.delete,
        lambda: Consent.objects.update(how="refused"),
        lambda: Consent.objects.all().delete(),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE contracts_consent SET how = 'refused'", "never changes"),
        ("DELETE FROM contracts_consent WHERE sequence = 3", "never deleted"),
    ],
)
def test_the_database_refuses_to_change_or_delete_a_consent(progoffice, statement, refusal):
    three_consents(progoffice)
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert first_fault() is None


def test_an_address_of_the_newer_kind_is_sealed_as_it_comes_back(progoffice):
    version = progoffice.versions.latest("effective_on")
    record_consent(yamada(), version, "renewed", APPLIED, person=owner_of(yamada()), ip="2001:DB8::7")
    assert Consent.objects.get().is_intact


def test_whoever_is_asked_may_agree_once(desknets):
    version = changed(desknets, yamada())
    person = owner_of(yamada())
    (asked,) = asked_of(yamada(), day("2026-11-20"))
    assert (asked.version, asked.rule.refusal.article) == (version, ("sample-15",))

    agreed = renew_consent(yamada(), person, version, at("2026-11-20"), IP)
    assert renew_consent(yamada(), person, version, at("2026-11-21"), IP) == agreed
    assert (agreed.how, agreed.person, agreed.content_hash) == ("renewed", person, version.content_hash)
    assert asked_of(yamada(), day("2026-11-20")) == []
    assert AuditEntry.objects.get(action="consent.renewed").organisation == yamada()
    with pytest.raises(ValidationError) as refused:
        refuse_renewal(yamada(), person, version, at("2026-11-21"), IP)
    assert refused.value.code == "agreed_already"


def test_a_refusal_waits_for_staff_until_the_customer_agrees(desknets):
    version = changed(desknets, yamada())
    person = owner_of(yamada())
    refused = refuse_renewal(yamada(), person, version, at("2026-11-20"), IP)
    assert refuse_renewal(yamada(), person, version, at("2026-11-20"), IP) == refused
    assert list(open_refusals(day("2026-11-20"))) == [refused]
    assert asked_of(yamada(), day("2026-11-20")) == []

    renew_consent(yamada(), person, version, at("2026-11-25"), IP)
    assert not open_refusals(day("2026-11-25")).exists()
    assert list(Consent.objects.filter(terms_version=version).values_list("how", flat=True)) == [
        "renewed",
        "refused",
    ]


def test_nobody_is_asked_who_has_no_contract_under_the_earlier_version(desknets):
    version = changed(desknets, yamada())
    assert asked_of(suzuki(), day("2026-11-20")) == []
    with pytest.raises(ValidationError) as refused:
        renew_consent(suzuki(), owner_of(suzuki()), version, at("2026-11-20"), IP)
    assert refused.value.code == "not_asked"
    with pytest.raises(ValidationError) as refused:
        refuse_renewal(yamada(), owner_of(yamada()), desknets.versions.get(name="14"), at("2026-11-20"), IP)
    assert refused.value.code == "not_asked"
    scenes.running(desknets, {"user": 1}, suzuki())
    assert asked_of(suzuki(), day("2026-11-20")) != []


def test_a_contract_that_ends_before_the_new_version_asks_for_nothing(desknets):
    changed(desknets, yamada())
    contract = yamada().contracts.get()
    contract.ends_on, contract.end_kind = EFFECTIVE - timedelta(days=1), "cancelled"
    contract.save()
    assert asked_of(yamada(), day("2026-11-20")) == []


def test_use_after_the_notice_counts_once_the_version_is_in_force(simpleconnect):
    version = changed(simpleconnect, yamada())
    person = owner_of(yamada())
    notice = told(version, yamada(), at("2026-11-20"))

    assert record_deemed_consents(yamada(), at("2026-12-31 23:59"), person=person, ip=IP) == []
    assert record_deemed_consents(yamada(), at("2027-01-01 00:00")) == []
    used_at = at("2027-01-05 09:30")
    (deemed,) = record_deemed_consents(yamada(), used_at, person=person, ip=IP)
    assert (deemed.how, deemed.person, deemed.at, deemed.ip_address) == (
        "deemed_by_use",
        person,
        used_at,
        IP,
    )
    assert deemed.notice == notice
    assert record_deemed_consents(yamada(), at("2027-01-06"), person=person, ip=IP) == []
    assert first_fault() is None


def test_use_without_a_notice_counts_for_nothing(simpleconnect):
    changed(simpleconnect, yamada())
    assert record_deemed_consents(yamada(), at("2027-02-01"), person=owner_of(yamada()), ip=IP) == []


@pytest.mark.parametrize(
    ("told_at", "holds_from"),
    [("2026-11-20 10:00", "2027-01-01 00:00"), ("2027-01-10 10:00", "2027-01-10 10:00")],
)
def test_notice_alone_counts_from_the_day_on_whenever_it_is_recorded(ct_e1, told_at, holds_from):
    version = changed(ct_e1, yamada())
    told(version, yamada(), at(told_at))
    assert record_deemed_consents(yamada(), at(holds_from) - timedelta(minutes=1)) == []
    (deemed,) = record_deemed_consents(yamada(), at("2027-03-01"), person=owner_of(yamada()), ip=IP)
    assert (deemed.how, deemed.person, deemed.ip_address) == ("deemed_by_notice", None, None)
    assert deemed.at == at(holds_from)
    assert record_deemed_consents(yamada(), at("2027-03-02")) == []


def test_notice_of_a_version_that_was_replaced_before_counts_for_nothing(ct_e1):
    version = changed(ct_e1, yamada())
    scenes.next_version(ct_e1, day("2027-02-01"), at("2026-11-11"))
    told(version, yamada(), at("2027-02-10"))
    assert record_deemed_consents(yamada(), at("2027-03-01")) == []


def test_whoever_refused_is_not_deemed_to_agree(simpleconnect):
    version = changed(simpleconnect, yamada())
    told(version, yamada(), at("2026-11-20"))
    refuse_renewal(yamada(), owner_of(yamada()), version, at("2026-12-01"), IP)
    assert record_deemed_consents(yamada(), at("2027-01-05"), person=owner_of(yamada()), ip=IP) == []


def test_the_command_records_for_everybody_who_was_told(ct_e1, capsys):
    version = changed(ct_e1, yamada(), suzuki())
    for organisation in (yamada(), suzuki()):
        told(version, organisation, at("2026-11-20"))
    with time_machine.travel(at("2027-01-02"), tick=False):
        call_command("record_deemed_consents")
        call_command("record_deemed_consents")
    assert capsys.readouterr().out.split() == ["2", "consents", "recorded.", "0", "consents", "recorded."]


def test_a_deemed_consent_names_nobody_only_when_notice_brought_it(progoffice):
    version = progoffice.versions.latest("effective_on")
    with pytest.raises(IntegrityError), transaction.atomic():
        record_consent(yamada(), version, "renewed", APPLIED, person=None, ip=None)


@pytest.mark.django_db(transaction=True)
def test_a_consent_needs_the_transaction_of_what_it_belongs_to():
    service = load_service("progoffice")
    with pytest.raises(transaction.TransactionManagementError):
        record_consent(
            yamada(), service.versions.latest("effective_on"), "renewed", APPLIED, person=None, ip=None
        )


@pytest.mark.django_db(transaction=True)
def test_consents_at_the_same_time_make_one_chain():
    version = changed(load_service("simpleconnect"), yamada())
    told(version, yamada(), at("2026-11-20"))
    person, organisation = owner_of(yamada()), yamada()

    def visit(_place: int) -> int:
        try:
            return len(record_deemed_consents(organisation, at("2027-01-05"), person=person, ip=IP))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(visit, range(8))) == 1
    assert first_fault() is None


def test_an_address_can_be_erased_and_the_chain_holds(progoffice, make_staff):
    first, second, third = three_consents(progoffice)
    erase(Consent.objects.filter(pk=second.pk), make_staff("root@provider.example"), yamada())
    assert list(Consent.objects.order_by("pk").values_list("ip_address", flat=True)) == [
        first.ip_address,
        None,
        third.ip_address,
    ]
    second.refresh_from_db()
    assert second.is_intact
    call_command("verify_consents")
    call_command("verify_audit")


def test_an_address_that_somebody_took_away_in_secret_shows(progoffice):
    three_consents(progoffice)
    tamper(Consent, "UPDATE contracts_consent SET ip_address = NULL, salt = '' WHERE sequence = 3")
    assert first_fault() == "Consent 3 lacks its personal values, and nobody erased them."


def test_all_that_is_told_of_an_organisation_can_be_erased(progoffice, make_staff):
    three_consents(progoffice)
    erase_personal(yamada(), make_staff("root@provider.example"))
    assert not Consent.objects.filter(ip_address__isnull=False).exists()
    submitted = AuditEntry.objects.filter(action="application.submitted")
    assert [entry.personal for entry in submitted] == [None, None, None]
    assert first_fault() is None


def test_a_consent_that_was_taken_away_with_the_end_of_the_chain_shows(progoffice):
    """The audit trail holds the seal of each."""
    _first, second, _third = three_consents(progoffice)
    tamper(Consent, "DELETE FROM contracts_consent WHERE sequence = 3")
    ConsentChain.objects.update(length=2, last_hash=second.hash)
    assert first_fault() == "Consent 3 is missing."


def test_a_consent_that_the_trail_does_not_tell_of_shows(progoffice):
    version = progoffice.versions.latest("effective_on")
    record_consent(yamada(), version, "renewed", APPLIED, person=owner_of(yamada()), ip=IP)
    assert first_fault() == "Consent 1: the audit trail does not hold its seal."
