"""Find out whether the audit trail is as it was written."""

from portal.audit.models import GENESIS, AuditChain, AuditEntry


def first_fault() -> str | None:
    """Say which entry was first changed, removed or put in; None when the chain holds."""
    expected, previous = 1, GENESIS
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=2000):
        if entry.sequence != expected:
            return f"Entry {expected} is missing."
        if entry.previous_hash != previous or entry.hash != entry.seal():
            return f"Entry {expected} was changed after it was written."
        expected, previous = expected + 1, entry.hash
    chain = AuditChain.objects.filter(pk=1).first() or AuditChain()
    if (chain.length, chain.last_hash) != (expected - 1, previous):
        return f"The trail ends at entry {expected - 1}, but {chain.length} were written."
    return None
