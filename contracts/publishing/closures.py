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
    added = closure.pk is None
    closure.full_clean()
    closure.save()
    record(
        "closure.added" if added else "closure.changed",
        staff,
        closure,
        provider=closure.provider.code,
        day=closure.day,
        personal={"note": closure.note},
    )
    return closure
