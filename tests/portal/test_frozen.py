"""The triggers that keep rows as they are: declared, there, and missed when they are not."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, models, transaction

from billing.models import Invoice, Reminder, SetOff
from contracts.models import TermsVersion
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.frozen import faults, guard_against_emptying, guards
from tests import scenes


def check() -> None:
    call_command("check", databases=["default"])


def execute(on_sqlite: str, on_postgresql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(on_sqlite if connection.vendor == "sqlite" else on_postgresql)


@pytest.fixture
def without_a_trigger(db) -> None:
    execute(
        "DROP TRIGGER billing_invoice_is_kept",
        "DROP TRIGGER billing_invoice_is_kept ON billing_invoice",
    )


@pytest.fixture
def with_an_idle_trigger(db) -> None:
    """It is there by its name, and refuses nothing."""
    name, table = "billing_reminder_is_kept", "billing_reminder"
    execute(f"DROP TRIGGER {name}", f"DROP TRIGGER {name} ON {table}")
    execute(
        f"CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN (1 = 0) BEGIN SELECT 1; END",
        f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW WHEN (1 = 0) "
        "EXECUTE FUNCTION portal_refuses('an issued letter is never deleted')",
    )


def test_all_triggers_are_there(db):
    check()


def test_a_trigger_that_is_missing_is_named(without_a_trigger):
    with pytest.raises(SystemCheckError, match="billing_invoice_is_kept on billing_invoice is missing"):
        check()


def test_a_trigger_that_was_altered_is_named(with_an_idle_trigger):
    with pytest.raises(SystemCheckError, match="billing_reminder_is_kept on billing_reminder is altered"):
        check()


def test_a_refusal_that_does_nothing_any_more_is_found(db):
    """On SQLite each trigger holds its own refusal, on PostgreSQL all share a function."""
    if connection.vendor == "sqlite":
        execute("DROP TRIGGER billing_setoff_is_kept", "")
        execute(
            "CREATE TRIGGER billing_setoff_is_kept BEFORE DELETE ON billing_setoff BEGIN SELECT 1; END",
            "",
        )
        changed = {"billing_setoff_is_kept"}
    else:
        execute(
            "",
            "CREATE OR REPLACE FUNCTION portal_refuses() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN OLD; END'",
        )
        changed = {name for guard in guards(SetOff) for name in guard.templates(connection)}
    assert {fault.trigger for fault in faults(SetOff, connection) if fault.what == "altered"} == changed


@pytest.fixture
def without_a_trigger_against_emptying(db) -> None:
    if connection.vendor == "postgresql":
        execute("", "DROP TRIGGER billing_setoff_is_kept_whole ON billing_setoff")


@pytest.fixture
def replacing_passes_the_triggers(db) -> Iterator[None]:
    """As on a connection that was opened with other settings."""
    execute("PRAGMA recursive_triggers = OFF", "SELECT 1")
    yield
    execute("PRAGMA recursive_triggers = ON", "SELECT 1")


REPLACED = "REPLACE INTO audit_auditentry SELECT * FROM audit_auditentry"
"""Puts each row in its own place, by which SQLite deletes the one before."""


def test_what_is_never_deleted_is_not_emptied_or_replaced_either(db):
    record("test.happened", None, scenes.yamada())
    connection.check_constraints()  # PostgreSQL empties nothing while it still has some to check
    with pytest.raises(IntegrityError, match="an audit entry is never deleted"), transaction.atomic():
        execute(REPLACED, "TRUNCATE audit_auditentry CASCADE")
    assert AuditEntry.objects.filter(action="test.happened").exists()


def test_an_empty_table_that_is_frozen_is_not_emptied(db):
    """A statement is refused whatever rows it meets; on SQLite there is no such statement."""
    if connection.vendor == "postgresql":
        with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
            execute("", "TRUNCATE contracts_termsversion CASCADE")


def test_a_connection_on_which_replacing_passes_the_triggers_is_named(replacing_passes_the_triggers):
    if connection.vendor == "sqlite":
        with pytest.raises(SystemCheckError, match="recursive_triggers is off"):
            check()
    else:
        check()


def test_a_missing_trigger_against_emptying_is_named(without_a_trigger_against_emptying):
    wrong = [(fault.trigger, fault.what) for fault in faults(SetOff, connection)]
    assert wrong == (
        [("billing_setoff_is_kept_whole", "missing")] if connection.vendor == "postgresql" else []
    )


@pytest.mark.django_db(transaction=True)
def test_an_installation_from_before_gets_what_keeps_tables_from_being_emptied(
    without_a_trigger_against_emptying,
):
    with connection.schema_editor() as editor:
        guard_against_emptying(apps, editor, "billing")
    assert list(faults(SetOff, connection)) == []


@pytest.mark.django_db(transaction=True)
def test_triggers_can_be_put_back(without_a_trigger, with_an_idle_trigger, capsys):
    call_command("restore_triggers")
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "billing_invoice_is_kept was missing, and is back.",
        "billing_reminder_is_kept was altered, and is back.",
    ]
    check()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Invoice, Reminder, TermsVersion])
def test_triggers_survive_a_change_of_the_table(model):
    """SQLite makes the table anew for a constraint."""
    constraint = models.CheckConstraint(condition=models.Q(pk__gte=0), name="added_for_a_test")
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)
        editor.remove_constraint(model, constraint)
    assert list(faults(model, connection)) == []
