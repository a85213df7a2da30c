"""Find out whether the consents are as they were recorded.

They are a table and a chain of their own; the entries of the audit trail hold the seal of each, so that what
one chain would show shows in these two.
"""

from collections.abc import Mapping
from functools import partial

from contracts.models import Consent
from portal.audit import verify
from portal.audit.models import AuditEntry
from portal.audit.sealing import Format, SealedQuerySet

Told = Mapping[int, frozenset[str]]


def first_fault() -> str | None:
    """Say which consent was first changed, removed or put in, or whose terms were; None when all hold.

    That the audit trail is as it was written is asked first: it vouches for them.
    """
    if fault := verify.first_fault():
        return f"The audit trail, which holds the seals of consents, is not as it was written. {fault}"
    told = _seals_told(AuditEntry.objects.all())
    consents = Consent.objects.select_related("terms_version")
    further = partial(_fault_of, told=told, first_told=min(told, default=None))
    return verify.first_fault_in(consents, "consent", further) or _fault_at_the_end(told)


def is_vouched_for(consent: Consent) -> bool:
    """Whether the audit trail holds the seal of a consent, and no other; of 0.1.0 it holds none."""
    told = _seals_told(AuditEntry.objects.filter(organisation=consent.organisation_id))
    if consent.sequence in told:
        return told[consent.sequence] == frozenset([consent.hash])
    later = Consent.objects.filter(format=Format.SALTED, sequence__lt=consent.sequence).exists()
    return consent.format == Format.PLAIN and not later


def _fault_of(consent: Consent, *, told: Told, first_told: int | None) -> str | None:
    if consent.content_hash != consent.terms_version.content_digest():
        return "the terms that it names are not those that were agreed to."
    of_0_1_0 = consent.format == Format.PLAIN and (first_told is None or consent.sequence < first_told)
    if not of_0_1_0 and told.get(consent.sequence) != frozenset([consent.hash]):
        return "the audit trail does not hold its seal."
    return None


def _seals_told(entries: SealedQuerySet[AuditEntry]) -> Told:
    """The seals of consents, by their numbers, that entries of the audit trail hold; 0.1.0 told none."""
    told: dict[int, frozenset[str]] = {}
    for entry in entries.filter(format=Format.SALTED, data__consents__isnull=False).iterator():
        for number, seal in entry.data["consents"].items():
            told[int(number)] = told.get(int(number), frozenset()) | {seal}
    return told


def _fault_at_the_end(told: Told) -> str | None:
    recorded = Consent.objects.count()
    missing = [number for number in told if number > recorded]
    return f"Consent {min(missing)} is missing." if missing else None
