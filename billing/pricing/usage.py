"""Taking usage over from files: every row is taken, known already, or kept with what is wrong."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export import exceptions
from tablib import Dataset

from billing.differences.marks import fact_changed
from billing.models import RefusedUsage, UsageImport, UsageRecord
from billing.pricing.usage_import import UsageResource
from contracts.models import Contract
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User


def import_usage(dataset: Dataset, file_name: str, staff: User | None) -> UsageImport:
    """Store the rows of a file that are usage of a contract; the others are kept with the reasons.

    A row whose reference is known already is counted and not taken again. ValidationError for a file without
    the columns that are needed, and where somebody imports the same usage at this moment: nothing is stored.
    """
    try:
        return _import(dataset, file_name, staff)
    except exceptions.ImportError as failed:
        if not isinstance(failed.error, IntegrityError):
            raise
        text = _("The same usage was imported at this moment. Nothing was stored; import the file again.")
        raise ValidationError(text) from failed


@transaction.atomic
def _import(dataset: Dataset, file_name: str, staff: User | None) -> UsageImport:
    imported = UsageImport.objects.create(
        file_name=file_name[:255],
        file_hash=hashlib.sha256(dataset.export("csv").encode()).hexdigest(),
        imported_at=timezone.now(),
        imported_by=staff,
    )
    resource = UsageResource(imported, staff)
    resource.import_data(dataset, dry_run=False, use_transactions=True, raise_errors=True)
    RefusedUsage.objects.bulk_create(resource.refused_rows(), batch_size=500)
    imported.taken, imported.duplicates, imported.refused = resource.counts
    imported.save(update_fields=["taken", "duplicates", "refused"])
    record(
        "usage.imported",
        staff,
        imported,
        file=imported.file_name,
        taken=imported.taken,
        duplicates=imported.duplicates,
        refused=imported.refused,
    )
    return imported


@transaction.atomic
def withdraw_usage(
    records: Iterable[UsageRecord], reason: str, staff: User, now: datetime | None = None
) -> int:
    """Take back use that was imported by mistake; gives how much of it stood until now.

    What an invoice charges of it is returned by the next billing, once its preview is approved.
    ValidationError without a reason, and for staff's own organisation.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    standing = UsageRecord.objects.standing().select_for_update(of=("self",))
    chosen = list(
        standing.filter(pk__in=[one.pk for one in records]).select_related("contract__organisation")
    )
    by_contract: dict[Contract, list[UsageRecord]] = {}
    for one in chosen:
        by_contract.setdefault(one.contract, []).append(one)
    at = now or timezone.now()
    UsageRecord.objects.filter(pk__in=[one.pk for one in chosen]).update(
        withdrawn_at=at, withdrawal_reason=reason.strip()
    )
    for contract, taken_back in by_contract.items():
        ensure_no_own_cause(staff, contract.organisation)
        fact_changed(contract.pk)
        record(
            "usage.withdrawn",
            staff,
            contract,
            count=len(taken_back),
            references=[one.reference for one in taken_back],
            personal={"reason": reason.strip()},
        )
    return len(chosen)


@transaction.atomic
def settle_refused(row: RefusedUsage, settlement: str, staff: User) -> RefusedUsage:
    """Note how a refused row was settled. ValidationError without a note, or where it was settled before."""
    if not settlement.strip():
        raise ValidationError({"settlement": _("Please say how it was settled.")})
    locked = RefusedUsage.objects.select_for_update().get(pk=row.pk)
    if locked.settled_at:
        raise ValidationError(_("This row was settled already."))
    locked.settled_at, locked.settled_by, locked.settlement = timezone.now(), staff, settlement.strip()
    locked.save(update_fields=["settled_at", "settled_by", "settlement"])
    values: Mapping[str, Any] = locked.values
    record("usage.settled", staff, locked, personal={"row": dict(values), "settlement": locked.settlement})
    return locked
