"""What is personal of a consent is sealed apart, so that it can be erased; the triggers become constraints."""

from importlib import import_module

import portal.frozen
from django.db import migrations, models


def drop(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for name in ("contracts_consents_stay", "contracts_consents_are_kept"):
        schema_editor.execute(
            f"DROP TRIGGER IF EXISTS {name}" + (" ON contracts_consent" if on_postgresql else "")
        )
    if on_postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS contracts_consents_stay()")


def create_again(apps, schema_editor):
    import_module("contracts.migrations.0005_consents_stay").create(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [('contracts', '0018_guards')]

    operations = [
        migrations.RunPython(drop, create_again),
        migrations.AddField(
            model_name='consent',
            name='format',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='Format of the seal'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='consent',
            name='personal_hash',
            field=models.CharField(blank=True, max_length=64, verbose_name='Digest of personal data'),
        ),
        migrations.AddField(
            model_name='consent',
            name='salt',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AlterField(
            model_name='consent',
            name='previous_hash',
            field=models.CharField(max_length=64, verbose_name='Seal of the record before'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=portal.frozen.NeverChanges(except_fields=('ip_address', 'salt'), name='contracts_consent_stays', says='a consent never changes'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=portal.frozen.NeverChanges(fields=('ip_address', 'salt'), name='contracts_consent_is_erased_only', says='personal values of a consent are erased, with their salt, and never changed', when="OLD.salt = '' OR NEW.salt <> '' OR NEW.ip_address IS NOT NULL"),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=portal.frozen.NeverDeleted(name='contracts_consent_is_kept', says='a consent is never deleted'),
        ),
    ]
