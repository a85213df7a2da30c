"""Find out whether the consents are as they were recorded."""

from contracts.models import Consent, ConsentChain
from contracts.models.consent import GENESIS


def first_fault() -> str | None:
    """Say which consent was first changed, removed or put in, or whose terms were; None when all hold."""
    expected, previous = 1, GENESIS
    consents = Consent.objects.select_related("terms_version").order_by("sequence")
    for consent in consents.iterator(chunk_size=500):
        if consent.sequence != expected:
            return f"Consent {expected} is missing."
        if consent.previous_hash != previous or consent.hash != consent.seal():
            return f"Consent {expected} was changed after it was recorded."
        if consent.content_hash != consent.terms_version.content_digest():
            return f"Consent {expected}: the terms that it names are not those that were agreed to."
        expected, previous = expected + 1, consent.hash
    chain = ConsentChain.objects.filter(pk=1).first() or ConsentChain()
    if (chain.length, chain.last_hash) != (expected - 1, previous):
        return f"The chain ends at consent {expected - 1}, but {chain.length} were recorded."
    return None
