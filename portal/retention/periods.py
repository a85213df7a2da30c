"""Setting how long something is kept."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User
from portal.retention.kinds import kinds_set_for
from portal.retention.models import LONGEST, RetentionPeriod, days_kept
from portal.staffing.reach import ensure_works_for, ensure_works_for_all

SHORTER_PERIOD = "retention_period"


@transaction.atomic
def set_period(
    provider: str,
    kind: str,
    days: int,
    reason: str,
    staff: User,
    at: datetime,
    *,
    approval: Proposal | None = None,
) -> RetentionPeriod:
    """Keep data of a kind for so many days from now on; `provider` is a code, or "" for the installation.

    ValidationError for a provider that is not theirs (`other_provider`), for a kind that is not theirs to set
    (`kind`), for days out of reach (`days`), without a reason, and, where it gets shorter so that more is
    erased, without a second person (`second_person`).
    """
    ensure_provider(staff, provider)
    ensure_settable(provider, kind, days)
    before = days_kept(provider, kind)
    if days < before:
        ensure_second_person(approval, SHORTER_PERIOD)
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Please give the reason."), "no_reason")})
    period, _created = RetentionPeriod.objects.update_or_create(
        provider=provider,
        kind=kind,
        defaults={"days": days, "reason": reason.strip(), "set_by": staff, "set_at": at},
    )
    record(
        "retention.period_set",
        staff,
        period,
        provider=provider,
        kind=kind,
        before={"days": before},
        days=days,
        personal={"reason": period.reason},
    )
    return period


def ensure_provider(staff: User, provider: str) -> None:
    """ValidationError (`other_provider`) for the code of a provider that somebody does not work for.

    What belongs to no single provider ("") concerns all of them.
    """
    if provider:
        ensure_works_for(staff, provider)
    else:
        ensure_works_for_all(staff)


def ensure_settable(provider: str, kind: str, days: int) -> None:
    """ValidationError for what `set_period` can't set."""
    if kind not in {one.key for one in kinds_set_for(provider)}:
        text = _("The law says how long this is kept, or it goes by itself: there is no period to set.")
        raise ValidationError({"kind": ValidationError(text, "not_settable")})
    if not 1 <= days <= LONGEST:
        text = _("Enter a number of days from 1 to %(most)s.") % {"most": f"{LONGEST:,}"}
        raise ValidationError({"days": ValidationError(text, "out_of_reach")})
    if days == days_kept(provider, kind):
        raise ValidationError({"days": ValidationError(_("It is kept for so long already."), "same")})
