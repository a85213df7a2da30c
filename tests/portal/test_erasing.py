"""What records tell of persons can be erased, and the chains hold on."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.audit.erasing import ERASED, erase, erase_personal
from portal.audit.models import AuditChain, AuditEntry
from portal.audit.record import record
from portal.audit.sealing import Format
from portal.audit.verify import first_fault
from portal.organisations.models import Organisation
from tests.tampering import tamper

NOTE = {"note": "山田部長より電話"}


def told(organisation: Organisation) -> AuditEntry:
    return record("test.done", None, organisation, step=1, personal=NOTE)


@pytest.fixture
def staff(make_staff):
    return make_staff("root@provider.example", is_superuser=True)


def test_what_was_erased_is_gone_and_the_trail_holds(organisation, staff):
    entry = told(organisation)
    assert erase(AuditEntry.objects.filter(pk=entry.pk), staff, organisation) == 1
    erased = AuditEntry.objects.get(pk=entry.pk)
    assert (erased.personal, erased.salt, erased.data) == (None, "", {"step": 1})
    assert erased.hash == entry.hash
    call_command("verify_audit")


def test_the_trail_tells_who_erased_which_entries(organisation, staff):
    entry = told(organisation)
    erase(AuditEntry.objects.filter(pk=entry.pk), staff, organisation)
    about = AuditEntry.objects.get(action="personal_data.erased")
    assert (about.actor, about.organisation) == (staff, organisation)
    assert about.data == {"of": "audit.auditentry", "records": [entry.sequence]}


def test_who_guesses_what_was_erased_cannot_find_out(organisation):
    first, second = told(organisation), told(organisation)
    assert first.personal_hash != second.personal_hash, "the same words, under another salt"
    assert first.personal_hash != hashlib.sha256(json.dumps(NOTE).encode()).hexdigest()


def test_all_that_is_told_of_an_organisation_is_erased_and_nothing_else(organisation, user, staff):
    told(organisation)
    of_somebody_else = record("user.noted", staff, user, personal=NOTE)
    assert erase_personal(organisation, staff) == 2, "its registration, and the note"
    assert not AuditEntry.objects.filter(organisation=organisation, personal__isnull=False).exists()
    of_somebody_else.refresh_from_db()
    assert of_somebody_else.personal == NOTE
    assert first_fault() is None


def test_what_is_told_of_an_account_is_erased(organisation, user, staff):
    of_the_account = record("user.noted", staff, user, personal=NOTE)
    of_the_organisation = told(organisation)
    assert erase_personal(user, staff) == 1
    of_the_account.refresh_from_db()
    of_the_organisation.refresh_from_db()
    assert (of_the_account.personal, of_the_organisation.personal) == (None, NOTE)


def test_erasing_again_erases_nothing_and_tells_nothing(organisation, staff):
    erase_personal(organisation, staff)
    assert erase_personal(organisation, staff) == 0
    assert AuditEntry.objects.filter(action="personal_data.erased").count() == 1


def test_the_admin_says_that_something_was_erased(organisation, staff, signed_in):
    entry = told(organisation)
    page = reverse("admin:audit_auditentry_change", args=[entry.pk])
    client = signed_in(staff)
    assert "山田部長より電話" in client.get(page).content.decode()
    erase_personal(organisation, staff)
    shown = client.get(page).content.decode()
    assert "消去済み" in shown
    assert "山田部長より電話" not in shown


def written_by_0_1_0(organisation: Organisation) -> AuditEntry:
    """An entry as that release made it, by its own formula."""
    entry = AuditEntry(
        sequence=1,
        format=Format.PLAIN,
        at=timezone.now(),
        action="test.done",
        object_type="organisations.organisation",
        object_id=str(organisation.pk),
        organisation=organisation,
        data=NOTE,
        previous_hash="0" * 64,
    )
    stated = {
        "sequence": 1,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": None,
        "action": "test.done",
        "object": ["organisations.organisation", str(organisation.pk)],
        "organisation": organisation.pk,
        "data": NOTE,
        "previous": "0" * 64,
    }
    entry.hash = hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    entry.save()
    AuditChain.objects.create(pk=1, length=1, last_hash=entry.hash)
    return entry


@pytest.fixture
def registered(db, details) -> Organisation:
    """Without a trail."""
    return Organisation.objects.create(**asdict(details))


def test_entries_of_0_1_0_keep_their_seals_and_new_ones_follow(registered):
    old = written_by_0_1_0(registered)
    new = told(registered)
    assert (new.format, new.previous_hash) == (Format.SALTED, old.hash)
    assert first_fault() is None


def test_what_0_1_0_wrote_keeps_its_seal_and_is_marked_as_erased(registered, user):
    old = written_by_0_1_0(registered)
    later = told(registered)
    assert erase_personal(registered, user) == 2
    erased = AuditEntry.objects.get(pk=old.pk)
    assert (erased.data, erased.hash, erased.erased, erased.is_erased) == ({}, old.hash, True, True)
    about = AuditEntry.objects.get(action=ERASED, data__has_key="rests")
    assert about.data["rests"] == {"1": erased.rest_digest()}
    assert AuditEntry.objects.get(pk=later.pk).previous_hash == old.hash
    assert first_fault() is None
    call_command("verify_audit")


def test_erasing_what_0_1_0_wrote_again_erases_nothing(registered, user):
    written_by_0_1_0(registered)
    assert erase_personal(registered, user) == 1
    assert erase_personal(registered, user) == 0


@pytest.mark.parametrize(
    "change",
    [
        "salt = '', personal = NULL",
        "data = '{}'",
        "erased = TRUE",
        'data = \'{"note": "other"}\', erased = TRUE',
        "data = '{}', erased = TRUE, action = 'test.other'",
    ],
)
def test_what_0_1_0_wrote_is_erased_whole_with_its_mark_or_not_at_all(registered, change):
    old = written_by_0_1_0(registered)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_auditentry SET {change}")  # noqa: S608 (ours)
    old.refresh_from_db()
    assert (old.data, old.erased) == (NOTE, False)


@pytest.mark.parametrize("change", ["erased = TRUE, data = '{}'", "erased = TRUE"])
def test_what_was_sealed_with_a_salt_is_not_marked(organisation, change):
    told(organisation)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_auditentry SET {change}")  # noqa: S608 (ours)


def test_what_0_1_0_wrote_and_nobody_told_as_erased_is_found(registered):
    written_by_0_1_0(registered)
    AuditEntry.objects.filter(sequence=1).forget_plain()
    assert first_fault() == "Entry 1 was changed after it was erased, or nobody erased it."


def test_what_is_left_of_an_erased_entry_of_0_1_0_can_not_change_unseen(registered, user):
    written_by_0_1_0(registered)
    erase_personal(registered, user)
    tamper(AuditEntry, "UPDATE audit_auditentry SET action = 'test.other' WHERE sequence = 1")
    assert first_fault() == "Entry 1 was changed after it was erased, or nobody erased it."
