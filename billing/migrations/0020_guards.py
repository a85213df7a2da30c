"""The triggers of earlier migrations become constraints of the models."""

from importlib import import_module

import portal.frozen
from django.conf import settings
from django.db import migrations

EARLIER = {
    "billing_invoice": [
        "billing_issued_invoice_stays",
        "billing_invoice_pdf_stays",
        "billing_cancelled_invoice_stays",
        "billing_invoice_is_kept",
    ],
    "billing_adjustment": ["billing_stated_adjustment_stays", "billing_adjustment_is_kept"],
    "billing_usagerecord": ["billing_usage_stays", "billing_usage_is_kept"],
    "billing_refusedusage": ["billing_refused_usage_is_kept"],
    "billing_reminder": ["billing_reminder_stays", "billing_reminder_is_kept"],
    "billing_setoff": ["billing_setoff_stays", "billing_setoff_is_kept"],
    "billing_depositletter": ["billing_depositletter_stays", "billing_depositletter_is_kept"],
}
FUNCTIONS = ["billing_stays"]


def drop(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table, triggers in EARLIER.items():
        for name in triggers:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if on_postgresql else ""))
    if on_postgresql:
        for function in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function}()")


def create_again(apps, schema_editor):
    for name in ("0004_keep_what_was_issued", "0010_letters_stay"):
        import_module(f"billing.migrations.{name}").create(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0019_plain_drawings'),
        ('contracts', '0018_guards'),
        ('organisations', '0003_session_generation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop, create_again),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=portal.frozen.NeverChanges(except_fields=('invoice', 'credit_entry', 'withdrawn_at', 'withdrawal_reason'), name='billing_adjustment_stays', says='an invoiced amount never changes', when='OLD.invoice_id IS NOT NULL'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=portal.frozen.NeverDeleted(name='billing_adjustment_is_kept', says='a decided amount is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='depositletter',
            constraint=portal.frozen.NeverChanges(name='billing_depositletter_stays', says='an issued letter never changes'),
        ),
        migrations.AddConstraint(
            model_name='depositletter',
            constraint=portal.frozen.NeverDeleted(name='billing_depositletter_is_kept', says='an issued letter is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverChanges(except_fields=('pdf', 'pdf_hash', 'cancelled_on', 'cancel_reason'), name='billing_invoice_stays', says='an issued invoice never changes'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverChanges(fields=('pdf', 'pdf_hash'), name='billing_invoice_pdf_stays', says='the PDF of an issued invoice never changes', when="OLD.pdf_hash <> '' AND (NEW.pdf_hash <> OLD.pdf_hash OR NEW.pdf <> OLD.pdf)"),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverChanges(fields=('cancelled_on', 'cancel_reason'), name='billing_invoice_stays_cancelled', says='a cancelled invoice stays cancelled', when='OLD.cancelled_on IS NOT NULL'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverDeleted(name='billing_invoice_is_kept', says='an issued invoice is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='refusedusage',
            constraint=portal.frozen.NeverDeleted(name='billing_refusedusage_is_kept', says='a refused row is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=portal.frozen.NeverChanges(except_fields=('sent_to', 'sent_at'), name='billing_reminder_stays', says='an issued letter never changes'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=portal.frozen.NeverDeleted(name='billing_reminder_is_kept', says='an issued letter is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='setoff',
            constraint=portal.frozen.NeverChanges(name='billing_setoff_stays', says='an issued letter never changes'),
        ),
        migrations.AddConstraint(
            model_name='setoff',
            constraint=portal.frozen.NeverDeleted(name='billing_setoff_is_kept', says='an issued letter is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='usagerecord',
            constraint=portal.frozen.NeverChanges(except_fields=('invoice',), name='billing_usagerecord_stays', says='imported usage never changes'),
        ),
        migrations.AddConstraint(
            model_name='usagerecord',
            constraint=portal.frozen.NeverDeleted(name='billing_usagerecord_is_kept', says='imported usage is never deleted'),
        ),
    ]
