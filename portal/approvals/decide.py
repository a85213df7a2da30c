"""Proposing, approving, sending back, withdrawing: the one way to what takes a second person."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.approvals.kinds import Kind, OvertakenError, Subject, W, digest_of, kind_of, stored_lines
from portal.approvals.mails import BROKEN_GLASS, BrokenGlass, tell_of_broken_glass
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.desk.reach import staff_of
from portal.organisations.independence import are_independent, ensure_independent
from portal.organisations.models import User
from portal.staffing.reach import ensure_works_for, within, works_for

State = Proposal.State
Without = Proposal.Without


class _TakenBackError(Exception):
    """Ends a rehearsal, with all that it did."""


@transaction.atomic
def put_forward(
    kind: Kind[W], wanted: W, staff: User, at: datetime, *, follows: Proposal | None = None
) -> Proposal:
    """Propose something to a second person; where the provider lets one person decide, carry it out at once.

    `follows` is a proposal of the same person that was sent back. ValidationError, by the names of the form's
    fields, for what could not be carried out as things are; for staff's own organisation (`own_request`), and
    for what is of a provider that they don't work for (`other_provider`). PermissionDenied without the right.
    """
    if not staff.has_perm(kind.right):
        raise PermissionDenied
    try:
        subject = kind.subject(wanted)
        ensure_works_for(staff, subject.provider)
        kind.ensure(wanted, staff)
        lines = stored_lines(kind, wanted)
    except OvertakenError as gone:
        raise ValidationError(str(gone), "overtaken") from gone
    if subject.organisation:
        ensure_no_own_cause(staff, subject.organisation)
    proposal = Proposal(
        kind=kind.key,
        provider=subject.provider,
        about_type=subject.about._meta.label_lower,
        about_id=str(subject.about.pk),
        about=subject.name[:300],
        organisation=subject.organisation,
        wanted=wanted.model_dump(mode="json"),
        lines=lines,
        digest=digest_of(kind, wanted, lines),
        proposed_by=staff,
        proposed_at=at,
        follows=_sent_back_to(staff, kind, follows),
    )
    without = _spared(kind, wanted, subject, staff)
    if without and staff.has_perm(kind.approving_right(wanted)):
        proposal.without_second = without
        _carry_out(proposal, kind, wanted, staff, at)
        return _recorded("proposal.decided_alone", staff, proposal)
    _rehearse(proposal, kind, wanted, staff, at)
    proposal.save(force_insert=True)
    return _recorded("proposal.made", staff, proposal)


def approve(proposal: Proposal, staff: User, seen: str, at: datetime) -> Proposal:
    """Approve what somebody else proposed, and carry it out.

    `seen` is the digest of what staff had before them. Gives the proposal as overtaken, with nothing done,
    where there is nothing left to decide. ValidationError where something else would change by now (code
    `changed`), where it does not wait any more (`not_waiting`), where who proposed it has lost the right to
    (`proposer_without_right`), where the two are not two people (`same_person`, `not_confirmed`), for staff's
    own organisation and for what is of another provider (`other_provider`), and for what can't be carried out
    as things are. PermissionDenied without the right.
    """
    return _decide(proposal, staff, at, partial(_approve, staff=staff, seen=seen, at=at))


def _approve(
    current: Proposal, kind: Kind[Any], wanted: Any, *, staff: User, seen: str, at: datetime
) -> Proposal:
    ensure_independent(staff, current.proposed_by)
    _ensure_still_proposed(current, kind)
    _look_again(current, kind, wanted)
    if current.digest != seen:
        raise ValidationError(
            _(
                "What would change is not what you saw any more. Look at it as it stands now, and decide on"
                " that."
            ),
            "changed",
        )
    _carry_out(current, kind, wanted, staff, at)
    return _recorded("proposal.approved", staff, current)


def _ensure_still_proposed(current: Proposal, kind: Kind[Any]) -> None:
    """Both of the two answer for it: who proposed it could do so today, too."""
    proposer = current.proposed_by
    if not (proposer.has_perm(kind.right) and works_for(proposer, current.provider)):
        raise ValidationError(
            _("%(name)s, who proposed this, has no right to it any more. Send it back, and propose it anew.")
            % {"name": current.proposed_by},
            "proposer_without_right",
        )


def break_glass(proposal: Proposal, staff: User, reason: str, at: datetime) -> Proposal:
    """Carry out, from the server and in an emergency, what nobody else could approve.

    `staff` answers for it, and may have proposed it. All managers are told by e-mail, and the proposal keeps
    the reason. Gives it as overtaken, with nothing done, where there is nothing left to decide.
    ValidationError without a reason, and for what can't be carried out; PermissionDenied without the right.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})

    def act(current: Proposal, kind: Kind[Any], wanted: Any) -> Proposal:
        _look_again(current, kind, wanted)
        current.without_second, current.comment = Without.BREAK_GLASS, reason.strip()
        _carry_out(current, kind, wanted, staff, at)
        broken = BrokenGlass(
            what=kind.label,
            about=current.about,
            by=str(staff),
            reason=current.comment,
            proposed_by=str(current.proposed_by),
            lines=current.lines,
        )
        tell_of_broken_glass(BROKEN_GLASS, current, broken, at)
        return _recorded("proposal.glass_broken", staff, current)

    return _decide(proposal, staff, at, act)


@transaction.atomic
def send_back(proposal: Proposal, staff: User, comment: str, at: datetime) -> Proposal:
    """Give a proposal back to who made it, with a comment; nothing is carried out.

    ValidationError without a comment (`comment`), for who proposed it, and where it does not wait any more.
    """
    if not comment.strip():
        raise ValidationError({"comment": _("Say what is to be changed.")})
    current = _locked(proposal)
    _ensure_right(current, staff)
    if staff == current.proposed_by:
        raise ValidationError(_("You proposed this yourself. Withdraw it instead."), "same_person")
    return _close(current, State.SENT_BACK, staff, at, comment.strip())


@transaction.atomic
def withdraw(proposal: Proposal, staff: User, at: datetime) -> Proposal:
    """Take back what one proposed. ValidationError for others, and where it does not wait any more."""
    current = _locked(proposal)
    if staff != current.proposed_by:
        raise ValidationError(_("Only who proposed it can withdraw it. Send it back instead."), "not_own")
    return _close(current, State.WITHDRAWN, staff, at)


def may_approve(proposal: Proposal, staff: User) -> bool:
    """Whether somebody can be the second person to a proposal that waits."""
    kind = kind_of(proposal)
    right = kind.approving_right(kind.read(proposal))
    may = staff.is_active and staff.has_perm(right) and works_for(staff, proposal.provider)
    return may and _is_let(proposal, staff) and are_independent(staff, proposal.proposed_by)


def _is_let(proposal: Proposal, staff: User) -> bool:
    kind = kind_of(proposal)
    try:
        kind.ensure(kind.read(proposal), staff)
    except ValidationError:
        return False
    return True


def sent_back_to(staff: User) -> QuerySet[Proposal]:
    """What came back to somebody who has neither proposed it again nor let it be."""
    own = Proposal.objects.filter(proposed_by=staff, state=State.SENT_BACK, followed_by__isnull=True)
    return within(staff, own).select_related("decided_by")


def second_persons(proposal: Proposal) -> list[User]:
    """Everybody who could approve a proposal."""
    kind = kind_of(proposal)
    found = others_with(kind.approving_right(kind.read(proposal)), proposal.proposed_by, proposal.provider)
    return [one for one in found if _is_let(proposal, one)]


def others_with(right: str, first: User, provider: str) -> list[User]:
    """Everybody of a provider's staff with a right who can be the second person beside somebody.

    `provider` is its code, empty for what is of no provider.
    """
    staff = staff_of(provider).filter(is_active=True).order_by("pk")
    return [one for one in staff if one.has_perm(right) and are_independent(one, first)]


def _spared(kind: Kind[W], wanted: W, subject: Subject, staff: User) -> Without | None:
    rule = rule_of(subject.provider)
    if rule.alone:
        return Without.ALONE
    return kind.spared(wanted, rule.amounts.get(kind.amount_of or kind.key, 0), staff)


def _sent_back_to(staff: User, kind: Kind[Any], follows: Proposal | None) -> Proposal | None:
    if follows is None:
        return None
    fits = follows.state == State.SENT_BACK and follows.kind == kind.key and follows.proposed_by == staff
    return follows if fits and not Proposal.objects.filter(follows=follows).exists() else None


def _rehearse(proposal: Proposal, kind: Kind[W], wanted: W, staff: User, at: datetime) -> None:
    """Carry it out and take it back, so that nobody is asked to approve what can't be done."""
    try:
        with transaction.atomic():
            proposal.without_second = Without.ALONE
            _carry_out(proposal, kind, wanted, staff, at)
            raise _TakenBackError
    except _TakenBackError:
        pass
    proposal.pk = proposal.decided_by = proposal.decided_at = None
    proposal.state, proposal.without_second, proposal.outcome = State.WAITS, "", ""


def _decide(
    proposal: Proposal,
    staff: User,
    at: datetime,
    act: Callable[[Proposal, Kind[Any], Any], Proposal],
) -> Proposal:
    """Do something with a proposal that waits; it is overtaken where there is nothing left to decide."""
    try:
        with transaction.atomic():
            current = _locked(proposal)
            _ensure_right(current, staff)
            if current.organisation:
                ensure_no_own_cause(staff, current.organisation)
            kind = kind_of(current)
            return act(current, kind, kind.read(current))
    except OvertakenError as gone:
        with transaction.atomic():
            return _close(_locked(proposal), State.OVERTAKEN, staff, at, str(gone))


def _carry_out(proposal: Proposal, kind: Kind[W], wanted: W, staff: User, at: datetime) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = State.APPROVED, staff, at
    proposal.save()
    proposal.outcome = str(kind.carry_out(wanted, proposal, at))
    proposal.save(update_fields=["outcome"])


def _look_again(current: Proposal, kind: Kind[W], wanted: W) -> None:
    """Take what would change as things are now for what is decided on."""
    kind.subject(wanted)
    current.lines = stored_lines(kind, wanted)
    current.digest = digest_of(kind, wanted, current.lines)


def _locked(proposal: Proposal) -> Proposal:
    """The proposal as it is now, locked; ValidationError when it does not wait any more."""
    found = Proposal.objects.select_for_update(of=("self",)).select_related("proposed_by", "organisation")
    current = found.get(pk=proposal.pk)
    if not current.waits:
        raise ValidationError(
            _("This proposal was already dealt with: %(state)s. Nothing was changed.")
            % {"state": current.get_state_display()},
            "not_waiting",
        )
    return current


def _ensure_right(proposal: Proposal, staff: User) -> None:
    kind = kind_of(proposal)
    wanted = kind.read(proposal)
    if not staff.has_perm(kind.approving_right(wanted)):
        raise PermissionDenied
    ensure_works_for(staff, proposal.provider)
    kind.ensure(wanted, staff)


def _close(current: Proposal, state: State, staff: User, at: datetime, comment: str = "") -> Proposal:
    current.state, current.decided_by, current.decided_at, current.comment = state, staff, at, comment
    current.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    return _recorded(f"proposal.{state.value}", staff, current)


def _recorded(action: str, staff: User, proposal: Proposal) -> Proposal:
    record(
        action,
        staff,
        proposal,
        kind=proposal.kind,
        provider=proposal.provider,
        about=[proposal.about_type, proposal.about_id],
        proposed_by=proposal.proposed_by_id,
        digest=proposal.digest,
        without_second=proposal.without_second,
        personal={"comment": proposal.comment} if proposal.comment else None,
    )
    return proposal
