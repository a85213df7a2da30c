"""Whether this process can serve pages: what a balancer asks before it sends anybody here."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.core.cache.backends.base import InvalidCacheBackendError
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from portal.installation import mark

_all_applied = False


@dataclass(frozen=True)
class Finding:
    """A part that pages need: its name, and what is wrong with it; empty where nothing is."""

    part: str
    wrong: str = ""


def findings() -> list[Finding]:
    """What is to be said of the database, its migrations, the cache and the stored files, in this order."""
    database = _asked("database", _database)
    migrations = Finding("migrations", "not known") if database.wrong else _asked("migrations", _migrations)
    return [database, migrations, of_cache(), _asked("files", _files)]


def of_cache() -> Finding:
    """What is to be said of the cache alone."""
    return _asked("cache", _cache)


def _asked(part: str, ask: Callable[[], str]) -> Finding:
    """The name of an error says enough: its text may hold addresses and passwords."""
    try:
        return Finding(part, ask())
    except (Error, OSError, InvalidCacheBackendError) as error:
        return Finding(part, type(error).__name__)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    """Applied ones stay applied while the process lives; they are many, and looked at until all are."""
    global _all_applied
    if not _all_applied:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return f"{missing} not applied"
        _all_applied = True
    return ""


def _cache() -> str:
    """A cache that is away may take everything and keep nothing."""
    key, said = f"watching:{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, said, timeout=60)
    kept = cache.get(key) == said
    cache.delete(key)
    return "" if kept else "keeps nothing"


def _files() -> str:
    mark.read()
    return ""
