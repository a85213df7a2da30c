"""What becomes of a difference: settled by the next billing, or waived for a reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.differences.marks import fact_changed
from billing.models import ChargeDifference
from billing.models.difference import ChargeDifferenceQuerySet
from contracts.models import Contract
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

State = ChargeDifference.State
_ACCEPTABLE = (State.LISTED,)
_WAIVABLE = (State.LISTED, State.FOUND)
AT_ONCE = 500
WAIVER = "difference_waiver"
"""The kind of proposal that waives differences."""


def acceptable(differences: ChargeDifferenceQuerySet) -> ChargeDifferenceQuerySet:
    """Those that are settled only once they are accepted."""
    return differences.filter(state__in=_ACCEPTABLE)


def waivable(differences: ChargeDifferenceQuerySet) -> ChargeDifferenceQuerySet:
    """Those of which nobody has decided, and which no billing has settled."""
    return differences.filter(state__in=_WAIVABLE)


@transaction.atomic
def accept_differences(
    differences: Iterable[ChargeDifference], reason: str, staff: User, now: datetime | None = None
) -> int:
    """Let the next billing settle what the first comparison listed, once its preview is approved.

    Gives how many were decided now. ValidationError without a reason, and for staff's own organisation.
    """
    return _decide(differences, State.ACCEPTED, _ACCEPTABLE, reason, staff, now)


@transaction.atomic
def waive_differences(
    differences: Iterable[ChargeDifference],
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> int:
    """Leave differences as they are: nothing is charged or returned for them, now or later.

    Gives how many were decided now. ValidationError without the approval of a second person
    (`second_person`) or a reason, and for staff's own organisation.
    """
    ensure_second_person(approval, WAIVER)
    return _decide(differences, State.WAIVED, _WAIVABLE, reason, staff, now)


def _decide(
    differences: Iterable[ChargeDifference],
    state: str,
    undecided: tuple[str, ...],
    reason: str,
    staff: User,
    now: datetime | None,
) -> int:
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    chosen = ChargeDifference.objects.select_for_update(of=("self",)).filter(
        pk__in=[one.pk for one in differences], state__in=undecided
    )
    decided = list(chosen.select_related("contract__organisation"))
    for organisation in {one.contract.organisation for one in decided}:
        ensure_no_own_cause(staff, organisation)
    at = now or timezone.now()
    for one in decided:
        one.state, one.reason, one.settled_at, one.settled_by = state, reason.strip(), at, staff
    ChargeDifference.objects.bulk_update(
        decided, ["state", "reason", "settled_at", "settled_by"], batch_size=AT_ONCE
    )
    by_contract: dict[Contract, list[ChargeDifference]] = {}
    for one in decided:
        by_contract.setdefault(one.contract, []).append(one)
    for contract in by_contract:
        fact_changed(contract.pk)
    for contract, of_contract in by_contract.items():
        _tell(contract, of_contract, state, staff)
    return len(decided)


def _tell(contract: Contract, decided: Sequence[ChargeDifference], state: str, staff: User) -> None:
    """One entry for each contract: the first comparison may decide on thousands of differences at once."""
    products = sorted({one.product for one in decided})
    amount = sum(one.amount for one in decided)
    months: dict[str, int] = {}
    for one in decided:
        month = f"{one.month:%Y-%m}"
        months[month] = months.get(month, 0) + one.amount
    reason = {"reason": decided[0].reason}
    if state == State.ACCEPTED:
        record(
            "difference.accepted",
            staff,
            contract,
            products=products,
            amount=amount,
            months=months,
            personal=reason,
        )
    else:
        record(
            "difference.waived",
            staff,
            contract,
            products=products,
            amount=amount,
            months=months,
            personal=reason,
        )
