"""What becomes of members: other roles, a new owner, leaving. An owner who can sign in is always left."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.giving import checked, give, lock_members
from portal.organisations.members.rights import Given, Right, Role
from portal.organisations.models import Invitation, Membership, User
from portal.search.indexing import forget

BY_STAFF = "organisations.change_organisation"
"""What staff need to take a member out."""


@transaction.atomic
def change_member(membership: Membership, owner: User, given: Given) -> Membership:
    """Give a member other rights.

    ValidationError where `owner` is none (`not_acting`, `no_right`), the member has gone meanwhile (`gone`),
    no owner would be left (`last_owner`), or the limit names no contract (`contracts`).
    """
    current = _locked(membership)
    ensure_acts_for(owner, current.organisation, Right.OWN)
    allowed = checked(current.organisation, given)
    if allowed.role != Role.OWNER:
        _ensure_owner_left(current)
    before = current.stated()
    give(current, allowed)
    after = current.stated()
    changed = {key: value for key, value in after.items() if before[key] != value}
    if changed:
        record(
            "member.changed",
            owner,
            current.organisation,
            person=current.user_id,
            before={key: before[key] for key in changed},
            **changed,
        )
    return current


@transaction.atomic
def hand_over(owner: User, successor: Membership) -> Membership:
    """Make another member the owner; who was it handles contracts and billing from then on.

    ValidationError where `owner` is none (`not_acting`, `no_right`), or the other has gone meanwhile (`gone`)
    or is an owner already (`owner`), or can't act for the organisation (`inactive`).
    """
    current = _locked(successor)
    own = ensure_acts_for(owner, current.organisation, Right.OWN)
    if current.is_owner:
        raise ValidationError(_("%(name)s is an owner already.") % {"name": current.user}, code="owner")
    if current.user.is_staff or not current.user.is_active:
        text = _("%(name)s can't be the owner: they may not sign in, or are the provider's staff.")
        raise ValidationError(text % {"name": current.user}, code="inactive")
    give(current, Given(role=Role.OWNER))
    is_agent = current.organisation.sales_agents.exists()
    give(own, Given(handles_contracts=True, handles_billing=True, handles_sales=is_agent))
    record("member.handed_over", owner, current.organisation, person=current.user_id)
    return current


@transaction.atomic
def remove_member(membership: Membership, actor: User) -> None:
    """Take a member out: what they see of the organisation, their sessions and their calendar end at once.

    So do the invitations that they sent and nobody accepted.

    An owner does that, or staff who may change organisations. ValidationError for anybody else (`not_acting`,
    `no_right`), where the member has gone meanwhile (`gone`), and for the last owner (`last_owner`).
    """
    current = _locked(membership)
    person, organisation = current.user, current.organisation
    if not actor.has_perm(BY_STAFF):
        ensure_acts_for(actor, organisation, Right.OWN)
    had = _taken_out(current)
    person.end_sessions()
    record("member.removed", actor, organisation, person=person.pk, **had)


@transaction.atomic
def leave(membership: Membership) -> None:
    """Let a member go by themselves, and with them the invitations that they sent and nobody accepted.

    ValidationError where they have gone (`gone`), or are the last owner.
    """
    current = _locked(membership)
    person, organisation = current.user, current.organisation
    had = _taken_out(current)
    record("member.left", person, organisation, person=person.pk, **had)


def _locked(membership: Membership) -> Membership:
    """The membership as it is now; until the transaction ends, no other of its organisation changes."""
    lock_members(membership.organisation)
    current = Membership.objects.filter(pk=membership.pk).select_related("organisation", "user").first()
    if current is None:
        raise ValidationError(_("This person is no longer a member. Nothing was changed."), code="gone")
    return current


def _taken_out(current: Membership) -> dict[str, Any]:
    """End a membership, and the open invitations of who had it; gives what it had given."""
    _ensure_owner_left(current)
    had = current.stated()
    sent = Invitation.objects.open().filter(organisation=current.organisation, invited_by=current.user)
    sent.update(withdrawn_at=now())
    forget([current])
    current.delete()
    return had


def _ensure_owner_left(current: Membership) -> None:
    owners = Membership.objects.owners().filter(organisation=current.organisation_id)
    if current.is_owner and not owners.exclude(pk=current.pk).exists():
        raise ValidationError(
            _("An organisation always has an owner. Make somebody else an owner first."), code="last_owner"
        )
