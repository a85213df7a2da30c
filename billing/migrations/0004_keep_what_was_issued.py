"""Issued documents, invoiced amounts and imported usage stay as they are, whoever writes to the database.

An invoice gets its PDF once and may be cancelled once. Nothing of this is ever deleted (電子帳簿保存法; 消費税法57条の4
第6項). A later migration that rebuilds one of the tables on SQLite (most changes of their columns do) must create
its triggers again.
"""

from django.db import migrations

INVOICE = """number, kind, provider_id, fiscal_year, sequence, run_id, contract_id, organisation_id, recipient_name,
    month, issued_on, due_on, net, tax, gross, document, document_hash, original_id, replaces_id"""
ADJUSTMENT = """contract_id, kind, names, month, amount, tax, terms_version_id, articles, decision, reason, once_key,
    decided_at, decided_by_id, origin_id"""
USAGE = "contract_id, product, month, quantity, occurred_on, reference, imported_id"

# Trigger, table, event, condition, what it says.
TRIGGERS = [
    ("billing_issued_invoice_stays", "billing_invoice", f"UPDATE OF {INVOICE}", "", "an issued invoice never changes"),
    (
        "billing_invoice_pdf_stays",
        "billing_invoice",
        "UPDATE OF pdf, pdf_hash",
        "OLD.pdf_hash <> '' AND (NEW.pdf_hash <> OLD.pdf_hash OR NEW.pdf <> OLD.pdf)",
        "the PDF of an issued invoice never changes",
    ),
    (
        "billing_cancelled_invoice_stays",
        "billing_invoice",
        "UPDATE OF cancelled_on, cancel_reason",
        "OLD.cancelled_on IS NOT NULL",
        "a cancelled invoice stays cancelled",
    ),
    ("billing_invoice_is_kept", "billing_invoice", "DELETE", "", "an issued invoice is never deleted"),
    (
        "billing_stated_adjustment_stays",
        "billing_adjustment",
        f"UPDATE OF {ADJUSTMENT}",
        "OLD.invoice_id IS NOT NULL",
        "an invoiced amount never changes",
    ),
    ("billing_adjustment_is_kept", "billing_adjustment", "DELETE", "", "a decided amount is never deleted"),
    ("billing_usage_stays", "billing_usagerecord", f"UPDATE OF {USAGE}", "", "imported usage never changes"),
    ("billing_usage_is_kept", "billing_usagerecord", "DELETE", "", "imported usage is never deleted"),
    ("billing_refused_usage_is_kept", "billing_refusedusage", "DELETE", "", "a refused row is never deleted"),
]
FUNCTION = """
CREATE OR REPLACE FUNCTION billing_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END
$$
"""


def create(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    if not sqlite:
        schema_editor.execute(FUNCTION, params=None)
        schema_editor.execute("DROP FUNCTION IF EXISTS billing_issued_invoice_stays()")
    for name, table, event, condition, text in TRIGGERS:
        when = f"WHEN ({condition})" if condition else ""
        body = (
            f"{when} BEGIN SELECT RAISE(ABORT, '{text}'); END"
            if sqlite
            else f"FOR EACH ROW {when} EXECUTE FUNCTION billing_stays('{text}')"
        )
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {body}", params=None)


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for name, table, *_rest in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
    if not sqlite:
        schema_editor.execute("DROP FUNCTION billing_stays()")


def name_recipients(apps, schema_editor):
    """Repeat in a column what the documents state, as invoices are searched by it."""
    invoices = apps.get_model("billing", "Invoice").objects
    for pk, document in invoices.values_list("pk", "document").iterator():
        invoices.filter(pk=pk).update(recipient_name=document["recipient"]["name"])


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_returns_usage_and_adjustments")]
    operations = [
        migrations.RunPython(name_recipients, migrations.RunPython.noop),
        migrations.RunPython(create, drop),
    ]
