"""What a customer can ask for on a contract at a moment: what the terms provide for, and what is offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from contracts.models import Contract, TermsVersion
from contracts.models.request import RequestDecision
from contracts.rules.life.change import ChangeRule
from contracts.wording.explain import ArticleLink, Explanation, explain
from contracts.wording.local_text import localised
from contracts.wording.products import ProductLine


@dataclass(frozen=True)
class Possibility:
    """What can be asked for now: the earliest date that is reached, and the last moment to ask for that date.

    `in_time_until` is None where the terms set no deadline, `proof` says whether a document must prove it.
    """

    kind: str
    label: str
    earliest_on: date
    in_time_until: datetime | None
    proof: str
    decision: RequestDecision
    version: TermsVersion

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.decision, self.version)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A kind of request that can be made now; `products` are those to choose from, with what is held.

    `day_label` is what the wanted day is called. `begins` says from when it counts, where that is no day that
    can be told now; otherwise it is empty. `asks_for_debts`: what is not paid yet matters.
    `panel` is the template of what stands beside its form.
    """

    contract: Contract
    possibility: Possibility
    day_label: str
    products: Sequence[ProductLine] = ()
    begins: str = ""
    ends_contract: bool = False
    asks_for_debts: bool = False
    panel: str = ""

    @property
    def kind(self) -> str:
        return self.possibility.kind

    @property
    def label(self) -> str:
        return self.possibility.label

    @property
    def version(self) -> TermsVersion:
        return self.possibility.version

    @property
    def rule(self) -> ChangeRule | None:
        """The rule on the change; None for what ends the contract."""
        return self.version.policy.change_rule(self.kind)

    @property
    def in_time_until(self) -> datetime | None:
        """The last moment to ask for the earliest date; None where there is none."""
        return self.possibility.in_time_until

    @property
    def deadline_articles(self) -> Sequence[ArticleLink]:
        """The articles behind the deadline; those of the rule itself where there is none."""
        return deadline_articles(self.possibility.explanation)

    @property
    def reading(self) -> str:
        """How the rule itself reads what the document leaves open, or what it says beside its dates."""
        rule = self.rule
        return localised(rule.reading) if rule and rule.reading else ""


def deadline_articles(explanation: Explanation) -> Sequence[ArticleLink]:
    """The articles of the steps that lead to a deadline; of the first step where there is none."""
    steps = explanation.steps
    leading = ("deadline.", "calendar.last_moment")
    counted = [step for step in steps if step.rule.startswith(leading)] or list(steps[:1])
    return tuple(dict.fromkeys(link for step in counted for link in step.articles))
