"""Particulars of a provider stay as they were stored, whoever writes to the database; they stand in their table alone.

A later migration that rebuilds the table on SQLite (most changes of its columns do) must create the trigger again.
"""

from django.db import migrations

TABLE = "contracts_providerparticulars"
NAME = "contracts_particulars_stay"
TEXT = "particulars of a provider never change: what comes later is a row of its own"
MOVED = ("name", "name_en", "registration_number", "postal_code", "address", "phone", "email", "bank_account")
SQLITE = f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{TEXT}'); END"
POSTGRESQL = [
    f"""
    CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'check_violation';
    END
    $$
    """,
    f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
]


def create(apps, schema_editor):
    for statement in [SQLITE] if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0016_particulars_of_providers")]
    operations = [
        *(migrations.RemoveField(model_name="provider", name=name) for name in MOVED),
        migrations.RunPython(create),
    ]
