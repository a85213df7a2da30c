"""Days on which a provider is closed, as staff enter them."""

from django.db import transaction

from contracts.models import CompanyClosure
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def save_closure(closure: CompanyClosure, staff: User) -> CompanyClosure:
    """Store a closure, new or corrected; deadlines are counted around it from now on.

    ValidationError when the provider has that day already.
    """
    before = CompanyClosure.objects.select_for_update().filter(pk=closure.pk).first()
    closure.full_clean()
    closure.save()
    record(
        "closure.changed" if before else "closure.added",
        staff,
        closure,
        provider=closure.provider.code,
        day=closure.day,
        before={"day": before.day} if before else {},
        personal={"note": closure.note, "before": {"note": before.note} if before else {}},
    )
    return closure
