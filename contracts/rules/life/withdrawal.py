"""Withdrawing an application or a request: until when it is free, and what it costs afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.rules.decision import Decision, step
from contracts.rules.policy.base import Rule

Costs = Literal["preparation_costs", "setup_costs", "actual_damage"]


class WithdrawalRule(Rule):
    """What a withdrawal after formation costs, in one sum that the provider works out.

    - `preparation_costs`: what preparing the service cost so far
    - `setup_costs`: what the part of the set-up that was begun cost so far
    - `actual_damage`: the damage that really arose; no consideration, hence without tax

    `changes` says whether withdrawing an accepted change costs the same.
    """

    costs: Costs
    taxed: bool
    changes: bool = False


@dataclass(frozen=True, kw_only=True)
class Withdrawal(Decision):
    """`costs` is None where withdrawing is free."""

    outcome: Literal["accepted", "refused"]
    withdrawn_on: date
    costs: Costs | None
    taxed: bool


def withdraw_application(
    rule: WithdrawalRule | None, founded: Rule, on: date, formed_on: date | None, starts_on: date | None
) -> Withdrawal:
    """Withdraw on a day: before formation free, then with costs, and no longer once service has started.

    `founded` is the rule on formation, which founds what the terms say nothing else about.
    """
    formed = formed_on is not None and formed_on <= on
    too_late = starts_on is not None and starts_on <= on
    steps = [
        step(founded, "withdrawal.formed", formed, on=on, formed=formed_on),
        step(rule or founded, "withdrawal.before_start", not too_late, on=on, starts=starts_on),
    ]
    costs = rule.costs if rule and formed and not too_late else None
    if rule and costs:
        steps.append(step(rule, f"withdrawal.{costs}", None))
    return Withdrawal(
        outcome="refused" if too_late else "accepted",
        withdrawn_on=on,
        costs=costs,
        taxed=bool(rule and costs and rule.taxed),
        steps=tuple(steps),
    )


def withdraw_change(rule: WithdrawalRule | None, founded: Rule, on: date, *, accepted: bool) -> Withdrawal:
    """Withdraw a request for a change on a day; what was accepted already may cost what was prepared."""
    costs = rule.costs if rule and rule.changes and accepted else None
    steps = [step(founded, "withdrawal.accepted_before", accepted, on=on)]
    if rule and costs:
        steps.append(step(rule, f"withdrawal.{costs}", None))
    return Withdrawal(
        outcome="accepted",
        withdrawn_on=on,
        costs=costs,
        taxed=bool(rule and costs and rule.taxed),
        steps=tuple(steps),
    )
