"""The triggers that keep rows as they are: declared, there, and missed when they are not."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models

from billing.models import Invoice, Reminder, SetOff
from contracts.models import TermsVersion
from portal.frozen import faults, guards


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
        changed = {guard.name for guard in guards(SetOff)}
    assert {guard.name for guard, fault in faults(SetOff, connection) if fault == "altered"} == changed


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
