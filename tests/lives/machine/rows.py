"""What lies in the tables of contracts and billing: a refused event leaves all of it as it was."""

from collections.abc import Mapping
from functools import cache

from django.apps import apps
from django.db import connection

APPS = ("contracts", "billing", "approvals", "organisations")


@cache
def _tables() -> tuple[str, ...]:
    models = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    return tuple(sorted({model._meta.db_table for model in models}))


def rows() -> Mapping[str, int]:
    """A digest of each table."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # names of our own tables
            found[table] = hash(tuple(sorted(map(repr, cursor.fetchall()))))
    return found


def changed(before: Mapping[str, int], after: Mapping[str, int]) -> set[str]:
    return {table for table, digest in after.items() if before[table] != digest}
