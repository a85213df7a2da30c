"""Files of running contracts: brought by staff, and let be again, before anything comes of them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import Provider, Takeover, TakeoverRow
from contracts.takeover.file import OldSystem, read_old_system
from portal.audit.record import record
from portal.formats.sheets import Files, NoTableError, read_sheets
from portal.limits.reading import read_apart
from portal.organisations.models import User
from portal.staffing.reach import ensure_works_for
from portal.tables_in.reading import UNREAD, why_unread

_AT_ONCE = 1000


def read_files(files: Files) -> OldSystem:
    """What files state of running contracts. ValidationError (`chosen`) for what can't be read at all."""
    if not files:
        raise ValidationError({"chosen": _("Choose a file.")})
    try:
        found = read_apart(read_sheets, list(files))
    except UNREAD as error:
        raise ValidationError({"chosen": why_unread(error)}) from error
    except NoTableError as unknown:
        message = _(
            "“%(name)s” is neither a workbook (XLSX) nor CSV (UTF-8 or Shift_JIS) nor a ZIP of these."
        )
        raise ValidationError({"chosen": message % {"name": str(unknown)}}) from unknown
    try:
        return read_old_system(found)
    except ValidationError as refused:
        raise ValidationError({"chosen": refused.messages}) from refused


@transaction.atomic
def stage(provider: Provider, files: Files, staff: User, at: datetime) -> Takeover:
    """Keep the contracts that files state of a provider for workers to check; nothing else is stored.

    ValidationError (`chosen`) for files that can't be read or hold no contract, and for the provider of
    others (`other_provider`).
    """
    ensure_works_for(staff, provider.code)
    found = read_files(files)
    if not found.contracts:
        raise ValidationError({"chosen": _("The file holds no contract.")})
    stated = "".join(hashlib.sha256(content).hexdigest() for _name, content in files)
    takeover = Takeover.objects.create(
        provider=provider,
        file_name="、".join(name for name, _content in files)[:255],
        file_hash=hashlib.sha256(stated.encode()).hexdigest(),
        loose=found.loose[:_AT_ONCE],
        brought_at=at,
        brought_by=staff,
    )
    TakeoverRow.objects.bulk_create(_rows(takeover, found), batch_size=_AT_ONCE)
    record(
        "takeover.staged",
        staff,
        takeover,
        provider=provider.code,
        file=takeover.file_name,
        file_hash=takeover.file_hash,
        contracts=len(found.contracts),
    )
    return takeover


def _rows(takeover: Takeover, found: OldSystem) -> Sequence[TakeoverRow]:
    return [
        TakeoverRow(
            takeover=takeover,
            provider=takeover.provider,
            place=place,
            old_number=contract.number,
            lines=contract.stored(),
            digest=contract.digest(),
            problems=contract.problems,
        )
        for place, contract in enumerate(found.contracts, 1)
    ]


@transaction.atomic
def discard(takeover: Takeover, staff: User) -> Takeover:
    """Let a file be that was not confirmed. ValidationError where it was, or was let be before."""
    current = locked(takeover)
    if not current.is_open:
        raise ValidationError(
            _("This file is dealt with already: %(state)s.") % {"state": current.get_state_display()},
            "not_open",
        )
    current.state, current.worker = Takeover.State.DISCARDED, ""
    current.save(update_fields=["state", "worker"])
    record("takeover.discarded", staff, current, provider=current.provider.code)
    return current


def locked(takeover: Takeover) -> Takeover:
    """The file as it is now, locked until the transaction ends."""
    found = Takeover.objects.select_for_update(of=("self",)).select_related("provider", "brought_by")
    return found.get(pk=takeover.pk)
