"""An issued letter stays as it was issued, whoever writes to the database; it gets its PDF once.

A later migration that rebuilds the table on SQLite (most changes of its columns do) must create the triggers again.
"""

from django.db import migrations

TABLE = "contracts_issuedletter"
STATED = """number, kind, organisation_id, application_id, contract_id, request_id, issued_at, document,
    document_hash"""
TRIGGERS = [
    ("contracts_letters_stay", f"UPDATE OF {STATED}", "", "an issued letter never changes"),
    (
        "contracts_letter_pdf_stays",
        "UPDATE OF pdf, pdf_hash",
        "OLD.pdf_hash <> '' AND (NEW.pdf_hash <> OLD.pdf_hash OR NEW.pdf <> OLD.pdf)",
        "the PDF of an issued letter never changes",
    ),
    ("contracts_letters_are_kept", "DELETE", "", "an issued letter is never deleted"),
]
FUNCTION = """
CREATE FUNCTION contracts_letters_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END
$$
"""


def create(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    if not sqlite:
        schema_editor.execute(FUNCTION, params=None)
    for name, event, condition, text in TRIGGERS:
        when = f"WHEN ({condition})" if condition else ""
        action = (
            f"{when} BEGIN SELECT RAISE(ABORT, '{text}'); END"
            if sqlite
            else f"FOR EACH ROW {when} EXECUTE FUNCTION contracts_letters_stay('{text}')"
        )
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} {action}", params=None)


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for name, *_rest in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {TABLE}"))
    if not sqlite:
        schema_editor.execute("DROP FUNCTION contracts_letters_stay()")


class Migration(migrations.Migration):
    dependencies = [("contracts", "0007_life_of_a_contract")]
    operations = [migrations.RunPython(create, drop)]
