"""Tables shown and taken in: what is taken in is what was shown, all of it or nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.kept_files import read_checked, remove_on_commit, store
from portal.organisations.models import User
from portal.staffing.reach import ensure_works_for
from portal.tables_in.files import stored_as_table
from portal.tables_in.kinds import Desk, Outcome, Row, TableKind, kind_named
from portal.tables_in.models import TableImport
from portal.tables_in.reading import read_table
from portal.tables_in.rehearsing import Plan, carried_out

KEPT = timedelta(days=30)
"""So long file and rows stay; how long one that was not taken in waits, too."""


class MovedError(Exception):
    """What would become of the rows is not what was shown any more."""


def show_table(
    kind: TableKind, provider: Any, file_name: str, content: bytes, staff: User, at: datetime
) -> TableImport:
    """Try a table out, and keep it with what would become of its rows; nothing else is stored.

    ValidationError for a file that is no such table, and for a provider that staff don't work for
    (`other_provider`); PermissionDenied without the right.
    """
    _ensure_may(kind, provider, staff)
    plan = carried_out(kind, read_table(content), Desk(staff, provider, at), for_good=False)
    name = f"tables/{uuid4().hex}"
    shown = TableImport(
        provider=provider,
        kind=kind.key,
        file_name=file_name[:255],
        file=name,
        content_hash=store(name, content),
        brought_by=staff,
        shown_at=at,
    )
    return _with_plan(shown, kind, plan)


def show_again(shown: TableImport, staff: User, at: datetime) -> TableImport:
    """Try a table out again, as things are by now. ValidationError and PermissionDenied as `show_table`."""
    kind = _kind_of(shown)
    _ensure_may(kind, shown.provider, staff)
    plan = carried_out(kind, _content(shown), Desk(staff, shown.provider, at), for_good=False)
    return _with_plan(shown, kind, plan)


@transaction.atomic
def take_in(shown: TableImport, staff: User, seen: str, at: datetime) -> TableImport:
    """Take a table in as it was shown: all rows but the refused ones, or nothing.

    `seen` is the digest of what staff had before them. MovedError where something else would become of it by
    now. ValidationError for who did not bring it (`not_own`), for one that was taken in or is gone (`over`),
    and where there is nothing to take in (`nothing`); PermissionDenied without the right.
    """
    current = TableImport.objects.select_for_update(of=("self",)).select_related("provider").get(pk=shown.pk)
    kind = _kind_of(current)
    _ensure_may(kind, current.provider, staff)
    if staff.pk != current.brought_by_id:
        raise ValidationError(_("Who brought this table takes it in. Bring it yourself instead."), "not_own")
    if not current.waits:
        raise ValidationError(_("This table was taken in already, or is no longer kept."), "over")
    if not current.effective:
        raise ValidationError(_("There is nothing in this table to take in."), "nothing")
    plan = carried_out(kind, _content(current), Desk(staff, current.provider, at), for_good=True)
    if plan.digest != seen:
        raise MovedError
    current.taken_at = at
    _with_plan(current, kind, plan)
    record(
        "table.taken_in",
        staff,
        current,
        kind=kind.key,
        content_hash=current.content_hash,
        new=current.new,
        changed=current.changed,
        unchanged=current.unchanged,
        refused=current.refused,
        personal={"file": current.file_name},
    )
    return current


@transaction.atomic
def hand_out(kind: TableKind, desk: Desk, file_format: str) -> bytes:
    """All that is stored of a provider, as a table in a format. PermissionDenied without the right."""
    _ensure_may(kind, desk.provider, desk.staff)
    content = stored_as_table(kind, desk, file_format)
    record("table.handed_out", desk.staff, desk.provider, kind=kind.key)
    return content


@transaction.atomic
def clear_old_tables(at: datetime) -> int:
    """Remove the files and rows of tables whose time is over; gives how many. Part of each day."""
    over = TableImport.objects.filter(shown_at__lte=at - KEPT, cleared_at__isnull=True)
    tables = list(over.select_for_update(skip_locked=True, of=("self",)))
    for table in tables:
        remove_on_commit(str(table.file))
        TableImport.objects.filter(pk=table.pk).update(file="", rows=[], cleared_at=at)
    return len(tables)


def taken_before(shown: TableImport) -> TableImport | None:
    """The last time that the same file was taken in as such a table of the provider."""
    same = TableImport.objects.filter(
        provider=shown.provider, kind=shown.kind, content_hash=shown.content_hash, taken_at__isnull=False
    )
    return same.exclude(pk=shown.pk).select_related("brought_by").order_by("-taken_at").first()


def _ensure_may(kind: TableKind, provider: Any, staff: User) -> None:
    if not staff.has_perm(kind.right):
        raise PermissionDenied
    ensure_works_for(staff, provider.code)


def _kind_of(shown: TableImport) -> TableKind:
    kind = kind_named(shown.kind)
    if kind is None:
        raise ValidationError(_("Tables of this kind can't be brought in any more."), "no_kind")
    return kind


def _content(shown: TableImport) -> list[list[Any]]:
    return read_table(read_checked(str(shown.file), shown.content_hash))


def _with_plan(shown: TableImport, kind: TableKind, plan: Plan) -> TableImport:
    counts = plan.counts
    shown.digest = plan.digest
    shown.rows = [_shown_row(kind, row) for row in plan.rows]
    shown.new, shown.changed = counts[Outcome.NEW], counts[Outcome.CHANGED]
    shown.unchanged, shown.refused = counts[Outcome.UNCHANGED], counts[Outcome.REFUSED]
    shown.save()
    return shown


def _shown_row(kind: TableKind, row: Row) -> dict[str, Any]:
    """What pages show of a row: its cells or what changes of them, and why it is refused."""
    changes = row.changes if row.now is not None else []
    return {
        "row": row.number,
        "outcome": row.outcome.value,
        "cells": [[str(kind.column(key).heading), text] for key, text in row.texts.items() if text],
        "changes": [
            [str(kind.column(key).heading), *_both(kind, row, key)] for key in changes if not row.problems
        ],
        "reasons": [
            [str(kind.column(one.column).heading) if one.column else "", one.text] for one in row.problems
        ],
        "note": row.note,
        "waits": row.waits and not row.problems,
    }


def _both(kind: TableKind, row: Row, key: str) -> tuple[str, str]:
    text: Callable[[Any], str] = kind.column(key).text
    return text((row.now or {}).get(key)), text(row.values[key])
