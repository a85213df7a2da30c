"""Deposits against unpaid fees (利用保証金)."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.decision import Decision, NotProvided, step
from contracts.rules.policy.charging import Charging


@dataclass(frozen=True, kw_only=True)
class Deposit(Decision):
    may_ask: bool


def deposit(charging: Charging, monthly_total: int, ids: int) -> Deposit:
    """Whether a deposit may be asked: `monthly_total` is in yen without tax, for a number of IDs.

    NotProvided if the terms know no deposit; UnfitError without any ID.
    """
    rule = charging.deposit
    if rule is None:
        raise NotProvided("charging.deposit")
    if ids < 1:
        raise UnfitError(Reason("no_ids"), at="ids")
    may_ask = monthly_total > rule.above_per_id * ids
    return Deposit(
        may_ask=may_ask,
        steps=(
            step(
                rule,
                "deposit.limit",
                may_ask,
                monthly_total=monthly_total,
                ids=ids,
                above_per_id=rule.above_per_id,
            ),
        ),
    )
