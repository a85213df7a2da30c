"""When a corporate number counts as an organisation's own: once a provider has confirmed it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from portal.audit.record import record
from portal.organisations.models import Organisation, User


@transaction.atomic
def confirm_number(organisation: Organisation, staff: User | None, at: datetime) -> bool:
    """Let the corporate number that an organisation states count as its own; gives whether it does now.

    It stays unconfirmed where none is stated, and where it is confirmed for another organisation: the two are
    for staff to unite. Part of the first acceptance of an application.
    """
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if current.number_confirmed_at or not current.corporate_number:
        return bool(current.number_confirmed_at)
    current.number_confirmed_at = at
    try:
        with transaction.atomic():
            current.save(update_fields=["number_confirmed_at"])
    except IntegrityError:
        return False
    record(
        "organisation.number_confirmed",
        staff,
        current,
        personal={"corporate_number": current.corporate_number},
    )
    return True
