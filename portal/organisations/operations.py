"""What can be done to organisations: one function, one transaction, one audit entry."""

from dataclasses import asdict, dataclass

from django.db import transaction

from portal.audit.record import record
from portal.organisations.models import Membership, Organisation, User


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

    Raises ValidationError, naming the field, when the details break a rule of the model.
    """
    organisation = Organisation(**asdict(details))
    organisation.full_clean()
    organisation.save()
    Membership.objects.create(user=user, organisation=organisation, role=Membership.Role.OWNER)
    record("organisation.created", user, organisation, **asdict(details))
    return organisation
