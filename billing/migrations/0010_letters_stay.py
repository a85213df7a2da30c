"""Letters about what is owed stay as they were issued, whoever writes to the database; none is deleted.

When a reminder was sent is noted on it; nothing else of a letter changes.
"""

from django.db import migrations

ISSUED = "provider_id, organisation_id, issued_on, document, document_hash, pdf, pdf_hash"
TABLES = ("billing_reminder", "billing_setoff", "billing_depositletter")


def create(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for table in TABLES:
        for name, event, text in (
            (f"{table}_stays", f"UPDATE OF {ISSUED}", "an issued letter never changes"),
            (f"{table}_is_kept", "DELETE", "an issued letter is never deleted"),
        ):
            body = (
                f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
                if sqlite
                else f"FOR EACH ROW EXECUTE FUNCTION billing_stays('{text}')"
            )
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {body}", params=None)


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for table in TABLES:
        for name in (f"{table}_stays", f"{table}_is_kept"):
            schema_editor.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_damages_and_deposits")]
    operations = [migrations.RunPython(create, drop)]
