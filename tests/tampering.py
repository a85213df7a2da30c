"""What somebody may do who reaches the database itself."""

from django.db import connection
from django.db.models import Model

from portal.frozen import guards


def tamper(model: type[Model], statement: str, *values: str) -> None:
    """Change a frozen table as who may do everything in the database can: the triggers go first."""
    editor = connection.schema_editor()
    with connection.cursor() as cursor:
        for guard in guards(model):
            cursor.execute(str(guard.remove_sql(model, editor)))
        cursor.execute(statement, values or None)
