"""The kind of proposal that takes a lost second factor from an account: one proposes it, another approves."""

from collections.abc import Iterator
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.accounts.by_staff import remove_second_factor
from portal.organisations.models import User
from portal.staffing.reach import reaches

KEY = "factor_reset"
RIGHT = "organisations.change_user"


class FactorResetData(BaseModel):
    """Whose factors are removed, and how staff know that it is the person who asks."""

    person: int
    reason: str


def _person(wanted: FactorResetData) -> User:
    """OvertakenError where there is no factor, or no person, any more."""
    found = User.objects.filter(pk=wanted.person, authenticator__isnull=False).distinct().first()
    if found is None:
        raise OvertakenError(gettext("This person has no second factor."))
    return found


def _subject(wanted: FactorResetData) -> Subject:
    person = _person(wanted)
    return Subject(about=person, name=str(person), provider="")


def _lines(wanted: FactorResetData) -> Iterator[Line]:
    person = _person(wanted)
    kinds = dict(Authenticator.Type.choices)
    factors = Authenticator.objects.filter(user=person).order_by("pk").values_list("type", flat=True)
    had = ", ".join(str(kinds[one]) for one in factors)
    yield Line(gettext("Second factor"), had, gettext("none; the person sets up a new one"))
    yield Line(gettext("Sessions"), "", gettext("all end"))
    yield Line(gettext("Reason"), "", wanted.reason)


def reset_factor(person: User, reason: str, approval: Proposal) -> None:
    """Take the factors and recovery codes from somebody, end their sessions, and tell them by e-mail.

    ValidationError without the approval (`second_person`), without a reason, where one of the two is the
    person (`own_factor`), and where they, unlike the person, are no superusers (`superuser`).
    """
    ensure_second_person(approval, KEY)
    if not reason.strip():
        raise ValidationError({"reason": gettext("Please give the reason.")})
    deciding = [one for one in (approval.proposed_by, approval.decided_by) if one]
    if person in deciding:
        text = gettext("Two colleagues do this for you; you can't be one of them.")
        raise ValidationError(text, "own_factor")
    if person.is_superuser and not all(one.is_superuser for one in deciding):
        raise ValidationError(gettext("Superusers alone change the account of one."), "superuser")
    remove_second_factor(person)
    record("user.factor_reset", approval.decided_by, person, personal={"reason": reason.strip()})


def _carry_out(wanted: FactorResetData, approval: Proposal, at: datetime) -> str:
    reset_factor(_person(wanted), wanted.reason, approval)
    return gettext("The second factor is removed. The person is told by e-mail.")


def _ensure_colleague(wanted: FactorResetData, staff: User) -> None:
    """ValidationError (`other_provider`) for the factor of somebody whom staff do not reach."""
    person = User.objects.filter(pk=wanted.person).first()
    if person is not None and not reaches(staff, person):
        raise ValidationError(gettext("This person has to do with another provider."), "other_provider")


FACTOR_RESET = Kind(
    key=KEY,
    label=_("Removal of a lost second factor"),
    data=FactorResetData,
    right=RIGHT,
    subject=_subject,
    lines=_lines,
    carry_out=_carry_out,
    form=lambda wanted: reverse("person-factor-reset", args=[wanted.person]),
    ensure=_ensure_colleague,
)
