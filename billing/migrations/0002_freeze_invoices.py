"""An issued invoice stays as it is, whoever writes to the database; its PDF is added once.

A later migration that rebuilds the table on SQLite (most changes of its columns do) must create the triggers again.
"""

from django.db import migrations

FROZEN = """number, provider_id, fiscal_year, sequence, run_id, contract_id, organisation_id, month, issued_on, due_on,
    net, tax, gross, document, document_hash"""
PDF_CHANGES = "OLD.pdf_hash <> '' AND (NEW.pdf_hash <> OLD.pdf_hash OR NEW.pdf <> OLD.pdf)"
SQLITE = [
    f"""
    CREATE TRIGGER billing_issued_invoice_stays BEFORE UPDATE OF {FROZEN} ON billing_invoice
    BEGIN
        SELECT RAISE(ABORT, 'an issued invoice never changes');
    END
    """,
    f"""
    CREATE TRIGGER billing_invoice_pdf_stays BEFORE UPDATE OF pdf, pdf_hash ON billing_invoice
    WHEN {PDF_CHANGES}
    BEGIN
        SELECT RAISE(ABORT, 'the PDF of an issued invoice never changes');
    END
    """,
]
POSTGRESQL = [
    """
    CREATE FUNCTION billing_issued_invoice_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'an issued invoice never changes' USING ERRCODE = 'check_violation';
    END
    $$
    """,
    f"""
    CREATE TRIGGER billing_issued_invoice_stays BEFORE UPDATE OF {FROZEN} ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_issued_invoice_stays()
    """,
    f"""
    CREATE TRIGGER billing_invoice_pdf_stays BEFORE UPDATE OF pdf, pdf_hash ON billing_invoice
    FOR EACH ROW WHEN ({PDF_CHANGES}) EXECUTE FUNCTION billing_issued_invoice_stays()
    """,
]


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for trigger in ("billing_issued_invoice_stays", "billing_invoice_pdf_stays"):
        schema_editor.execute(f"DROP TRIGGER {trigger}" + ("" if sqlite else " ON billing_invoice"))
    if not sqlite:
        schema_editor.execute("DROP FUNCTION billing_issued_invoice_stays()")


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
