"""Deciding that something is erased: the rows are noted, and a worker erases them one after the other."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.data_protection.copies.asking import expire_copies
from portal.data_protection.erasing.plans import Going, Staying, due_of, ensure_may_go, going_of, staying_of
from portal.data_protection.erasing.steps import Subject
from portal.data_protection.models import Erasure, ErasureItem
from portal.organisations.models import User

ERASURE = "erasure"
_AT_ONCE = 500


@transaction.atomic
def erase_due(provider: str, day: date, staff: User, at: datetime, *, approval: Proposal | None) -> Erasure:
    """Have erased what is due of a provider, by its code, or of the installation (""), on a day.

    ValidationError without the approval of a second person (`second_person`), for a day that is to come
    (`future`), and where nothing is due (`nothing`).
    """
    proposal = _approved(approval)
    if day > localdate(at):
        raise ValidationError(_("Nothing is due before its day."), "future")
    erasure = Erasure(proposal=proposal, provider=provider, begun_at=at, begun_by=staff)
    return _begin(erasure, due_of(provider, day), staff)


@transaction.atomic
def erase_on_request(
    subject: Subject,
    kinds: Sequence[str],
    asked_on: date,
    way: str,
    staff: User,
    at: datetime,
    *,
    approval: Proposal | None,
) -> Erasure:
    """Have erased what may go of somebody who asks for it (個人情報保護法35条); `way` is how they asked.

    ValidationError without the approval of a second person (`second_person`), as `ensure_may_go`, for a day
    of the request that is to come (`asked_on`), and where nothing can go (`nothing`).
    """
    proposal = _approved(approval)
    ensure_may_go(subject, kinds)
    if asked_on > localdate(at):
        raise ValidationError({"asked_on": ValidationError(_("This day is still to come."), "future")})
    erasure = Erasure(
        proposal=proposal,
        asked_on=asked_on,
        reason=way,
        answer_to=subject.email if isinstance(subject, User) else "",
        begun_at=at,
        begun_by=staff,
        **{"person" if isinstance(subject, User) else "organisation": subject},
    )
    expire_copies(subject, at)
    erasure.report = {"stays": [_stays(staying) for staying in staying_of(subject)]}
    return _begin(erasure, going_of(subject, kinds, localdate(at)), staff)


def _stays(staying: Staying) -> dict[str, object]:
    return {
        "title": staying.title,
        "kind": staying.kind.key,
        "count": staying.count,
        "until": staying.until.isoformat() if staying.until else "",
    }


def _approved(approval: Proposal | None) -> Proposal:
    ensure_second_person(approval, ERASURE)
    return cast(Proposal, approval)


def _begin(erasure: Erasure, going: list[Going], staff: User) -> Erasure:
    if not going:
        raise ValidationError(_("There is nothing to erase."), "nothing")
    erasure.of = sum(part.count for part in going)
    erasure.save(force_insert=True)
    ErasureItem.objects.bulk_create(
        (
            ErasureItem(
                erasure=erasure, kind=part.step.kind, model=part.step.model._meta.label_lower, object_id=key
            )
            for part in going
            for key in part.keys
        ),
        batch_size=_AT_ONCE,
    )
    record(
        "erasure.begun",
        staff,
        erasure,
        provider=erasure.provider,
        counts={part.step.kind: part.count for part in going},
    )
    return erasure
