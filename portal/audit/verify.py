"""Find out whether a chain of records is as it was written."""

from collections.abc import Callable

from portal.audit.erasing import ERASED
from portal.audit.models import AuditEntry
from portal.audit.sealing import GENESIS, Record, SealedQuerySet


def first_fault() -> str | None:
    """Say which entry of the audit trail was first changed, removed or put in; None when the chain holds."""
    return first_fault_in(AuditEntry.objects.all(), "entry")


def first_fault_in(
    records: SealedQuerySet[Record], called: str, further: Callable[[Record], str | None] | None = None
) -> str | None:
    """Say which record was first changed, removed, put in or erased in secret; None when the chain holds.

    `records` are all of a chain, a record is `called` so; `further` finds what else may be wrong with one.
    """
    expected, previous, newest = 1, GENESIS, 0
    told = _told_as_erased(records.model._meta.label_lower)
    for record in records.order_by("sequence").iterator(chunk_size=500):
        name = f"{called.capitalize()} {expected}"
        if record.sequence != expected:
            return f"{name} is missing."
        if record.previous_hash != previous or record.format < newest or not record.is_as_sealed:
            return f"{name} was changed after it was written."
        if record.erased and told.get(expected) != record.rest_digest():
            return f"{name} was changed after it was erased, or nobody erased it."
        if record.is_erased and expected not in told:
            return f"{name} lacks its personal values, and nobody erased them."
        if further and (fault := further(record)):
            return f"{name}: {fault}"
        expected, previous, newest = expected + 1, record.hash, record.format
    end = records.model.END.objects.filter(pk=1).first() or records.model.END()
    if (end.length, end.last_hash) != (expected - 1, previous):
        return f"The chain ends at {called} {expected - 1}, but {end.length} were written."
    return None


def _told_as_erased(label: str) -> dict[int, str]:
    """The numbers of the records of a model that entries of the audit trail call erased.

    With each the digest of what is left of it, where it was sealed as it is.
    """
    entries = AuditEntry.objects.filter(action=ERASED, data__of=label)
    return {
        number: entry.data.get("rests", {}).get(str(number), "")
        for entry in entries.iterator()
        for number in entry.data["records"]
    }
