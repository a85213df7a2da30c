"""The triggers of earlier migrations become constraints of the models."""

from importlib import import_module

import portal.frozen
from django.conf import settings
from django.db import migrations

EARLIER = {
    "contracts_termsversion": ["contracts_published_terms_stay"],
    "contracts_issuedletter": [
        "contracts_letters_stay",
        "contracts_letter_pdf_stays",
        "contracts_letters_are_kept",
    ],
}
FUNCTIONS = ["contracts_published_terms_stay", "contracts_letters_stay"]


def drop(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table, triggers in EARLIER.items():
        for name in triggers:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if on_postgresql else ""))
    if on_postgresql:
        for function in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function}()")


def create_again(apps, schema_editor):
    for name in ("0002_freeze_published_terms", "0008_letters_stay"):
        import_module(f"contracts.migrations.{name}").create(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0017_particulars_stay'),
        ('organisations', '0003_session_generation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop, create_again),
        migrations.AddConstraint(
            model_name='issuedletter',
            constraint=portal.frozen.NeverChanges(except_fields=('pdf', 'pdf_hash'), name='contracts_issuedletter_stays', says='an issued letter never changes'),
        ),
        migrations.AddConstraint(
            model_name='issuedletter',
            constraint=portal.frozen.NeverChanges(fields=('pdf', 'pdf_hash'), name='contracts_issuedletter_pdf_stays', says='the PDF of an issued letter never changes', when="OLD.pdf_hash <> '' AND (NEW.pdf_hash <> OLD.pdf_hash OR NEW.pdf <> OLD.pdf)"),
        ),
        migrations.AddConstraint(
            model_name='issuedletter',
            constraint=portal.frozen.NeverDeleted(name='contracts_issuedletter_is_kept', says='an issued letter is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='termsversion',
            constraint=portal.frozen.NeverChanges(name='contracts_termsversion_stays', says='a published version of the terms never changes', when='OLD.published_at IS NOT NULL'),
        ),
        migrations.AddConstraint(
            model_name='termsversion',
            constraint=portal.frozen.NeverDeleted(name='contracts_termsversion_is_kept', says='a published version of the terms is never deleted', when='OLD.published_at IS NOT NULL'),
        ),
    ]
