"""Giving rights to a member, or to who is invited."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.organisations.members.rights import Entitled, Given, Role
from portal.organisations.models import Organisation


def checked(organisation: Organisation, given: Given) -> Given:
    """What is given, without what says nothing of an owner, and with contracts of the organisation alone.

    ValidationError (`role`) for an unknown role, (`contracts`) for a limit to none of its contracts.
    """
    if given.role not in Role.values:
        raise ValidationError({"role": ValidationError(_("There is no such role."), code="unknown")})
    if given.role == Role.OWNER:
        return Given(role=Role.OWNER)
    if given.limited_to is None:
        return given
    own = set(organisation.contracts.filter(pk__in=given.limited_to).values_list("pk", flat=True))
    if not own or own != set(given.limited_to):
        message = _("Choose at least one contract of your organisation, or all contracts.")
        raise ValidationError({"contracts": ValidationError(message, code="no_contract")})
    return replace(given, limited_to=own)


def give(to: Entitled, given: Given) -> None:
    """Store what `checked` gave with a member or an invitation, new or not."""
    to.role = given.role
    to.handles_contracts, to.handles_billing = given.handles_contracts, given.handles_billing
    to.handles_sales = given.handles_sales
    to.is_limited = given.limited_to is not None
    to.full_clean()
    to.save()
    to.contracts.set(given.limited_to or ())


def given_by(entitled: Entitled) -> Given:
    """What a member or an invitation was given."""
    limited_to = set(entitled.contracts.values_list("pk", flat=True)) if entitled.is_limited else None
    return Given(
        role=entitled.role,
        handles_contracts=entitled.handles_contracts,
        handles_billing=entitled.handles_billing,
        handles_sales=entitled.handles_sales,
        limited_to=limited_to,
    )


def lock_members(organisation: Organisation) -> None:
    """Let nobody else change members or invitations of an organisation until the transaction ends."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
