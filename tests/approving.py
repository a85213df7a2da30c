"""Approvals for operations whose tests are about something else, and proposals brought to their approval."""

from django.utils import timezone

from portal.approvals.decide import approve
from portal.approvals.models import Proposal
from portal.organisations.models import User


def approved(kind: str) -> Proposal:
    """What an operation is given when a second person has approved that it is carried out."""
    return Proposal(kind=kind, state=Proposal.State.APPROVED)


def approve_it(second: User) -> Proposal:
    """Approve the one proposal that waits, as a second person who saw it as it was proposed."""
    waiting = Proposal.objects.get(state=Proposal.State.WAITS)
    return approve(waiting, second, waiting.digest, timezone.now())
