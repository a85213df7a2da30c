"""What follows when somebody else takes the customer's place."""

from __future__ import annotations

from contracts.rules.policy.base import Rule


class SuccessionRule(Rule):
    """What holds for successors beyond how a succession is reported (`changes.succession`).

    `debts`: the successor takes over every debt of the contract. `representative`: several successors name
    one of them; until they do, the provider picks one.
    """

    debts: Rule | None = None
    representative: Rule | None = None
