"""What a customer has to do: gathered from contracts, money and who is let in, what presses first."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.inbox.to_do import of_money
from billing.receivables.late.left_to_pay import overdue_of
from contracts.extensions.to_do import MOST, Area, ToDo, in_order
from contracts.inbox.to_do import of_contracts
from portal.organisations.members.invitation import Invitation
from portal.organisations.members.inviting import open_invitations_to
from portal.organisations.models import JoinRequest, Membership


def things_to_do(membership: Membership, at: datetime) -> list[ToDo]:
    """All that a member has to do at a moment, what presses first; few things, however much there is."""
    day = localdate(at)
    return in_order(
        (
            *of_contracts(membership, day, overdue_of),
            *of_money(membership, day),
            *_who_asks_to_join(membership, day),
            *(_invited(invitation, day) for invitation in open_invitations_to(membership.user, at)[:MOST]),
        )
    )


def _who_asks_to_join(membership: Membership, day: date) -> Iterator[ToDo]:
    """That people ask to be let in, for owners, who decide."""
    asking = JoinRequest.objects.filter(organisation=membership.organisation_id, answered_at__isnull=True)
    count = asking.count() if membership.is_owner else 0
    if count:
        text = ngettext(
            "%(count)s person asks to be let into your organisation.",
            "%(count)s people ask to be let into your organisation.",
            count,
        )
        yield ToDo(
            kind="join",
            area=Area.HOME,
            text=text % {"count": count},
            url=reverse("organisations:joining"),
            action=_("Answer"),
            day=day,
            count=count,
        )


def _invited(invitation: Invitation, day: date) -> ToDo:
    return ToDo(
        kind="invitation",
        area=Area.HOME,
        text=_("%(organisation)s invites you to become a member.")
        % {"organisation": invitation.organisation},
        detail=_("by %(who)s") % {"who": invitation.inviter},
        url=reverse("organisations:invitation-accept", args=[invitation.pk]),
        action=_("Accept the invitation"),
        day=day,
        deadline=localdate(invitation.expires_at),
        by_post=True,
    )
