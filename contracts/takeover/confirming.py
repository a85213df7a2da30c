"""Confirming a file of running contracts, and annulling what it brought in: both by a second person."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contracts.extensions.registered import takeover_parts
from contracts.models import Contract, Takeover, TakeoverRow, Task
from contracts.takeover.obstacles import batches, contracts_of, obstacles
from contracts.takeover.staging import locked
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

TAKEOVER, ANNULMENT = "takeover", "takeover_annulment"
"""The kinds of proposals that these operations carry out."""


@transaction.atomic
def confirm(takeover: Takeover, staff: User, at: datetime, *, approval: Proposal | None = None) -> Takeover:
    """Let the new contracts of a checked file be brought in, by workers from now on.

    `staff` proposed it; who approved it confirms it. ValidationError without the approval of a second person
    (`second_person`), for a file that is not checked or holds nothing new, and for one with lines that belong
    to no contract.
    """
    ensure_second_person(approval, TAKEOVER)
    current = locked(takeover)
    ensure_confirmable(current)
    current.state, current.confirmed_at = Takeover.State.BRINGING, at
    current.confirmed_by = approval.decided_by if approval and approval.decided_by else staff
    current.worker, current.leased_until = "", None
    current.save(update_fields=["state", "confirmed_at", "confirmed_by", "worker", "leased_until"])
    record(
        "takeover.confirmed",
        staff,
        current,
        provider=current.provider.code,
        contracts=new_rows(current).count(),
    )
    return current


def ensure_confirmable(takeover: Takeover) -> None:
    """ValidationError unless a file is checked, and has contracts to bring in."""
    if takeover.state != Takeover.State.CHECKED:
        raise ValidationError(
            _("Only a checked file can be confirmed; this one is: %(state)s.")
            % {"state": takeover.get_state_display()},
            "not_checked",
        )
    if takeover.loose:
        raise ValidationError(
            _("Lines of the file belong to no contract of it. Correct the file, and bring it again."), "loose"
        )
    if not new_rows(takeover).exists():
        raise ValidationError(_("The file holds no new contract that fits. Nothing would change."), "nothing")


def new_rows(takeover: Takeover) -> QuerySet[TakeoverRow]:
    """What would be brought in of a file."""
    return TakeoverRow.objects.filter(
        takeover=takeover, verdict=TakeoverRow.Verdict.NEW, contract__isnull=True
    )


@transaction.atomic
def annul(
    takeover: Takeover, reason: str, staff: User, at: datetime, *, approval: Proposal | None = None
) -> Takeover:
    """Annul all contracts that a file brought in: they stay, marked, and nothing follows from them any more.

    ValidationError without the approval of a second person (`second_person`), without a reason, for a file
    that brought nothing in, and where something was done with one of them since; it says what.
    """
    ensure_second_person(approval, ANNULMENT)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    current = locked(takeover)
    if current.state != Takeover.State.DONE:
        raise ValidationError(
            _("Only what was brought in can be annulled; this file is: %(state)s.")
            % {"state": current.get_state_display()},
            "not_brought_in",
        )
    keys = contracts_of(current)
    list(Contract.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    if found := obstacles(keys):
        raise ValidationError([ValidationError(text, "in_use") for text in found])
    for parts in takeover_parts():
        if parts.annul:
            for some in batches(keys):
                parts.annul(some, reason.strip(), staff, at)
    for some in batches(keys):
        Task.objects.undone().filter(contract__in=some).update(done_at=at, done_by=staff, note=reason.strip())
        Contract.objects.filter(pk__in=some).update(annulled_at=at)
    TakeoverRow.objects.filter(takeover=current, contract__isnull=False).update(annulled_at=at)
    current.state, current.annulled_at, current.annul_reason = Takeover.State.ANNULLED, at, reason.strip()
    current.save(update_fields=["state", "annulled_at", "annul_reason"])
    record(
        "takeover.annulled",
        staff,
        current,
        provider=current.provider.code,
        contracts=len(keys),
        personal={"reason": current.annul_reason},
    )
    return current
