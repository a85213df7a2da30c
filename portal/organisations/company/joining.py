"""Being let into an organisation by its owners, for who knows its corporate number.

Who asks learns nothing: neither whether somebody has the number, nor who that is, until the owners answer.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from portal.audit.record import record
from portal.organisations.corporate_number import validate_corporate_number
from portal.organisations.members.rights import Right
from portal.organisations.models import JoinRequest, Membership, Organisation, User
from portal.outbox.kinds import Kind
from portal.outbox.queue import Sender, enqueue
from portal.search.indexing import index

JOIN_ASKED = Kind(
    key="join_asked", label=gettext_lazy("Request to be let in"), model="organisations.organisation"
)
JOIN_ANSWERED = Kind(
    key="join_answered",
    label=gettext_lazy("Answer to a request to be let in"),
    model="organisations.organisation",
)


@transaction.atomic
def ask_to_join(person: User, corporate_number: str, message: str, at: datetime) -> None:
    """Ask the owners of the organisation for which a corporate number is confirmed, if there is one.

    Whoever asks gets the same answer, whether or not there is one, they are a member already, or have asked
    before. ValidationError (`corporate_number`) for what is no corporate number, and (`staff`) for staff.
    """
    if person.is_staff:
        raise ValidationError(_("Staff act for no customer."), code="staff")
    try:
        validate_corporate_number(corporate_number)
    except ValidationError as error:
        raise ValidationError({"corporate_number": error}) from error
    organisation = Organisation.objects.filter(
        corporate_number=corporate_number, number_confirmed_at__isnull=False
    ).first()
    if organisation is None or Membership.objects.filter(user=person, organisation=organisation).exists():
        return
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    asked, is_new = JoinRequest.objects.get_or_create(
        organisation=organisation,
        person=person,
        answered_at=None,
        defaults={"message": message.strip(), "asked_at": at},
    )
    if not is_new:
        return
    for owner in owners_of(organisation):
        _write(JOIN_ASKED, organisation, owner, f"{asked.pk}:{owner.pk}", asked=asked)
    record(
        "organisation.join_asked",
        person,
        organisation,
        person=person.pk,
        personal={"message": asked.message} if asked.message else None,
    )


@transaction.atomic
def let_in(asked: JoinRequest, owner: User, right: str, at: datetime) -> Membership:
    """Make who asked a member with a right, and tell them.

    ValidationError for who is no owner (`not_owner`), for a request that was answered already (`answered`),
    for a right that there is not (`role`), and for who can't be a member.
    """
    current = _answered(asked, owner, at, let_in=True)
    if right not in Right.values:
        raise ValidationError({"role": ValidationError(_("Choose one."), code="role")})
    membership = Membership(
        user=current.person,
        organisation=current.organisation,
        role=Membership.Role.OWNER if right == Right.OWN else Membership.Role.MEMBER,
        handles_contracts=right == Right.CONTRACTS,
        handles_billing=right == Right.BILLING,
        handles_sales=right == Right.SALES,
    )
    membership.full_clean()
    membership.save()
    index(membership)
    _write(JOIN_ANSWERED, current.organisation, current.person, str(current.pk), asked=current)
    record("organisation.let_in", owner, current.organisation, person=current.person_id, right=right)
    return membership


@transaction.atomic
def turn_away(asked: JoinRequest, owner: User, at: datetime) -> None:
    """Let who asked stay outside, and tell them without saying whom they had asked.

    ValidationError for who is no owner (`not_owner`), and for a request that was answered already
    (`answered`).
    """
    current = _answered(asked, owner, at, let_in=False)
    _write(JOIN_ANSWERED, current.organisation, current.person, str(current.pk), asked=current)
    record("organisation.turned_away", owner, current.organisation, person=current.person_id)


def owners_of(organisation: Organisation) -> list[User]:
    """Who owns an organisation, the one who joined first at the front."""
    return [one.user for one in organisation.memberships.owners().select_related("user")]


def waiting_for(organisation: Organisation) -> list[JoinRequest]:
    """The requests that wait for the answer of an organisation's owners."""
    return list(organisation.join_requests.filter(answered_at__isnull=True).select_related("person"))


def _answered(asked: JoinRequest, owner: User, at: datetime, *, let_in: bool) -> JoinRequest:
    current = JoinRequest.objects.select_for_update().get(pk=asked.pk)
    if owner not in owners_of(current.organisation):
        raise ValidationError(_("Only an owner of the organisation can answer this."), code="not_owner")
    if current.answered_at:
        raise ValidationError(_("This request was answered already."), code="answered")
    current.answered_at, current.answered_by, current.let_in = at, owner, let_in
    current.save()
    return current


def _write(kind: Kind, organisation: Organisation, to: User, key: str, **shown: Any) -> None:
    with override("ja"):
        text = render_to_string(
            f"organisations/email/{kind.key}.txt",
            {
                "organisation": organisation,
                "url": settings.PORTAL_URL + reverse("organisations:joining"),
                "portal": settings.MFA_TOTP_ISSUER,
                **shown,
            },
        )
        subject = _("A request to be let in") if kind == JOIN_ASKED else _("About your request to be let in")
    enqueue(
        kind.key,
        organisation.pk,
        to.email,
        Sender(settings.MFA_TOTP_ISSUER, ""),
        key=f"{kind.key}:{key}",
        organisation=organisation,
        subject=subject,
        text=text,
    )
