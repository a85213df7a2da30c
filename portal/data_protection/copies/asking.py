"""Asking for a copy, fetching it, and removing it when its time is over."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.customers import ensure_all_theirs
from portal.audit.record import record
from portal.data_protection.models import DataCopy
from portal.kept_files import read_checked, remove_on_commit
from portal.organisations.models import Membership, Organisation, User

KEPT = timedelta(days=7)
"""For how long a copy can be fetched: it holds everything, so that it must not lie about."""

MAKES = "data_protection.add_datacopy"
"""The right of staff to have copies made for who asked for one, and to fetch them."""


@transaction.atomic
def ask_for_copy(subject: User | Organisation, asked_by: User, at: datetime, *, reason: str = "") -> DataCopy:
    """Have a copy made of what is held about a person or an organisation; one that waits is given instead.

    People ask for their own, owners for their organisation's, staff with a reason for whoever asked them.
    ValidationError for others (`not_own`), for staff without a reason (`no_reason`), and for staff about whom
    they don't see in full (`ensure_all_theirs`).
    """
    if not is_own(subject, asked_by):
        _ensure_answers(subject, asked_by, reason)
    waiting = {"person" if isinstance(subject, User) else "organisation": subject}
    copy, created = DataCopy.objects.get_or_create(
        **waiting, made_at=None, defaults={"asked_by": asked_by, "asked_at": at, "reason": reason.strip()}
    )
    if created:
        record(
            "data_copy.asked",
            asked_by,
            subject,
            copy=copy.pk,
            personal={"reason": copy.reason} if copy.reason else None,
        )
    return copy


def is_own(subject: User | Organisation, person: User) -> bool:
    """Whether a copy is a person's own to ask for: of themselves, or of what they are an owner of."""
    if isinstance(subject, User):
        return subject == person
    owners = Membership.objects.acting().filter(role=Membership.Role.OWNER)
    return owners.filter(user=person, organisation=subject).exists()


def _ensure_answers(subject: User | Organisation, staff: User, reason: str) -> None:
    if not staff.has_perm(MAKES):
        text = _("Only its owners can ask for what is held about an organisation, and only you for your own.")
        raise ValidationError(text, "not_own")
    if not reason.strip():
        text = _("Say which request this answers: who asked, when, and how it was made sure who it is.")
        raise ValidationError({"reason": ValidationError(text, "no_reason")})
    ensure_all_theirs(staff, subject)


@transaction.atomic
def fetch_copy(copy: DataCopy, person: User) -> bytes:
    """The file of a copy, for whose it is and for staff who make them; the trail keeps who took it.

    ValidationError for others (`not_own`), and where it is not ready, or not any more (`not_ready`). Raises
    as `portal.kept_files.read_checked`.
    """
    if not may_fetch(copy, person):
        raise ValidationError(_("This file was made for somebody else."), "not_own")
    if not copy.is_ready:
        raise ValidationError(_("The file is not there any more. Please ask for a new one."), "not_ready")
    content = read_checked(str(copy.file), copy.content_hash)
    record("data_copy.fetched", person, copy.subject, copy=copy.pk, content_hash=copy.content_hash)
    return content


def may_fetch(copy: DataCopy, person: User) -> bool:
    """Whether somebody may have the file of a copy: staff have those that answer a request, and no other.

    They have none about whom they don't see in full.
    """
    return is_own(copy.subject, person) or (bool(copy.reason) and _answers(copy.subject, person))


def _answers(subject: User | Organisation, staff: User) -> bool:
    if not staff.has_perm(MAKES):
        return False
    try:
        ensure_all_theirs(staff, subject)
    except ValidationError:
        return False
    return True


def expire_copies(subject: User | Organisation, at: datetime) -> None:
    """Let nobody fetch any more what is held about somebody who is erased; files go with the next look."""
    told = {"person" if isinstance(subject, User) else "organisation": subject}
    DataCopy.objects.filter(**told, expires_at__gt=at).update(expires_at=at)


@transaction.atomic
def remove_expired(at: datetime) -> int:
    """Remove the files of copies whose time is over; gives how many."""
    over = DataCopy.objects.filter(expires_at__lte=at, removed_at__isnull=True)
    expired = list(over.select_for_update(skip_locked=True, of=("self",)))
    for copy in expired:
        remove_on_commit(str(copy.file))
        DataCopy.objects.filter(pk=copy.pk).update(file="", removed_at=at)
    return len(expired)
