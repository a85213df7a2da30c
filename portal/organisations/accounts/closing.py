"""A person closes their own account, unless a contract or a duty to keep needs it."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.accounts.changes import tell_of_change
from portal.organisations.accounts.needs import needs_of
from portal.organisations.models import Invitation, JoinRequest, Membership, Organisation, User
from portal.search.indexing import forget


@dataclass(frozen=True)
class Obstacle:
    """Why an account can't be closed now: what needs it, and what to do first."""

    organisation: Organisation | None
    needs: tuple[str, ...]
    what_to_do: str


def obstacles(person: User) -> list[Obstacle]:
    """What stands against closing somebody's account; none where they may.

    Staff don't close theirs. The last owner of an organisation goes neither while others belong to it nor
    while anything of it is open: somebody must answer for it.
    """
    if person.is_staff:
        return [Obstacle(None, (), _("The accounts of staff are closed by who keeps people: ask a manager."))]
    owned = person.memberships.filter(role=Membership.Role.OWNER).select_related("organisation")
    found = (_left_behind(person, one.organisation) for one in owned)
    return [obstacle for obstacle in found if obstacle]


@transaction.atomic
def close_account(person: User, at: datetime) -> User:
    """Close somebody's account at their own wish; they are told by e-mail, to the address that goes with it.

    They are signed out everywhere, can't sign in any more and are a member of nothing; their calendars end.
    The address is free for another account. Their name stays with what they did until it is erased by the
    rules for people who left. ValidationError (code `needed`) says what stands against it.
    """
    own = Organisation.objects.filter(memberships__user=person).order_by("pk")
    list(own.select_for_update(of=("self",)))  # no other owner goes meanwhile
    current = User.objects.select_for_update().get(pk=person.pk)
    for obstacle in obstacles(current):
        raise ValidationError(obstacle.what_to_do, "needed")
    address = EmailAddress.objects.get_primary_email(current) or current.email
    tell_of_change(current, "account/email/account_closed", address, {"timestamp": at})
    left = [one.organisation_id for one in current.memberships.all()]
    end_account(current, f"closed-{current.pk}@closed.invalid", at)
    record("user.closed", current, current, personal={"email": address}, organisations=left)
    return current


def end_account(person: User, address: str, at: datetime) -> None:
    """Let nobody in by an account any more: it is a member of nothing, and another `address` stands there.

    The invitations that the person sent and nobody accepted are withdrawn, and so is what the person asked to
    be let into. Runs inside the transaction of the
    operation that ends the account, which tells the audit trail.
    """
    forget(person.memberships.all())
    person.memberships.all().delete()
    Invitation.objects.open().filter(invited_by=person).update(withdrawn_at=at)
    JoinRequest.objects.filter(person=person, answered_at__isnull=True).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    person.end_sessions()
    person.email, person.is_active, person.closed_at = address, False, person.closed_at or at
    person.set_unusable_password()
    person.save(update_fields=["email", "is_active", "closed_at", "password"])


def _left_behind(person: User, organisation: Organisation) -> Obstacle | None:
    """Why an organisation can't be left by one of its owners."""
    others = organisation.memberships.acting().filter(user__is_active=True).exclude(user=person)
    if others.filter(role=Membership.Role.OWNER).exists():
        return None
    needs = tuple(needs_of(organisation))
    about = {"organisation": organisation}
    if others.exists():
        text = _("You are the last owner of %(organisation)s. Make another member an owner first.")
        return Obstacle(organisation, needs, text % about)
    if needs:
        text = _(
            "You are the only one who acts for %(organisation)s, which is still needed. Invite somebody and"
            " make them an owner first, or let what is open end."
        )
        return Obstacle(organisation, needs, text % about)
    return None
