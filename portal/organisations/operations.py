"""What can be done to organisations: one function, one transaction, one audit entry."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction

from portal.audit.record import record
from portal.organisations.models import Membership, Organisation, User
from portal.search.indexing import index


@dataclass(frozen=True, kw_only=True)
class OrganisationDetails:
    """What an organisation states about itself when it is registered."""

    name: str
    postal_code: str
    address: str
    phone: str
    invoice_email: str
    kana: str = ""
    corporate_number: str = ""


@transaction.atomic
def create_organisation(user: User, details: OrganisationDetails) -> Organisation:
    """Register an organisation with `user` as its owner.

    Raises ValidationError, naming the field, when the details break a rule of the model, and (`user`) when
    they are of the provider's staff.
    """
    organisation = Organisation(**asdict(details))
    organisation.full_clean()
    organisation.save()
    membership = Membership(user=user, organisation=organisation, role=Membership.Role.OWNER)
    membership.full_clean()
    membership.save()
    index(organisation)
    index(membership)
    record("organisation.created", user, organisation, personal=asdict(details))
    return organisation


@transaction.atomic
def register_customer(details: OrganisationDetails, staff: User | None) -> Organisation:
    """Register an organisation that nobody acts for in the portal, as staff know it from a paper.

    An owner can be invited later. Raises ValidationError, naming the field, when the details break a rule of
    the model.
    """
    organisation = Organisation(**asdict(details))
    organisation.full_clean()
    organisation.save()
    index(organisation)
    record("organisation.created", staff, organisation, personal=asdict(details))
    return organisation


_COMPLETED = ("kana", "corporate_number")


@transaction.atomic
def complete_details(organisation: Organisation, user: User, stated: Mapping[str, str]) -> None:
    """Add what an organisation had not stated of itself; what it had stated stays as it is.

    `stated` is by the names of the model's fields; the reading of the name and the corporate number count.
    Raises ValidationError, naming the field, when they break a rule of the model.
    """
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    added = {key: stated[key] for key in _COMPLETED if stated.get(key) and not getattr(current, key)}
    if not added:
        return
    for key, value in added.items():
        setattr(current, key, value)
    current.full_clean()
    current.save(update_fields=list(added))
    index(current)
    record("organisation.completed", user, current, personal=added)


@transaction.atomic
def open_calendar(membership: Membership) -> Membership:
    """Give a member a new secret address of the organisation's calendar; the one before it ends."""
    current = Membership.objects.select_for_update().get(pk=membership.pk)
    current.calendar_key = secrets.token_urlsafe(24)
    current.save(update_fields=["calendar_key"])
    record("calendar.opened", current.user, current.organisation)
    return current


@transaction.atomic
def close_calendars(person: User) -> None:
    """Take the secret addresses of all calendars of a person away."""
    for membership in person.memberships.exclude(calendar_key=""):
        close_calendar(membership)


@transaction.atomic
def close_calendar(membership: Membership) -> Membership:
    """Take the secret address of a member's calendar away; without one nothing happens."""
    current = Membership.objects.select_for_update().get(pk=membership.pk)
    if current.calendar_key:
        current.calendar_key = ""
        current.save(update_fields=["calendar_key"])
        record("calendar.closed", current.user, current.organisation)
    return current
