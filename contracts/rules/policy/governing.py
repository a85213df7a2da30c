"""Which version of the terms governs a day, and whether an article applies to a contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Protocol, TypeVar

from pydantic import Field

from contracts.rules.calendar.deadline import DeadlineRule
from contracts.rules.decision import Decision, step
from contracts.rules.limits import FIRST_DAY, LAST_DAY
from contracts.rules.policy.base import ArticleKey, Rule


class TransitionalProvision(Rule):
    """Articles that apply only to contracts made on or after a day (経過措置)."""

    articles: tuple[ArticleKey, ...]
    contracts_from: date

    def concerns(self, article: str) -> bool:
        """Whether an article, or a part of it, or what it is a part of, is among those named."""
        return any(
            f"{article}-".startswith(f"{key}-") or key.startswith(f"{article}-") for key in self.articles
        )


class EffectiveRule(Rule):
    """From when a version is in force."""

    on: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


def spares(provisions: Iterable[TransitionalProvision], articles: Iterable[str], contracted_on: date) -> bool:
    """Whether a provision keeps a rule that rests on articles from a contract made on a day."""
    cited = tuple(articles)
    return any(
        contracted_on < provision.contracts_from and any(provision.concerns(article) for article in cited)
        for provision in provisions
    )


def resting_on(rule: Rule | None) -> tuple[str, ...]:
    """The articles of a rule and of the deadlines in it; none where there is no such rule."""
    if rule is None:
        return ()
    deadlines = (part for part in vars(rule).values() if isinstance(part, DeadlineRule))
    return (*rule.article, *(article for part in deadlines for article in part.article))


class Version(Protocol):
    @property
    def effective_on(self) -> date: ...


V = TypeVar("V", bound=Version)


@dataclass(frozen=True, kw_only=True)
class Governing(Decision):
    """`article_applies` is None when no article was asked about."""

    version: str
    effective_on: date
    article_applies: bool | None


def version_on(versions: Sequence[V], day: date) -> V | None:
    """The version in force on a day: the one that took effect last; None before the first."""
    in_force = [version for version in versions if version.effective_on <= day]
    return max(in_force, key=lambda version: version.effective_on, default=None)


def terms_at(
    version: str,
    effective: EffectiveRule,
    transitional: Sequence[TransitionalProvision],
    has_article: Callable[[str], bool],
    on: date,
    contracted_on: date | None,
    article: str | None,
) -> Governing:
    """Say that a version governs a day, and whether one of its articles applies to a contract.

    A contract whose date is not given counts as made on the day asked about.
    """
    steps = [step(effective, "governing.version", version, effective=effective.on, on=on)]
    applies: bool | None = None
    if article is not None:
        applies = has_article(article)
        steps.append(step(effective, "governing.article", applies, article=article))
        for provision in transitional:
            if applies and provision.concerns(article):
                contracted = contracted_on or on
                applies = contracted >= provision.contracts_from
                steps.append(
                    step(
                        provision,
                        "governing.transitional",
                        applies,
                        contracted=contracted,
                        contracts_from=provision.contracts_from,
                        article=article,
                    )
                )
    return Governing(version=version, effective_on=effective.on, article_applies=applies, steps=tuple(steps))
