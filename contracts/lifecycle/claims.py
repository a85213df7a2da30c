"""One-off amounts that decisions on a contract bring: costs of a withdrawal, the rest of a minimum term."""

from dataclasses import replace
from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import locked_contract
from contracts.lifecycle.tasks import ensure_undone
from contracts.models import Claim, Contract, ContractRequest, Task, TermsVersion
from contracts.models.limits import ensure_amount
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.withdrawal import Withdrawal
from contracts.rules.stored import to_stored
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

COSTS = "costs"
"""The kind of proposal that enters what a customer owes once, or that it owes nothing."""


def ask_for_costs(
    contract: Contract,
    decision: Withdrawal,
    version: TermsVersion,
    at: datetime,
    *,
    request: ContractRequest | None = None,
) -> None:
    """Give staff the task to enter what a withdrawal costs, where it costs something."""
    if decision.costs is None:
        return
    Task.objects.create(
        contract=contract,
        kind=Task.Kind.ENTER_COSTS,
        due_on=decision.withdrawn_on,
        detail={"request": request.number if request else ""},
        decision=to_stored(decision),
        terms_version=version,
        created_at=at,
    )


@transaction.atomic
def record_costs(
    task: Task, staff: User, net: int, note: str, at: datetime, *, approval: Proposal | None = None
) -> Claim | None:
    """Enter in one sum, in yen without tax, what a withdrawal or the rest of a minimum term costs.

    Zero settles the task without a claim. ValidationError without the approval of a second person
    (`second_person`), for less than zero or too much (`net`), when the task is done already or is about
    something else, or for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, COSTS)
    contract = locked_contract(task.contract)
    ensure_no_own_cause(staff, contract.organisation)
    current = Task.objects.select_for_update().get(pk=task.pk)
    if current.kind not in (Task.Kind.ENTER_COSTS, Task.Kind.ENTER_FEE):
        raise ValidationError(_("This task is not about an amount."), code="other_task")
    ensure_undone(current)
    if net < 0:
        raise ValidationError({"net": _("Enter an amount of zero or more.")})
    ensure_amount(net, "net")
    claim = _claim(contract, current, staff, net, note, japan_date(at)) if net else None
    current.done_at, current.done_by, current.note = at, staff, note.strip()
    current.save()
    record(
        "claim.recorded",
        staff,
        contract,
        task=current.pk,
        claim=claim.pk if claim else None,
        net=net,
        at=at,
        personal={"note": note.strip()},
    )
    return claim


def _claim(contract: Contract, task: Task, staff: User, net: int, note: str, on: date) -> Claim:
    decided = cast(Decision, task.decided)
    withdrawn = decided if isinstance(decided, Withdrawal) else None
    untaxed = withdrawn is not None and not withdrawn.taxed
    entered = replace(decided.steps[-1], rule="withdrawal.entered", given={}, result=net)
    return Claim.objects.create(
        contract=contract,
        kind=(withdrawn and withdrawn.costs) or Claim.Kind.MINIMUM_TERM,
        net=net,
        tax=Claim.Treatment.OUTSIDE if untaxed else Claim.Treatment.STANDARD,
        arose_on=on,
        terms_version=task.terms_version,
        decision=to_stored(replace(decided, steps=(*decided.steps, entered))),
        note=note.strip(),
        task=task,
        recorded_by=staff,
    )
