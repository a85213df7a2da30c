"""The e-mail that tells all managers when something was carried out without a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, Q
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from portal.approvals.kinds import visible_to
from portal.approvals.models import Proposal
from portal.organisations.independence import MANAGES, managers
from portal.outbox.kinds import Kind
from portal.outbox.queue import Sender, enqueue
from portal.staffing.reach import reaches


def _of_visible_proposals(user: Any) -> Q:
    return Q(about__in=Proposal.objects.filter(visible_to(user)).values("pk"))


BROKEN_GLASS = Kind(
    key="broken_glass",
    label=_("Carried out without a second person"),
    model="approvals.proposal",
    seen=_of_visible_proposals,
    right_to_settle=MANAGES,
)


@dataclass(frozen=True, kw_only=True)
class BrokenGlass:
    """What was carried out without a second person: who answers for it, why, and what it changed."""

    what: Any
    about: str
    by: str
    reason: str
    proposed_by: str = ""
    lines: Sequence[Mapping[str, str]] = ()


def tell_of_broken_glass(kind: Kind, of: Model, broken: BrokenGlass, at: datetime) -> None:
    """Put an e-mail of a kind into the outbox, within the caller's transaction, to each manager who reaches
    what it is about.
    """
    with override("ja"):
        subject = gettext("Carried out without a second person: %(about)s") % {"about": broken.about}
        text = render_to_string("approvals/email/break_glass.txt", {"broken": broken})
    for manager in (one for one in managers() if reaches(one, of)):
        enqueue(
            kind.key,
            of.pk,
            manager.email,
            Sender(settings.MFA_TOTP_ISSUER, ""),
            key=f"{kind.key}:{of._meta.label_lower}:{of.pk}:{at.isoformat()}:{manager.pk}",
            subject=subject,
            text=text,
        )
