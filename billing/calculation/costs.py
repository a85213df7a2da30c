"""Costs that the terms let the customer bear: of repairs, of surveys, of works on facilities."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.rules.decision import Decision, step
from contracts.rules.policy.charging import Charging


@dataclass(frozen=True, kw_only=True)
class Costs(Decision):
    """`net` is in yen without tax; `taxed` says whether tax comes on top of it."""

    net: int
    taxed: bool


def costs(charging: Charging, ground: str, net: int) -> Costs:
    """What is charged of costs on a ground of the terms; UnknownError where they have no such ground."""
    rule = charging.cost(ground)
    return Costs(
        net=net,
        taxed=rule.taxed,
        steps=(
            step(rule, "costs.borne", net, cost=ground),
            step(rule, f"costs.{'taxed' if rule.taxed else 'untaxed'}", None),
        ),
    )
