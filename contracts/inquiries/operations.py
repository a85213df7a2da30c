"""Asking a provider something, answering, closing."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts.correspondence import inquiry_mails as mail
from contracts.deciding.numbers import next_number
from contracts.inquiries.subjects import seen_by
from contracts.models import Inquiry, InquiryMessage, NumberCounter
from contracts.rules.calendar.period import japan_date
from portal.audit.erasing import erase
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for, ensure_no_own_cause
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, Organisation, User
from portal.search.indexing import forget, index
from portal.staffing.reach import ensure_works_for

ANSWERS = "contracts.change_inquiry"
"""The right of who of the staff answers."""
LONGEST = 4000

Status = Inquiry.Status


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: about which thing, by its kind and number, and about which day, where it is a date."""

    about_kind: str
    about_number: str
    subject: str
    text: str
    day: date | None = None


def ask(person: User, organisation: Organisation, asked: Question, key: UUID, at: datetime) -> Inquiry:
    """Store a question of a member about something that the member sees, and tell the provider.

    Sent again under the same `key`, it is the same inquiry. ValidationError at `about` for what the member
    does not see (`not_seen`), at `subject` and `text` where they are missing or too long, and as for
    `ensure_acts_for`.
    """
    membership = ensure_acts_for(person, organisation, Right.READ)
    if sent_before := _sent_before(key, organisation):
        return sent_before
    try:
        return _ask(person, membership, asked, key, at)
    except IntegrityError:  # sent twice at the same time
        if sent_before := _sent_before(key, organisation):
            return sent_before
        raise


def _sent_before(key: UUID, organisation: Organisation) -> Inquiry | None:
    return Inquiry.objects.filter(submission_key=key, organisation=organisation).first()


@transaction.atomic
def _ask(person: User, membership: Membership, asked: Question, key: UUID, at: datetime) -> Inquiry:
    about = seen_by(membership, asked.about_kind, asked.about_number)
    if about is None:
        raise ValidationError(
            {"about": ValidationError(_("Choose what your question is about."), code="not_seen")}
        )
    inquiry = Inquiry.objects.create(
        number=next_number(NumberCounter.Kind.INQUIRY, japan_date(at)),
        organisation=membership.organisation,
        provider=about.provider,
        contract=about.contract,
        about_kind=asked.about_kind,
        about_number=asked.about_number,
        day=asked.day,
        subject=_said("subject", asked.subject, Inquiry._meta.get_field("subject").max_length or 0),
        asked_by=person,
        asked_at=at,
        waits_since=at,
        language=(get_language() or "ja")[:2],
        submission_key=key,
    )
    message = _write(inquiry, person, asked.text, at, by_staff=False)
    index(inquiry)
    mail.asked(inquiry)
    record(
        "inquiry.asked",
        person,
        inquiry,
        number=inquiry.number,
        about_number=asked.about_number,
        personal={"subject": inquiry.subject, "text": message.text},
    )
    return inquiry


@transaction.atomic
def write_again(inquiry: Inquiry, person: User, text: str, at: datetime) -> InquiryMessage:
    """Store what a member writes further, which waits for an answer then, and tell the provider.

    ValidationError at `text` where it is missing or too long, and as for `ensure_acts_for`.
    """
    current = _locked(inquiry)
    _ensure_theirs(person, current)
    message = _write(current, person, text, at, by_staff=False)
    if current.status != Status.OPEN:
        current.status, current.closed_at, current.waits_since = Status.OPEN, None, at
        current.save(update_fields=["status", "closed_at", "waits_since"])
    mail.asked(current)
    record(
        "inquiry.written",
        person,
        current,
        number=current.number,
        personal={"text": message.text},
    )
    return message


@transaction.atomic
def answer(inquiry: Inquiry, staff: User, text: str, at: datetime) -> InquiryMessage:
    """Store an answer of the provider's staff, and tell those of the customer who wrote.

    Who answers handles it from then on. ValidationError at `text` where it is missing or too long, for staff
    of another provider (`other_provider`), and for what they asked themselves (`own_request`).
    PermissionDenied without the right.
    """
    current = _locked(inquiry)
    _ensure_answers(staff, current)
    message = _write(current, staff, text, at, by_staff=True)
    current.status, current.closed_at, current.handled_by = Status.ANSWERED, None, staff
    current.save(update_fields=["status", "closed_at", "handled_by"])
    mail.answered(current)
    record(
        "inquiry.answered",
        staff,
        current,
        number=current.number,
        personal={"text": message.text},
    )
    return message


@transaction.atomic
def take(inquiry: Inquiry, staff: User) -> None:
    """Say that somebody of the staff answers an inquiry; as for `answer` who may."""
    current = _locked(inquiry)
    _ensure_answers(staff, current)
    current.handled_by = staff
    current.save(update_fields=["handled_by"])
    record("inquiry.taken", staff, current, number=current.number)


@transaction.atomic
def close(inquiry: Inquiry, person: User, at: datetime) -> None:
    """Close an inquiry: a member of the customer, as nothing is open, or who of the staff may answer.

    ValidationError for one that is closed (`closed`), and as for `answer` and `ensure_acts_for`.
    """
    current = _locked(inquiry)
    if person.is_staff:
        _ensure_answers(person, current)
    else:
        _ensure_theirs(person, current)
    if current.is_closed:
        raise ValidationError(_("This inquiry is closed already."), code="closed")
    current.status, current.closed_at = Status.CLOSED, at
    current.save(update_fields=["status", "closed_at"])
    record("inquiry.closed", person, current, number=current.number)


@transaction.atomic
def erase_inquiry(inquiry: Inquiry, staff: User) -> None:
    """Erase an inquiry with all that was written, and its words in the trail; that there was one stays."""
    about = AuditEntry.objects.filter(object_type=inquiry._meta.label_lower, object_id=str(inquiry.pk))
    erase(about, staff, inquiry.organisation)
    record("inquiry.erased", staff, inquiry, number=inquiry.number)
    forget([inquiry])
    inquiry.messages.all().delete()
    inquiry.delete()


def _locked(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.select_for_update(of=("self",)).select_related("provider").get(pk=inquiry.pk)


def _ensure_theirs(person: User, inquiry: Inquiry) -> None:
    """As for `ensure_acts_for`; who is limited to certain contracts writes on none without a contract."""
    own = ensure_acts_for(person, inquiry.organisation, Right.READ, inquiry.contract_id)
    if not own.sees(inquiry.contract_id):
        raise ValidationError(
            _("This belongs to another organisation. Only its own members can do that."), code="not_acting"
        )


def _ensure_answers(staff: User, inquiry: Inquiry) -> None:
    if not staff.has_perm(ANSWERS):
        raise PermissionDenied
    ensure_works_for(staff, inquiry.provider.code)
    ensure_no_own_cause(staff, inquiry.organisation, inquiry.asked_by)


def _write(inquiry: Inquiry, by: User, text: str, at: datetime, *, by_staff: bool) -> InquiryMessage:
    said = _said("text", text, LONGEST)
    return InquiryMessage.objects.create(inquiry=inquiry, by_staff=by_staff, text=said, by=by, at=at)


def _said(field: str, text: str, longest: int) -> str:
    said = text.strip()
    if not said:
        missing = _("Enter a subject.") if field == "subject" else _("Write what is to be said.")
        raise ValidationError({field: ValidationError(missing, code="empty")})
    if len(said) > longest:
        message = _("At most %(longest)s characters.") % {"longest": f"{longest:,}"}
        raise ValidationError({field: ValidationError(message, code="long")})
    return said
