"""For whom somebody acts: members for their organisation, staff for the provider; nobody for both sides."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, Organisation, User


def acts_for(person: User, organisation: Organisation) -> bool:
    """Whether a person may act for an organisation: a member of it who is not of the provider's staff."""
    return Membership.objects.acting().filter(user=person, organisation=organisation).exists()


def ensure_acts_for(
    person: User, organisation: Organisation, right: Right, *contracts: int | None
) -> Membership:
    """The membership by which a person does something for an organisation that needs a right.

    It is done on `contracts`, by primary key (None: on none yet), or for the organisation as a whole.
    ValidationError where the person is no member, or one who sees none of the contracts (code `not_acting`),
    or may not do it on all of them (`no_right`).
    """
    own = Membership.objects.acting().filter(user=person, organisation=organisation).first()
    known = [contract for contract in contracts if contract is not None]
    if own is None or (known and not any(own.sees(contract) for contract in known)):
        raise ValidationError(
            _("This belongs to another organisation. Only its own members can do that."), code="not_acting"
        )
    if not own.may_on(right, *known):
        raise ValidationError(_refusal(own, right), code="no_right")
    return own


def _refusal(own: Membership, right: Right) -> str:
    owners = Membership.objects.owners().filter(organisation=own.organisation_id).select_related("user")
    if own.may(right):
        text = _(
            "You may do this for certain contracts only, and this concerns others as well. Please ask an"
            " owner of your organisation: %(owners)s."
        )
    else:
        text = _(
            "This needs another role: “%(right)s”. Please ask an owner of your organisation: %(owners)s."
        )
    return text % {"right": right.label, "owners": _(", ").join(str(one.user) for one in owners)}


def ensure_no_own_cause(staff: User | None, organisation: Organisation, asked_by: User | None = None) -> None:
    """ValidationError (code `own_request`) where staff would decide on what they asked for themselves.

    What an organisation asks for is asked for by each of its members. Without `staff` nobody decides.
    """
    if staff and (staff == asked_by or staff.memberships.filter(organisation=organisation).exists()):
        raise ValidationError(
            _("Nobody decides on their own request, or on that of their own organisation. Ask a colleague."),
            code="own_request",
        )
