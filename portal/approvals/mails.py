"""The e-mail that tells all managers when something was carried out without a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from portal.organisations.independence import managers
from portal.outbox.kinds import Kind
from portal.outbox.queue import Sender, enqueue

BROKEN_GLASS = Kind(
    key="broken_glass", label=_("Carried out without a second person"), model="approvals.proposal"
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


def tell_of_broken_glass(of: Model, broken: BrokenGlass, at: datetime) -> None:
    """Put an e-mail to every manager into the outbox, in the transaction of what was carried out."""
    with override("ja"):
        subject = gettext("Carried out without a second person: %(about)s") % {"about": broken.about}
        text = render_to_string("approvals/email/break_glass.txt", {"broken": broken})
    for manager in managers():
        enqueue(
            BROKEN_GLASS.key,
            of.pk,
            manager.email,
            Sender(settings.MFA_TOTP_ISSUER, ""),
            key=f"{BROKEN_GLASS.key}:{of._meta.label_lower}:{of.pk}:{at.isoformat()}:{manager.pk}",
            subject=subject,
            text=text,
        )
