"""A consent stays as it was recorded, whoever writes to the database.

A later migration that rebuilds the table on SQLite (most changes of its columns do) must create the triggers again.
"""

from django.db import migrations, models

TRIGGERS = {
    "contracts_consents_stay": ("UPDATE", "a consent never changes"),
    "contracts_consents_are_kept": ("DELETE", "a consent is never deleted"),
}
FUNCTION = """
CREATE FUNCTION contracts_consents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END
$$
"""


def create(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    if not sqlite:
        schema_editor.execute(FUNCTION, params=None)
    for name, (event, text) in TRIGGERS.items():
        body = (
            f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
            if sqlite
            else f"FOR EACH ROW EXECUTE FUNCTION contracts_consents_stay('{text}')"
        )
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON contracts_consent {body}", params=None)


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for name in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if sqlite else " ON contracts_consent"))
    if not sqlite:
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
