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
from billing.pricing.usage_import import UsageResource, record_of
from billing.pricing.usage_rows import COLUMNS, Refusal, UsageChecks, read_row
from contracts.models import Contract
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User
from portal.staffing.reach import within


def import_usage(dataset: Dataset, file_name: str, staff: User | None) -> UsageImport:
    """Store the rows of a file that are usage of a contract; the others are kept with the reasons.

    A row whose reference is known already is counted and not taken again. ValidationError for an empty file,
    one without the columns that are needed or with several that mean the same, and where somebody imports the
    same usage at this moment: nothing is stored.
    """
    try:
        return _import(dataset, file_name, staff)
    except exceptions.ImportError as failed:
        if isinstance(failed.error, ValidationError):
            raise failed.error from failed
        if not isinstance(failed.error, IntegrityError):
            raise
        raise ValidationError(_at_this_moment(), code="at_this_moment") from failed


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
    _take_back(chosen, reason.strip(), staff, now or timezone.now())
    return len(chosen)


@transaction.atomic
def undo_import(imported: UsageImport, reason: str, staff: User) -> int:
    """Take back all that a file brought, as long as nothing of it is invoiced; gives how much stood.

    Its references can be imported again, and what was refused of it is settled. ValidationError without a
    reason, once something of it stands on an invoice (code `invoiced`), where it was undone before, where it
    holds usage of providers that `staff` do not work for, and for staff's own organisation.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = UsageImport.objects.select_for_update().get(pk=imported.pk)
    if locked.undone_at:
        raise ValidationError(_("This import was undone already."), code="undone")
    own = UsageRecord.objects.filter(imported=locked)
    chosen = list(own.select_for_update(of=("self",)).select_related("contract__organisation"))
    if within(staff, own).count() < len(chosen):
        text = _("The file holds usage of another provider too. Ask somebody who works for each of them.")
        raise ValidationError(text, code="other_provider")
    if any(one.invoice_id for one in chosen):
        text = _("Usage of this import stands on invoices already. Withdraw single usage records instead.")
        raise ValidationError(text, code="invoiced")
    at = timezone.now()
    standing = [one for one in chosen if one.withdrawn_at is None]
    _take_back(standing, reason.strip(), staff, at)
    own.update(undone=True)
    locked.refused_rows.filter(settled_at__isnull=True).update(
        settled_at=at, settled_by=staff, settlement=reason.strip()
    )
    locked.undone_at, locked.undone_by, locked.undoing_reason = at, staff, reason.strip()
    locked.save(update_fields=["undone_at", "undone_by", "undoing_reason"])
    record(
        "usage.import_undone",
        staff,
        locked,
        file=locked.file_name,
        count=len(standing),
        personal={"reason": reason.strip()},
    )
    return len(standing)


def _take_back(chosen: Iterable[UsageRecord], reason: str, staff: User, at: datetime) -> None:
    """Mark use as withdrawn, and tell it of each contract. ValidationError for staff's own organisation."""
    by_contract: dict[Contract, list[UsageRecord]] = {}
    for one in chosen:
        by_contract.setdefault(one.contract, []).append(one)
    keys = [one.pk for every in by_contract.values() for one in every]
    UsageRecord.objects.filter(pk__in=keys).update(withdrawn_at=at, withdrawal_reason=reason)
    for contract, taken_back in by_contract.items():
        ensure_no_own_cause(staff, contract.organisation)
        fact_changed(contract.pk)
        record(
            "usage.withdrawn",
            staff,
            contract,
            count=len(taken_back),
            references=[one.reference for one in taken_back],
            personal={"reason": reason},
        )


def correct_refused(row: RefusedUsage, values: Mapping[str, str], staff: User) -> UsageRecord:
    """Take a refused row with the values that it should have had; it is settled with that.

    ValidationError at each column with what is wrong there, where the row is settled, or its import undone.
    """
    try:
        return _correct(row, values, staff)
    except IntegrityError as failed:
        raise ValidationError(_at_this_moment(), code="at_this_moment") from failed


@transaction.atomic
def _correct(row: RefusedUsage, values: Mapping[str, str], staff: User) -> UsageRecord:
    imported = UsageImport.objects.select_for_update().get(pk=row.imported_id)
    locked = RefusedUsage.objects.select_for_update().get(pk=row.pk)
    if locked.settled_at or imported.undone_at:
        raise ValidationError(_("This row was settled already."), code="settled")
    corrected = read_row(values)
    checks = UsageChecks([corrected], within(staff, Contract.objects.all()))
    if problems := checks.problems(corrected):
        raise ValidationError(_at_columns(problems))
    taken = record_of(corrected, checks.contract(corrected), imported)
    ensure_no_own_cause(staff, taken.contract.organisation)
    taken.save()
    imported.taken += 1
    imported.save(update_fields=["taken"])
    locked.settled_at, locked.settled_by = timezone.now(), staff
    locked.settlement = _("Corrected and taken as %(reference)s.") % {"reference": taken.reference}
    locked.save(update_fields=["settled_at", "settled_by", "settlement"])
    written = {name: str(value) for name, value in locked.values.items()}
    record(
        "usage.corrected",
        staff,
        locked,
        contract=taken.contract.number,
        personal={"row": written, "corrected": {name: str(values.get(name, "")) for name in COLUMNS}},
    )
    return taken


def _at_columns(problems: Iterable[Refusal]) -> dict[str, list[ValidationError]]:
    found: dict[str, list[ValidationError]] = {}
    for problem in problems:
        found.setdefault(problem.column, []).append(ValidationError(problem.label, code=problem.value))
    return found


def _at_this_moment() -> str:
    return _("The same usage was imported at this moment. Nothing was stored; import the file again.")


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
