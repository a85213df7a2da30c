import datetime
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from portal.audit.models import AuditChain, AuditEntry
from portal.audit.record import record
from portal.audit.verify import first_fault
from tests.tampering import tamper


@pytest.fixture
def three_entries(user):
    note = {"note": "電話で聞いた"}
    return [
        record("test.done", user, user, amount=Decimal("1.50"), step=step, personal=note) for step in range(3)
    ]


def test_an_untouched_trail_holds(three_entries, capsys):
    assert first_fault() is None
    call_command("verify_audit")
    assert "3 entries" in capsys.readouterr().out


def test_an_entry_tells_who_did_what_to_which_object(user, organisation):
    entry = record("organisation.seen", user, organisation, on=datetime.date(2026, 10, 31))
    entry.refresh_from_db()
    assert (entry.actor, entry.organisation) == (user, organisation)
    assert (entry.object_type, entry.object_id) == ("organisations.organisation", str(organisation.pk))
    assert entry.data == {"on": "2026-10-31"}


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE audit_auditentry SET action = 'test.undone' WHERE sequence = 2", "Entry 2 was changed"),
        ("UPDATE audit_auditentry SET data = '{\"step\": 9}' WHERE sequence = 1", "Entry 1 was changed"),
        ("UPDATE audit_auditentry SET actor_id = NULL WHERE sequence = 3", "Entry 3 was changed"),
        ("UPDATE audit_auditentry SET personal = '{\"note\": 1}' WHERE sequence = 2", "Entry 2 was changed"),
        ("UPDATE audit_auditentry SET personal_hash = '' WHERE sequence = 2", "Entry 2 was changed"),
        ("UPDATE audit_auditentry SET salt = '' WHERE sequence = 2", "Entry 2 was changed"),
        (
            "UPDATE audit_auditentry SET salt = '', personal = NULL WHERE sequence = 2",
            "Entry 2 lacks its personal values, and nobody erased them",
        ),
        ("DELETE FROM audit_auditentry WHERE sequence = 2", "Entry 2 is missing"),
        ("DELETE FROM audit_auditentry WHERE sequence = 3", "ends at entry 2, but 3 were written"),
    ],
)
def test_tampering_shows(three_entries, tampering, fault):
    tamper(AuditEntry, tampering)
    assert fault in (first_fault() or "")
    with pytest.raises(CommandError, match=fault):
        call_command("verify_audit")


def test_a_forged_entry_with_a_seal_of_its_own_shows(three_entries):
    forged = AuditEntry.objects.get(sequence=2)
    forged.action = "test.forged"
    tamper(
        AuditEntry,
        "UPDATE audit_auditentry SET action = 'test.forged', hash = %s WHERE sequence = 2",
        forged.seal(),
    )
    assert first_fault() == "Entry 3 was changed after it was written."


def test_forged_words_with_a_digest_of_their_own_show(three_entries):
    forged = AuditEntry.objects.get(sequence=2)
    forged.personal = {"note": "書面で受けた"}
    tamper(
        AuditEntry,
        "UPDATE audit_auditentry SET personal = %s, personal_hash = %s WHERE sequence = 2",
        json.dumps(forged.personal),
        forged.personal_digest(),
    )
    assert first_fault() == "Entry 2 was changed after it was written."


def test_entries_are_neither_changed_nor_deleted(three_entries):
    entry = three_entries[0]
    with pytest.raises(PermissionDenied):
        entry.save()
    with pytest.raises(PermissionDenied):
        entry.delete()
    with pytest.raises(PermissionDenied):
        AuditEntry.objects.update(action="test.undone")
    with pytest.raises(PermissionDenied):
        AuditEntry.objects.all().delete()


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE audit_auditentry SET action = 'test.undone'", "an audit entry never changes"),
        ("UPDATE audit_auditentry SET personal_hash = ''", "an audit entry never changes"),
        ("UPDATE audit_auditentry SET personal = '{}', salt = ''", "are erased, with their salt"),
        ("UPDATE audit_auditentry SET personal = NULL", "are erased, with their salt"),
        ("UPDATE audit_auditentry SET salt = ''", "are erased, with their salt"),
        ("DELETE FROM audit_auditentry WHERE sequence = 3", "an audit entry is never deleted"),
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(three_entries, statement, refusal):
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert first_fault() is None


def test_an_entry_falls_with_its_transaction(three_entries, user):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("test.failed", user, user)
        raise ZeroDivisionError
    assert AuditChain.objects.get().length == AuditEntry.objects.count() == 3
    assert first_fault() is None


def test_amounts_are_not_floats(user):
    with pytest.raises(TypeError, match="no floats"):
        record("test.done", user, user, lines=[{"amount": 1.5}])


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_a_transaction(user):
    with pytest.raises(transaction.TransactionManagementError):
        record("test.done", user, user)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain(user):
    def write(step: int) -> None:
        try:
            with transaction.atomic():
                record("test.done", user, user, step=step)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(24)))
    assert sorted(entry.data["step"] for entry in AuditEntry.objects.all()) == list(range(24))
    assert first_fault() is None


def test_the_admin_shows_entries_and_offers_no_change(three_entries, make_staff, signed_in):
    client = signed_in(make_staff("root@provider.example", is_superuser=True))
    entry = three_entries[0]
    assert client.get(reverse("admin:audit_auditentry_changelist")).status_code == 200
    page = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert client.get(reverse("admin:audit_auditentry_add")).status_code == 403
    assert client.post(reverse("admin:audit_auditentry_delete", args=[entry.pk])).status_code == 403
