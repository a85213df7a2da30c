"""What may not change, whoever writes to the database: triggers, declared among the constraints of a model.

Migrations add and remove them as any constraint (`AddConstraint`, `RemoveConstraint`), on SQLite and on
PostgreSQL; where SQLite makes a table anew, Django makes its constraints anew, and so these come along.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

Model = type[models.Model]
Definitions = dict[str, tuple[str, ...]]
"""What the database knows of triggers, by their names."""

_REFUSAL = """
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END
"""
_FUNCTION = (
    f"CREATE OR REPLACE FUNCTION portal_refuses() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSAL}$$; "
).replace("%", "%%")
_ON_SQLITE = (
    "CREATE TRIGGER %(name)s BEFORE %(event)s ON %(table)s %(when)sBEGIN SELECT RAISE(ABORT, '%(says)s'); END"
)
_ON_POSTGRESQL = (
    "CREATE TRIGGER %(name)s BEFORE %(event)s ON %(table)s "
    "FOR EACH ROW %(when)sEXECUTE FUNCTION portal_refuses('%(says)s')"
)
_AGAINST_TRUNCATE = (
    "CREATE TRIGGER %(name)s BEFORE TRUNCATE ON %(table)s "
    "FOR EACH STATEMENT EXECUTE FUNCTION portal_refuses('%(says)s')"
)


class Guard(BaseConstraint):
    """A trigger that refuses to change, or to delete, a row; `name` is its name in the database.

    `says` is what the refusal says, in English and without quotes; `when` is a condition in SQL that both
    databases read, on the columns of OLD and NEW. Without one every row is meant.
    """

    def __init__(self, *, name: str, says: str, when: str = "") -> None:
        super().__init__(name=name)
        self.says, self.when = says, when

    def event(self, model: Model, editor: BaseDatabaseSchemaEditor) -> str:
        raise NotImplementedError

    def templates(self, connection: Any) -> dict[str, str]:
        """How the triggers are made, by the names that they have in the database."""
        return {self.name: _ON_SQLITE if _is_sqlite(connection) else _ON_POSTGRESQL}

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Nothing inside of CREATE TABLE: the trigger is made when the table is there under its name."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        triggers = self.trigger_sql(model, schema_editor)
        if not _is_sqlite(schema_editor.connection):
            triggers.template = _FUNCTION + triggers.template
        return triggers

    def trigger_sql(self, model: Model, editor: BaseDatabaseSchemaEditor) -> Statement:
        """The triggers alone, without the function that they call on PostgreSQL."""
        templates = self.templates(editor.connection)
        made = [template.replace("%(name)s", editor.quote_name(name)) for name, template in templates.items()]
        return Statement(
            "; ".join(made),
            event=self.event(model, editor),
            table=Table(model._meta.db_table, editor.quote_name),
            when=f"WHEN ({self.when}) " if self.when else "",
            says=self.says,
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        table = Table(model._meta.db_table, schema_editor.quote_name)
        on_table = "" if _is_sqlite(schema_editor.connection) else " ON %(table)s"
        names = map(schema_editor.quote_name, self.templates(schema_editor.connection))
        return Statement("; ".join(f"DROP TRIGGER IF EXISTS {name}{on_table}" for name in names), table=table)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to see in one instance: only the database knows what was there before."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs["says"] = self.says
        if self.when:
            kwargs["when"] = self.when
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guard) and self.deconstruct() == other.deconstruct()


class NeverChanges(Guard):
    """Refuses to set columns of a row: those of `fields`, or without these all but those of `except_fields`.

    A column that is added later is meant too, unless it is excepted: its migration removes the constraint
    and adds it again after the column. So does one that changes a column's type, which PostgreSQL refuses
    under a trigger. `frozen_tables_are_guarded` (portal/checks.py) tells where it was forgotten.
    """

    def __init__(
        self,
        *,
        name: str,
        says: str,
        when: str = "",
        fields: tuple[str, ...] = (),
        except_fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name=name, says=says, when=when)
        self.fields, self.except_fields = tuple(fields), tuple(except_fields)

    def event(self, model: Model, editor: BaseDatabaseSchemaEditor) -> str:
        if not self.fields and not self.except_fields:
            return "UPDATE"
        fields = (field for field in model._meta.local_concrete_fields if self._means(field.name))
        columns = sorted(str(field.column) for field in fields)
        return f"UPDATE OF {', '.join(editor.quote_name(column) for column in columns)}"

    def _means(self, name: str) -> bool:
        return name in self.fields if self.fields else name not in self.except_fields

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        if self.fields:
            kwargs["fields"] = self.fields
        if self.except_fields:
            kwargs["except_fields"] = self.except_fields
        return path, args, kwargs


class NeverDeleted(Guard):
    """Refuses to delete a row, and on PostgreSQL to empty the table, whatever rows `when` means.

    On SQLite REPLACE deletes a row, too: the trigger is asked where the connection says
    `PRAGMA recursive_triggers = ON` (portal/settings.py).
    """

    def event(self, model: Model, editor: BaseDatabaseSchemaEditor) -> str:
        return "DELETE"

    def templates(self, connection: Any) -> dict[str, str]:
        found = super().templates(connection)
        return found if _is_sqlite(connection) else {**found, f"{self.name}_whole": _AGAINST_TRUNCATE}


def gets_its_pdf_once(table: str, what: str) -> NeverChanges:
    """The constraint of a table of documents: `pdf` and `pdf_hash` are set once, and stay."""
    return NeverChanges(
        name=f"{table}_pdf_stays",
        fields=("pdf", "pdf_hash"),
        when="OLD.pdf_hash <> '' AND (NEW.pdf_hash <> OLD.pdf_hash OR NEW.pdf <> OLD.pdf)",
        says=f"the PDF of {what} never changes",
    )


def guards(model: Model) -> list[Guard]:
    """The triggers that a model declares."""
    return [constraint for constraint in model._meta.constraints if isinstance(constraint, Guard)]


class Fault(NamedTuple):
    """A trigger that the database lacks ("missing") or has otherwise ("altered"), and whose it is."""

    guard: Guard
    trigger: str
    what: str


def faults(model: Model, connection: BaseDatabaseWrapper) -> Iterator[Fault]:
    """What is wrong with the triggers of a model in the database."""
    declared = guards(model)
    if not declared:
        return
    found, expected = (_on_sqlite if _is_sqlite(connection) else _on_postgresql)(model, connection)
    for guard in declared:
        for name in guard.templates(connection):
            if name not in found:
                yield Fault(guard, name, "missing")
            elif found[name] != expected.get(name):
                yield Fault(guard, name, "altered")


def lets_rows_be_replaced(connection: BaseDatabaseWrapper) -> bool:
    """Whether REPLACE passes the triggers against deleting: on SQLite, where they are not recursive."""
    if not _is_sqlite(connection):
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        return not cursor.fetchone()[0]


def guard_against_emptying(apps: Any, editor: BaseDatabaseSchemaEditor, app: str) -> None:
    """For a migration: give the tables of an app what they lack of the triggers of `NeverDeleted`."""
    for model in apps.get_app_config(app).get_models():
        for guard in guards(model):
            if isinstance(guard, NeverDeleted):
                put_back(model, guard, editor)


def put_back(model: Model, guard: Guard, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers of a guard anew as the model declares them, whether they are there or not."""
    editor.execute(guard.remove_sql(model, editor), params=None)
    editor.execute(guard.create_sql(model, editor), params=None)


def _is_sqlite(connection: Any) -> bool:
    return bool(connection.vendor == "sqlite")


def _on_sqlite(model: Model, connection: BaseDatabaseWrapper) -> tuple[Definitions, Definitions]:
    """What is there, and what should be; SQLite keeps the text of a trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
            [model._meta.db_table],
        )
        found: Definitions = {name: (sql,) for name, sql in cursor.fetchall()}
    editor = connection.schema_editor()
    return found, {guard.name: (str(guard.create_sql(model, editor)),) for guard in guards(model)}


_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled::text, proname, prosrc
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgrelid = %s::regclass AND NOT tgisinternal
"""
_PROBE = "portal_probe"


def _on_postgresql(model: Model, connection: BaseDatabaseWrapper) -> tuple[Definitions, Definitions]:
    """What is there, and what should be.

    PostgreSQL tells triggers in words of its own: to compare, those that should be are made on a table that
    is gone at once.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        found = _defined_on(table, cursor)
        cursor.execute("SELECT 1 FROM pg_proc WHERE proname = 'portal_refuses'")
        if not cursor.fetchone():
            return found, {}
        cursor.execute(f"CREATE TEMPORARY TABLE {_PROBE} (LIKE {table})")
        for guard in guards(model):
            trigger = guard.trigger_sql(model, connection.schema_editor())
            trigger.rename_table_references(model._meta.db_table, _PROBE)
            cursor.execute(str(trigger))
        expected = _defined_on(_PROBE, cursor)
        cursor.execute(f"DROP TABLE {_PROBE}")
    refusing = ("portal_refuses", _REFUSAL)
    return found, {name: (*definition[:2], *refusing) for name, definition in expected.items()}


def _defined_on(table: str, cursor: Any) -> Definitions:
    cursor.execute(_TRIGGERS, [table])
    return {
        name: (re.sub(r" ON \S+ ", " ON ", sql, count=1), *rest) for name, sql, *rest in cursor.fetchall()
    }
