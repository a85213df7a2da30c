"""For whom somebody acts: members for their organisation, staff for the provider; nobody for both sides."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.organisations.models import Membership, Organisation, User


def acts_for(person: User, organisation: Organisation) -> bool:
    """Whether a person may act for an organisation: a member of it who is not of the provider's staff."""
    return Membership.objects.acting().filter(user=person, organisation=organisation).exists()


def ensure_acts_for(person: User, organisation: Organisation) -> None:
    """ValidationError (code `not_acting`) unless a person may act for an organisation."""
    if not acts_for(person, organisation):
        raise ValidationError(
            _("This belongs to another organisation. Only its own members can do that."), code="not_acting"
        )


def ensure_no_own_cause(staff: User | None, organisation: Organisation, asked_by: User | None = None) -> None:
    """ValidationError (code `own_request`) where staff would decide on what they asked for themselves.

    What an organisation asks for is asked for by each of its members. Without `staff` nobody decides.
    """
    if staff and (staff == asked_by or staff.memberships.filter(organisation=organisation).exists()):
        raise ValidationError(
            _("Nobody decides on their own request, or on that of their own organisation. Ask a colleague."),
            code="own_request",
        )
