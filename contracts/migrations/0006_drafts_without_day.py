"""A draft may lack its effective date and its policy; what is published has a date.

SQLite rebuilds the table for this, and with it goes the trigger that keeps published versions as they are.
"""

from django.db import migrations, models

SQLITE_TRIGGER = """
CREATE TRIGGER contracts_published_terms_stay BEFORE UPDATE ON contracts_termsversion
WHEN OLD.published_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a published version of the terms never changes');
END
"""


def create_trigger_again(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE_TRIGGER)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0005_consents_stay")]
    operations = [
        # Backwards, the operations run from the last to the first: the trigger is made after the rebuilding.
        migrations.RunPython(migrations.RunPython.noop, create_trigger_again),
        migrations.AlterField(
            model_name="termsversion",
            name="effective_on",
            field=models.DateField(blank=True, null=True, verbose_name="Effective date"),
        ),
        migrations.AlterField(
            model_name="termsversion",
            name="policy_source",
            field=models.TextField(blank=True, help_text="TOML", verbose_name="Policy"),
        ),
        migrations.AddConstraint(
            model_name="termsversion",
            constraint=models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(effective_on__isnull=False),
                name="terms_version_published_with_day",
            ),
        ),
        migrations.RunPython(create_trigger_again, migrations.RunPython.noop),
    ]
