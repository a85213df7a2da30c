"""A consent stays as it was recorded, whoever writes to the database.

A later migration that rebuilds the table on SQLite (most changes of its columns do) must create the trigger again.
One that is removed shows in the chain: `manage.py verify_consents`.
"""

from django.db import migrations, models

SQLITE = """
CREATE TRIGGER contracts_consents_stay BEFORE UPDATE ON contracts_consent
BEGIN
    SELECT RAISE(ABORT, 'a consent never changes');
END
"""
POSTGRESQL = """
CREATE FUNCTION contracts_consents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a consent never changes' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER contracts_consents_stay BEFORE UPDATE ON contracts_consent
FOR EACH ROW EXECUTE FUNCTION contracts_consents_stay();
"""


def create(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER contracts_consents_stay")
    else:
        schema_editor.execute("DROP TRIGGER contracts_consents_stay ON contracts_consent")
        schema_editor.execute("DROP FUNCTION contracts_consents_stay()")


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_seal_consents")]
    operations = [
        migrations.AlterField(
            model_name="consent",
            name="hash",
            field=models.CharField(max_length=64, verbose_name="Seal"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="previous_hash",
            field=models.CharField(max_length=64, verbose_name="Seal of the consent before"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="sequence",
            field=models.PositiveBigIntegerField(unique=True, verbose_name="Number"),
        ),
        migrations.RunPython(create, drop),
    ]
