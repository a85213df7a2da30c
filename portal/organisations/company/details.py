"""What an organisation states of itself, as it changes: at once, or from a day to come on."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import ComingDetails, Organisation, User
from portal.search.indexing import index

CHANGEABLE = ("name", "kana", "postal_code", "address", "phone", "invoice_email")
"""What can change of what an organisation states; its corporate number stays."""


@transaction.atomic
def change_details(
    organisation: Organisation, person: User, details: Mapping[str, str], starts_on: date, today: date
) -> ComingDetails | None:
    """Let other details hold for an organisation from a day on; gives what waits for that day, if any does.

    `details` are by the names of the model's fields (`CHANGEABLE`). ValidationError, naming the field, where
    they break a rule of the model, where nothing would change (`no_change`), and for who does not act for the
    organisation (`not_acting`).
    """
    ensure_acts_for(person, organisation, Right.CONTRACTS)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = {key: str(getattr(current, key)) for key in details}
    changed = {key: value for key, value in details.items() if value != before[key]}
    if not changed:
        raise ValidationError(_("Nothing would change."), code="no_change")
    _set(current, changed)
    coming = None
    if starts_on <= today:
        current.save(update_fields=list(changed))
        index(current)
    else:
        coming = ComingDetails.objects.create(
            organisation=current, starts_on=starts_on, details=changed, reported_by=person
        )
    record(
        "organisation.details_changed",
        person,
        current,
        starts_on=starts_on,
        personal={key: {"before": before[key], "after": value} for key, value in changed.items()},
    )
    return coming


@transaction.atomic
def take_up_coming(today: date) -> int:
    """Let the details hold whose day has come; gives how many reports that were. Part of each day."""
    due = list(
        ComingDetails.objects.select_for_update().filter(starts_on__lte=today).order_by("starts_on", "pk")
    )
    for coming in due:
        current = Organisation.objects.select_for_update().get(pk=coming.organisation_id)
        _set(current, coming.details)
        current.save(update_fields=list(coming.details))
        index(current)
        record("organisation.details_began", None, current, starts_on=coming.starts_on)
        coming.delete()
    return len(due)


@transaction.atomic
def drop_coming(coming: ComingDetails, person: User) -> None:
    """Take back what was to hold from a day to come on. Requests on contracts are withdrawn apart.

    ValidationError for who does not act for the organisation (`not_acting`), and where it holds by now or was
    taken back already (`gone`).
    """
    ensure_acts_for(person, coming.organisation, Right.CONTRACTS)
    current = ComingDetails.objects.select_for_update().filter(pk=coming.pk).first()
    if current is None:
        raise ValidationError(_("This holds already, or was taken back."), code="gone")
    record(
        "organisation.coming_dropped",
        person,
        current.organisation,
        starts_on=current.starts_on,
        personal=current.details,
    )
    current.delete()


def _set(organisation: Organisation, details: Mapping[str, str]) -> None:
    for key, value in details.items():
        if key not in CHANGEABLE:
            raise ValidationError({key: _("This can't be changed here.")})
        setattr(organisation, key, value)
    unchanged = {field.name for field in organisation._meta.fields} - details.keys()
    organisation.clean_fields(exclude=unchanged)
