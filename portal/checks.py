"""What an installation for real customers must not go without: `manage.py check` names it."""

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http.request import validate_host

from portal.frozen import faults, lets_rows_be_replaced
from portal.installation import mail_server
from portal.installation.readiness import of_cache
from portal.storage import problem_of
from portal.typed import whole_number

_STORAGE_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_LOCAL_MAIL = ("console", "filebased", "locmem", "dummy")
_SHORTEST_KEY, _FEWEST_SIGNS = 50, 10
"""Of 50 random signs, hexadecimal ones too, at least ten differ."""
_SHORTEST, _LONGEST_OF_STAFF = timedelta(minutes=5), timedelta(hours=8)
_KEY_HINT = "Set it to 50 random characters or more."
_URL_HINT = "Set it to the portal's address, such as https://portal.example.co.jp."
_CACHE_HINT = "Name a shared cache, such as dbcache://cache_entries (manage.py createcachetable)."


@register()
def production_is_configured(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Name every setting that PORTAL_ENV=production still needs; nothing in development."""
    return list(_missing_in_production()) if settings.PRODUCTION else []


@register()
def storage_is_named_well(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Say what is wrong with STORAGE_URL, and which of its keys are missing; nothing without one."""
    return list(_wrong_with_storage()) if settings.STORAGE_URL else []


def _wrong_with_storage() -> Iterator[CheckMessage]:
    if problem := problem_of(settings.STORAGE_URL):
        yield Error(
            f"STORAGE_URL can't be used: {problem}.",
            hint="Write it as in s3://bucket?endpoint=https://s3.example.com&region=ap-northeast-1.",
            id="portal.E007",
        )
    if missing := [name for name in _STORAGE_KEYS if not os.environ.get(name)]:
        yield Error(
            f"STORAGE_URL names a bucket, and {' and '.join(missing)} is not set.",
            hint="Set the keys of somebody who may read, write, list and delete in the bucket.",
            id="portal.E008",
        )


@register()
def pages_find_their_files(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Say by what the first page would fail: static files nobody collected, folders not to be written."""
    return [*_without_static_files(), *_not_to_be_written()]


def _without_static_files() -> Iterator[CheckMessage]:
    if settings.PRODUCTION and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        yield Error(
            f"No static files are in {settings.STATIC_ROOT}: every page would fail.",
            hint="Run manage.py collectstatic --no-input, with the same PORTAL_VAR.",
            id="portal.E011",
        )


def _not_to_be_written() -> Iterator[CheckMessage]:
    folders = [settings.VAR_DIR] if settings.STORAGE_URL else [settings.VAR_DIR, settings.MEDIA_ROOT]
    for folder in folders:
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            yield Error(
                f"{folder} can't be written by this user.",
                hint="Let it belong to the user who runs the portal.",
                id="portal.E012",
            )


@register("servers", deploy=True)
def servers_answer(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Say which of the servers that the settings name does not answer; asked for by `--deploy`."""
    return [*_silent_mail_server(), *_silent_broker(), *_silent_cache()]


def _silent_mail_server() -> Iterator[CheckMessage]:
    if trouble := mail_server.trouble():
        yield Error(
            f"The mail server does not answer: {type(trouble).__name__}.",
            hint="Look at the server and at EMAIL_URL. E-mails wait meanwhile.",
            id="portal.E013",
        )


def _silent_broker() -> Iterator[CheckMessage]:
    try:
        with current_app.connection_for_write(connect_timeout=mail_server.PATIENCE) as broker:
            broker.ensure_connection(max_retries=1, timeout=mail_server.PATIENCE)
    except Exception as trouble:  # each transport has errors of its own
        yield Error(
            f"The broker does not answer: {type(trouble).__name__}.",
            hint="Look at the server and at BROKER_URL. Without it work begins half a minute later.",
            id="portal.E014",
        )


def _silent_cache() -> Iterator[CheckMessage]:
    if trouble := of_cache().wrong:
        yield Error(
            f"The cache can't be used: {trouble}.",
            hint="Look at CACHE_URL; for dbcache:// run manage.py createcachetable.",
            id="portal.E015",
        )


@register(Tags.database)
def staff_are_members_of_nobody(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Name everybody who is staff and a member of a customer; asked for by `--database default`."""
    return [message for name in databases or () for message in _on_both_sides(name)]


def _on_both_sides(database: str) -> Iterator[CheckMessage]:
    from portal.organisations.models import Membership

    if Membership._meta.db_table not in connections[database].introspection.table_names():
        return  # before the first migration
    both = Membership.objects.using(database).filter(user__is_staff=True)
    for email, organisation in both.order_by("pk").values_list("user__email", "organisation__name"):
        yield Caution(
            f"{email} is staff and a member of {organisation}: acting for the customer is refused.",
            hint="Remove the membership; let the person use another account for the organisation.",
            id="portal.W005",
        )


@register(Tags.database)
def somebody_is_a_manager(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Say where there are staff, and none of them is a manager; asked for by `--database default`."""
    return [message for name in databases or () for message in _without_manager(name)]


def _without_manager(database: str) -> Iterator[CheckMessage]:
    from django.contrib.auth.models import Permission

    from portal.organisations.independence import managers
    from portal.organisations.models import User

    needed = {User._meta.db_table, Permission._meta.db_table}
    if not needed <= set(connections[database].introspection.table_names()):
        return  # before the first migration
    staff = User.objects.using(database).filter(is_staff=True, is_active=True)
    if staff.exists() and not managers().using(database).exists():
        yield Caution(
            "None of the staff is a manager: nobody approves what takes one, or is told in an emergency.",
            hint="Give a group the right approvals.change_providerrule, or make somebody a superuser.",
            id="portal.W006",
        )


@register(Tags.database)
def frozen_tables_are_guarded(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Name every trigger that the database lacks, has otherwise or does not ask, by `--database default`."""
    return [message for name in databases or () for message in _unguarded(name)]


def _unguarded(database: str) -> Iterator[CheckMessage]:
    connection = connections[database]
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    to_be_migrated = {migration.app_label for migration, _backwards in plan}
    for model in apps.get_models():
        if model._meta.app_label not in to_be_migrated:
            for fault in faults(model, connection):
                yield Error(
                    f"The trigger {fault.trigger} on {model._meta.db_table} is {fault.what}.",
                    hint="Find out who changed the database, then run manage.py restore_triggers.",
                    id="portal.E007",
                )
    if lets_rows_be_replaced(connection):
        yield Error(
            "On this connection REPLACE passes the triggers: recursive_triggers is off.",
            hint="Let init_command in DATABASES say PRAGMA recursive_triggers = ON.",
            id="portal.E007",
        )


def _missing_in_production() -> Iterator[CheckMessage]:
    yield from _wrong_with_keys()
    yield from _wrong_with_addresses()
    if settings.DEBUG:
        yield Error("PORTAL_DEBUG is on.", hint="Unset it: its error pages show secrets.", id="portal.E003")
    yield from _wrong_with_mail()
    yield from _wrong_with_servers()


def _wrong_with_keys() -> Iterator[CheckMessage]:
    if not _has_secret_key():
        yield Error("SECRET_KEY is not set.", hint=_KEY_HINT, id="portal.E001")
    elif _is_weak(settings.SECRET_KEY):
        yield Error("SECRET_KEY is too easy to guess.", hint=_KEY_HINT, id="portal.E001")
    if any(map(_is_weak, settings.SECRET_KEY_FALLBACKS)):
        yield Error(
            "SECRET_KEY_FALLBACKS names a key that is too easy to guess.",
            hint="Take it out: what it signed is asked for again.",
            id="portal.E001",
        )


def _wrong_with_addresses() -> Iterator[CheckMessage]:
    if not settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is not set.",
            hint="List the host names of the portal, by commas.",
            id="portal.E002",
        )
    if any("*" in host for host in settings.ALLOWED_HOSTS):
        yield Error(
            "ALLOWED_HOSTS lets any host in.",
            hint="List the host names of the portal, by commas, without *.",
            id="portal.E002",
        )
    portal = urlsplit(settings.PORTAL_URL)
    if portal.hostname == "localhost":
        yield Error(
            "PORTAL_URL is not set: links in e-mails would lead nowhere.", hint=_URL_HINT, id="portal.E006"
        )
    elif portal.scheme != "https":
        yield Error(
            "PORTAL_URL does not begin with https: links in e-mails would travel readable.",
            hint=_URL_HINT,
            id="portal.E006",
        )
    elif settings.ALLOWED_HOSTS and not validate_host(portal.hostname or "", settings.ALLOWED_HOSTS):
        yield Error(
            "PORTAL_URL names a host that ALLOWED_HOSTS does not: links in e-mails would be refused.",
            hint=_URL_HINT,
            id="portal.E006",
        )


def _wrong_with_mail() -> Iterator[CheckMessage]:
    if not _sends_mail(settings.EMAIL_BACKEND):
        yield Error(
            "EMAIL_URL is not set: no e-mail leaves this machine.",
            hint="Set it to smtp+tls://user:password@host:587.",
            id="portal.E004",
        )
    elif _is_readable_underway():
        yield Caution(
            "EMAIL_URL names a mail server on another machine without TLS: e-mails travel readable.",
            hint="Set it to smtp+tls://user:password@host:587.",
            id="portal.W007",
        )
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield Error(
            "DEFAULT_FROM_EMAIL is not set.",
            hint="Set the address that customers may answer to.",
            id="portal.E005",
        )
    if settings.BOUNCE_ADDRESS and "@" not in settings.BOUNCE_ADDRESS:
        yield Error(
            "BOUNCE_ADDRESS is no e-mail address.",
            hint="Set it to the address for reports of other mail servers, such as bounces@portal.example.",
            id="portal.E007",
        )


def _wrong_with_servers() -> Iterator[CheckMessage]:
    cache = settings.CACHES["default"]["BACKEND"]
    if "dummy" in cache:
        yield Error("CACHE_URL names a cache that keeps nothing.", hint=_CACHE_HINT, id="portal.E009")
    elif "locmem" in cache and whole_number(os.environ.get("WEB_CONCURRENCY", "")) not in (None, 0, 1):
        yield Error(
            "CACHE_URL is not set, and WEB_CONCURRENCY asks for several processes: each would count attempts "
            "for itself.",
            hint=_CACHE_HINT,
            id="portal.E009",
        )
    elif "locmem" in cache:
        yield Caution(
            "CACHE_URL is not set: each server process counts sign-in attempts and requests for itself.",
            hint=_CACHE_HINT,
            id="portal.W001",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Caution(
            "DATABASE_URL is not set: the portal runs on SQLite, with one writer at a time.",
            hint="Set it to postgres://user:password@host/name when several servers share the work.",
            id="portal.W002",
        )
    if min(settings.STAFF_IDLE, settings.CUSTOMER_IDLE) < _SHORTEST:
        yield Error(
            "Sessions end within five minutes without use: nobody could fill in a form.",
            hint="Set STAFF_IDLE_MINUTES and CUSTOMER_IDLE_MINUTES to 5 or more.",
            id="portal.E010",
        )
    if settings.STAFF_IDLE > _LONGEST_OF_STAFF:
        yield Caution(
            "Sessions of staff last for more than eight hours without use.",
            hint="Set STAFF_IDLE_MINUTES to 30, so that nobody finds an open portal on another's desk.",
            id="portal.W008",
        )


def _is_weak(key: str) -> bool:
    return len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_SIGNS


def _is_readable_underway() -> bool:
    encrypted = getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    return not encrypted and settings.EMAIL_HOST not in ("localhost", "127.0.0.1", "::1")


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return False


def _sends_mail(backend: str) -> bool:
    return not any(kind in backend for kind in _LOCAL_MAIL)
