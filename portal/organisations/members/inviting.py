"""Inviting people by e-mail: asked, asked again, withdrawn, accepted.

Nothing here tells whether an e-mail address has an account: who invites reads the same for each, and so does
who is invited.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.changing import BY_STAFF
from portal.organisations.members.giving import checked, give, given_by, lock_members
from portal.organisations.members.invitation import InvitationQuerySet
from portal.organisations.members.mails import send_invitation
from portal.organisations.members.rights import Given, Right
from portal.organisations.models import Invitation, Membership, Organisation, User
from portal.search.indexing import index

LASTS = timedelta(days=7)
MOST_OPEN = 20
"""So many invitations of an organisation may be open."""

MOST_A_DAY = 50
"""So many an organisation may make within 24 hours, the withdrawn ones included."""

MOST_SENDINGS = 5
"""So often one goes out."""


@transaction.atomic
def invite(organisation: Organisation, owner: User, email: str, given: Given, at: datetime) -> Invitation:
    """Ask the person of an e-mail address to become a member; the e-mail goes out after the transaction.

    An owner does that, or staff who may change the organisation, before there is one. ValidationError for
    anybody else (`not_acting`, `no_right`), for what can't be given (`role`,
    `contracts`), for an address (`email`) that is none, of a member (code `member`), or invited already
    (`invited`), and where too many are open (`too_many`) or were made within a day (`too_many_a_day`).
    """
    lock_members(organisation)
    if not owner.has_perm(BY_STAFF, organisation):
        ensure_acts_for(owner, organisation, Right.OWN)
    address = email.strip().lower()
    allowed = checked(organisation, given)
    _ensure_invited_once(organisation, address)
    _ensure_few(organisation, at)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        organisation=organisation,
        email=address,
        token_hash=_hash(token),
        invited_by=owner,
        invited_at=at,
        expires_at=at + LASTS,
    )
    give(invitation, allowed)
    send_invitation(invitation, token)
    _record("invitation.sent", owner, invitation)
    return invitation


@transaction.atomic
def send_again(invitation: Invitation, owner: User, at: datetime) -> Invitation:
    """Send an invitation with a new link, which lasts as long as a first one; the link before is dead.

    ValidationError where `owner` is none (`not_acting`, `no_right`), it was accepted or withdrawn
    (`used`, `withdrawn`), or it went out too often (`too_often`).
    """
    current = _locked(invitation)
    ensure_acts_for(owner, current.organisation, Right.OWN)
    _ensure_not_ended(current)
    if current.times_sent >= MOST_SENDINGS:
        raise ValidationError(
            _(
                "This invitation was sent %(count)s times. Please ask whether %(email)s is right; if it is,"
                " withdraw the invitation and make a new one."
            )
            % {"count": current.times_sent, "email": current.email},
            code="too_often",
        )
    token = secrets.token_urlsafe(32)
    current.token_hash, current.times_sent = _hash(token), current.times_sent + 1
    current.invited_by, current.invited_at, current.expires_at = owner, at, at + LASTS
    current.save()
    send_invitation(current, token)
    _record("invitation.sent_again", owner, current)
    return current


@transaction.atomic
def withdraw(invitation: Invitation, owner: User, at: datetime) -> Invitation:
    """Let an invitation lead nowhere any more.

    ValidationError where `owner` is none (`not_acting`, `no_right`), or it was accepted or withdrawn already
    (`used`, `withdrawn`).
    """
    current = _locked(invitation)
    ensure_acts_for(owner, current.organisation, Right.OWN)
    _ensure_not_ended(current)
    current.withdrawn_at = at
    current.save(update_fields=["withdrawn_at"])
    _record("invitation.withdrawn", owner, current)
    return current


@transaction.atomic
def accept(invitation: Invitation, person: User, at: datetime) -> Membership:
    """Make a person a member who has the invited e-mail address, and has confirmed it.

    ValidationError for who has not (code `other_address`), for staff (`staff`), for a member (`member`), and
    where it was accepted or withdrawn (`used`, `withdrawn`), or has expired (`expired`).
    """
    current = _locked(invitation)
    ensure_acceptable(current, person, at)
    membership = Membership(user=person, organisation=current.organisation)
    give(membership, given_by(current))
    index(membership)
    current.accepted_at = at
    current.save(update_fields=["accepted_at"])
    record("invitation.accepted", person, current.organisation, person=person.pk, **membership.stated())
    return membership


def ensure_acceptable(invitation: Invitation, person: User, at: datetime) -> None:
    """Raises what `accept` raises where a person can't accept an invitation."""
    if not invitations_to(person).filter(pk=invitation.pk).exists():
        raise ValidationError(
            _("This invitation went to %(email)s. Sign in with that address to accept it.")
            % {"email": invitation.email},
            code="other_address",
        )
    ensure_open(invitation, at)
    if person.is_staff:
        raise ValidationError(
            _("You are staff, and staff act for no customer. Use an account of your own for that."),
            code="staff",
        )
    if Membership.objects.filter(user=person, organisation=invitation.organisation_id).exists():
        raise ValidationError(
            _("You are a member of %(organisation)s already.") % {"organisation": invitation.organisation},
            code="member",
        )


def ensure_open(invitation: Invitation, at: datetime) -> None:
    """ValidationError where one was accepted, withdrawn or expired (`used`, `withdrawn`, `expired`)."""
    _ensure_not_ended(invitation)
    if invitation.expires_at <= at:
        raise ValidationError(
            _("This invitation has expired. Please ask %(organisation)s to send it again.")
            % {"organisation": invitation.organisation},
            code="expired",
        )


def invitations_to(person: User) -> InvitationQuerySet:
    """All invitations, open or not, to e-mail addresses that a person has confirmed."""
    confirmed = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return Invitation.objects.filter(email__in=[address.lower() for address in confirmed])


def open_invitations_to(person: User, at: datetime) -> InvitationQuerySet:
    """Those that a person may accept at a moment."""
    waiting = invitations_to(person).open().filter(expires_at__gt=at)
    return waiting.exclude(organisation__memberships__user=person).select_related(
        "organisation", "invited_by"
    )


def invitation_at(token: str) -> Invitation | None:
    """The invitation whose last link holds a token; None for any other."""
    found = Invitation.objects.filter(token_hash=_hash(token))
    return found.select_related("organisation", "invited_by").first()


def _hash(token: str) -> str:
    """A token is random and long: its plain SHA-256 gives nothing away."""
    return hashlib.sha256(token.encode()).hexdigest()


def _locked(invitation: Invitation) -> Invitation:
    lock_members(invitation.organisation)
    return Invitation.objects.select_related("organisation").get(pk=invitation.pk)


def _ensure_not_ended(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise ValidationError(_("This invitation was accepted already."), code="used")
    if invitation.withdrawn_at:
        raise ValidationError(_("This invitation was withdrawn."), code="withdrawn")


def _ensure_invited_once(organisation: Organisation, address: str) -> None:
    known = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user")
    if organisation.memberships.filter(user__in=known).exists():
        text, code = _("The person of this e-mail address is a member already."), "member"
    elif organisation.invitations.open().filter(email=address).exists():
        text = _(
            "This e-mail address was invited already. You find the invitation in the list, to send it again."
        )
        code = "invited"
    else:
        return
    raise ValidationError({"email": ValidationError(text, code=code)})


def _ensure_few(organisation: Organisation, at: datetime) -> None:
    if organisation.invitations.open().count() >= MOST_OPEN:
        text = _("%(count)s invitations are open already. Withdraw those that are not needed any more.")
        raise ValidationError(text % {"count": MOST_OPEN}, code="too_many")
    if organisation.invitations.filter(invited_at__gt=at - timedelta(days=1)).count() >= MOST_A_DAY:
        text = _("Your organisation has invited %(count)s people within a day. Please go on tomorrow.")
        raise ValidationError(text % {"count": MOST_A_DAY}, code="too_many_a_day")


def _record(action: str, owner: User, invitation: Invitation) -> None:
    record(
        action,
        owner,
        invitation.organisation,
        **invitation.stated(),
        personal={"email": invitation.email},
    )
