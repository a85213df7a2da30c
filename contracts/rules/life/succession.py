"""What follows when somebody else takes the customer's place."""

from __future__ import annotations

from typing import Literal

from contracts.rules.policy.base import Rule

Cause = Literal["inheritance", "merger", "split", "business_transfer"]

DebtsSaid = bool | Literal["named"]
"""What staff say of open debts: all pass, none does, or those alone that the document names."""

_PASS_BY_LAW: frozenset[Cause] = frozenset({"inheritance", "merger"})


class DebtsRule(Rule):
    """The successor takes over every debt of the contract: whatever the cause, or for the `causes` named."""

    causes: tuple[Cause, ...] | None = None

    def covers(self, cause: Cause) -> bool:
        return self.causes is None or cause in self.causes


class SuccessionRule(Rule):
    """What holds for successors beyond how a succession is reported (`changes.succession`).

    `causes` are those by which the contract passes; without them all do. `asked_beforehand`: it passes by the
    provider's consent, which can be asked for before the day.
    `debts`: the successor takes over every debt of the contract. `representative`: several successors name
    one of them; until they do, the provider picks one.
    """

    causes: tuple[Cause, ...] = ()
    asked_beforehand: bool = False
    debts: DebtsRule | None = None
    representative: Rule | None = None


def debts_pass(rule: SuccessionRule | None, cause: Cause) -> bool | None:
    """Whether the open debts of a contract pass to the successor; None where only a document can say it.

    As the terms say, else as the law does: all pass to heirs (民法896条) and in a merger (会社法750条1項,
    754条1項). In a company split those pass that its agreement or plan names (759条1項, 764条1項); in a
    transfer of the business they do where that was agreed, with the creditor's consent (民法472条).
    """
    if (rule and rule.debts and rule.debts.covers(cause)) or cause in _PASS_BY_LAW:
        return True
    return None
