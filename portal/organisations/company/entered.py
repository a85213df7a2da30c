"""What staff enter of organisations: new ones, and corrections. Members report changes themselves."""

from collections.abc import Mapping
from dataclasses import asdict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.company.details import CHANGEABLE
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails
from portal.search.indexing import index
from portal.staffing.reach import providers_of, reaches

ADD, CHANGE = "organisations.add_organisation", "organisations.change_organisation"
CORRECTABLE = (*CHANGEABLE, "corporate_number")


@transaction.atomic
def enter_organisation(details: OrganisationDetails, staff: User) -> Organisation:
    """Register an organisation that has no members yet.

    ValidationError, naming the field, when the details break a rule of the model, and for staff who work for
    some of several providers (`other_provider`): what has applied to nobody is seen by who works for all.
    PermissionDenied without the right.
    """
    if not staff.has_perm(ADD):
        raise PermissionDenied
    if not providers_of(staff).every:
        raise ValidationError(
            _("A new organisation is entered by who works for all providers of this portal."),
            "other_provider",
        )
    organisation = Organisation(**asdict(details))
    organisation.full_clean()
    organisation.save()
    index(organisation)
    record("organisation.entered", staff, organisation, personal=asdict(details))
    return organisation


def ensure_same_party(before: str, after: str, *, said: bool) -> None:
    """Another name has to be said to be that of the same party: a change of the party (名義変更) is none.

    ValidationError (`same_party`) for another name without that.
    """
    if after != before and not said:
        message = _("Say that the customer stays the same, or enter a succession instead.")
        raise ValidationError(message, "same_party")


@transaction.atomic
def correct_organisation(
    organisation: Organisation, details: Mapping[str, str], staff: User, *, same_party: bool = False
) -> Organisation:
    """Change what an organisation states of itself; another corporate number is not confirmed.

    `details` are by the names of the model's fields (`CORRECTABLE`). ValidationError, naming the field, when
    they break a rule of the model, for another name that isn't said to be of the same party (`same_party`),
    for one that was united into another (`united`), and for one that staff don't reach (`other_provider`).
    PermissionDenied without the right.
    """
    if not staff.has_perm(CHANGE):
        raise PermissionDenied
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not reaches(staff, current):
        raise ValidationError(
            _("This belongs to another provider. Only its own staff can do that."), "other_provider"
        )
    if current.united_into_id:
        raise ValidationError(_("This organisation was united into another, and stays as it was."), "united")
    before = {key: getattr(current, key) for key in CORRECTABLE if key in details}
    changed = {key: value for key, value in details.items() if key in before and value != before[key]}
    ensure_same_party(current.name, changed.get("name", current.name), said=same_party)
    for key, value in changed.items():
        setattr(current, key, value)
    if "corporate_number" in changed:
        current.number_confirmed_at = None
    current.clean_fields(exclude={field.name for field in current._meta.fields} - changed.keys())
    current.validate_constraints()
    current.save(update_fields=[*changed, "number_confirmed_at"])
    index(current)
    record(
        "organisation.corrected",
        staff,
        current,
        personal={key: {"before": before[key], "after": value} for key, value in changed.items()},
    )
    return current
