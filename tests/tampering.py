"""What somebody may do who reaches the database itself."""

from django.db import connection


def change_consents(statement: str, *values: str) -> None:
    """Change the table of consents as who may do everything in the database can: the triggers go first."""
    with connection.cursor() as cursor:
        table = "" if connection.vendor == "sqlite" else " ON contracts_consent"
        for trigger in ("contracts_consents_stay", "contracts_consents_are_kept"):
            cursor.execute(f"DROP TRIGGER {trigger}{table}")
        cursor.execute(statement, values or None)
