"""What a restore from a backup leaves open: e-mails that wait again, and may have gone out since."""

from datetime import datetime

from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail


def waiting_by_kind() -> list[tuple[str, list[str]]]:
    """The addresses of those that nobody has begun to hand over, by the name of their kind."""
    found: dict[str, list[str]] = {}
    for kind, address in Mail.objects.waiting().order_by("kind", "pk").values_list("kind", "address"):
        found.setdefault(kind, []).append(address)
    return [(str(kind_of(kind).label), addresses) for kind, addresses in found.items()]


def suspect_mails(at: datetime) -> int:
    """Let those that wait count as interrupted, for staff to decide on each; gives how many."""
    return Mail.objects.waiting().update(claimed_at=at, interrupted_at=at)
