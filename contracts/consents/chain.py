"""Find out whether the consents are as they were recorded."""

from contracts.models import Consent
from portal.audit.models import AuditEntry
from portal.audit.sealing import Format
from portal.audit.verify import first_fault_in


def first_fault() -> str | None:
    """Say which consent was first changed, removed or put in, or whose terms were; None when all hold."""
    told = _seals_told()

    def fault_of(consent: Consent) -> str | None:
        if consent.content_hash != consent.terms_version.content_digest():
            return "the terms that it names are not those that were agreed to."
        if consent.format != Format.PLAIN and told.get(consent.sequence) != consent.hash:
            return "the audit trail does not hold its seal."
        return None

    consents = Consent.objects.select_related("terms_version")
    return first_fault_in(consents, "consent", fault_of) or _fault_at_the_end(told)


def _seals_told() -> dict[int, str]:
    """The seals of consents, by their numbers, that the audit trail holds."""
    entries = AuditEntry.objects.filter(format=Format.SALTED, data__consents__isnull=False)
    return {
        int(number): seal for entry in entries.iterator() for number, seal in entry.data["consents"].items()
    }


def _fault_at_the_end(told: dict[int, str]) -> str | None:
    recorded = Consent.objects.count()
    missing = [number for number in told if number > recorded]
    return f"Consent {min(missing)} is missing." if missing else None
