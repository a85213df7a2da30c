"""What follows when somebody else takes the customer's place."""

from __future__ import annotations

from typing import Literal

from contracts.rules.policy.base import Rule

Cause = Literal["inheritance", "merger", "split", "business_transfer"]


class SuccessionRule(Rule):
    """What holds for successors beyond how a succession is reported (`changes.succession`).

    `causes` are those by which the contract passes; without them all do. `asked_beforehand`: it passes by the
    provider's consent, which can be asked for before the day.
    `debts`: the successor takes over every debt of the contract. `representative`: several successors name
    one of them; until they do, the provider picks one.
    """

    causes: tuple[Cause, ...] = ()
    asked_beforehand: bool = False
    debts: Rule | None = None
    representative: Rule | None = None
