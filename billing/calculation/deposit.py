"""Deposits against unpaid fees (利用保証金)."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.decision import Decision, NotProvided, Step, step
from contracts.rules.policy.charging import Charging


@dataclass(frozen=True, kw_only=True)
class Deposit(Decision):
    may_ask: bool


def deposit(charging: Charging, monthly_total: int, ids: int, expected: int | None = None) -> Deposit:
    """Whether a deposit may be asked: `monthly_total` is in yen without tax, for a number of IDs.

    `expected` is the monthly total that is to be expected, where that is to count, too. NotProvided if the
    terms know no deposit, or none for what is expected; UnfitError without any ID.
    """
    rule = charging.deposit
    if rule is None:
        raise NotProvided("charging.deposit")
    if expected is not None and not rule.expected:
        raise NotProvided("charging.deposit.expected")
    if ids < 1:
        raise UnfitError(Reason("no_ids"), at="ids")

    def compared(key: str, total: int) -> Step:
        above = total > rule.above_per_id * ids
        return step(rule, key, above, monthly_total=total, ids=ids, above_per_id=rule.above_per_id)

    steps = [compared("deposit.limit", monthly_total)]
    if expected is not None:
        steps.append(compared("deposit.expected", expected))
    return Deposit(may_ask=any(taken.result for taken in steps), steps=tuple(steps))
