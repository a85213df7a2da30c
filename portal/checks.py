"""What an installation for real customers must not go without: `manage.py check` names it."""

import os
from collections.abc import Iterator, Sequence

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from portal.frozen import faults, lets_rows_be_replaced
from portal.storage import problem_of

_STORAGE_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_LOCAL_MAIL = ("console", "filebased", "locmem", "dummy")


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
    if not _has_secret_key():
        yield Error(
            "SECRET_KEY is not set.", hint="Set it to 50 random characters or more.", id="portal.E001"
        )
    if not settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is not set.",
            hint="List the host names of the portal, by commas.",
            id="portal.E002",
        )
    if settings.DEBUG:
        yield Error("PORTAL_DEBUG is on.", hint="Unset it: its error pages show secrets.", id="portal.E003")
    if not _sends_mail(settings.EMAIL_BACKEND):
        yield Error(
            "EMAIL_URL is not set: no e-mail leaves this machine.",
            hint="Set it to smtp+tls://user:password@host:587.",
            id="portal.E004",
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
    if settings.PORTAL_URL.startswith("http://localhost"):
        yield Error(
            "PORTAL_URL is not set: links in e-mails would lead nowhere.",
            hint="Set it to the portal's address, such as https://portal.example.co.jp.",
            id="portal.E006",
        )
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        yield Caution(
            "CACHE_URL is not set: each server process counts sign-in attempts for itself.",
            hint="Name a shared cache, such as dbcache://cache_entries (manage.py createcachetable).",
            id="portal.W001",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Caution(
            "DATABASE_URL is not set: the portal runs on SQLite, with one writer at a time.",
            hint="Set it to postgres://user:password@host/name when several servers share the work.",
            id="portal.W002",
        )


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return False


def _sends_mail(backend: str) -> bool:
    return not any(kind in backend for kind in _LOCAL_MAIL)
