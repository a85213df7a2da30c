"""Individual agreements in words: which rules of a contract they change, from what to what."""

from dataclasses import dataclass
from datetime import date

from contracts.lifecycle.agreements import in_order
from contracts.models import Contract, IndividualAgreement
from contracts.policies.rulebooks import Rulebooks, governing_version
from contracts.rules.policy.layer import Layer
from contracts.wording.explain import ArticleLink
from contracts.wording.links import article_label, article_url
from contracts.wording.policy_changes import PolicyChange, policy_changes


@dataclass(frozen=True)
class ShownAgreement:
    """An agreement with what it changes; `holds` says whether it is in force, `ahead` whether it will be.

    `articles` are those by which it goes before the terms.
    """

    made: IndividualAgreement
    articles: list[ArticleLink]
    changes: list[PolicyChange]
    holds: bool
    ahead: bool


def shown_agreements(contract: Contract, day: date) -> list[ShownAgreement]:
    """The agreements of a contract as of a day, the newest first. Prefetch `agreements__documents`."""
    return [
        ShownAgreement(
            one,
            _founding(contract, max(day, one.effective_on)),
            changes_by(contract, one.layer, day),
            one.holds_on(day),
            one.effective_on > day,
        )
        for one in reversed(contract.agreements.all())
    ]


def _founding(contract: Contract, day: date) -> list[ArticleLink]:
    version = governing_version(contract, day)
    rule = version.policy.individual_agreements
    cited = rule.article if rule else ()
    return [ArticleLink(article_label(version, key), article_url(version, key)) for key in cited]


def changes_by(contract: Contract, agreement: Layer, day: date) -> list[PolicyChange]:
    """What an agreement changes in the rules of a contract on a day, or on the nearest on which it holds.

    The others that hold then are taken as given.
    """
    on = max(day, agreement.effective_on)
    on = min(on, agreement.ends_on) if agreement.ends_on else on
    books = Rulebooks()
    version = books.in_force(contract.service, on) or contract.contracted_version.read_on(on)
    others = tuple(one for one in contract.agreed_on(on) if one != agreement)
    return policy_changes(
        contract.layered(version, on, others),
        contract.layered(version, on, in_order([*others, agreement])),
    )
