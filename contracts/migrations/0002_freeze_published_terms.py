"""What is published stays as it is, whoever writes to the database.

A later migration that rebuilds the table on SQLite (most changes of its columns do) must create the trigger again.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER contracts_published_terms_stay BEFORE UPDATE ON contracts_termsversion
WHEN OLD.published_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a published version of the terms never changes');
END
"""
POSTGRESQL = """
CREATE FUNCTION contracts_published_terms_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version of the terms never changes' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER contracts_published_terms_stay BEFORE UPDATE ON contracts_termsversion
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION contracts_published_terms_stay();
"""


def create(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER contracts_published_terms_stay")
    else:
        schema_editor.execute("DROP TRIGGER contracts_published_terms_stay ON contracts_termsversion")
        schema_editor.execute("DROP FUNCTION contracts_published_terms_stay()")


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
