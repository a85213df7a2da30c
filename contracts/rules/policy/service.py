"""A service with the versions of its terms, ready to be asked about any day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from contracts.problems.reasons import Reason, UnansweredError, UnknownError
from contracts.rules.limits import FIRST_DAY
from contracts.rules.policy.governing import version_on
from contracts.rules.policy.law import law_on
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import effective_day, layered_policy, read_text, takes_agents
from contracts.rules.policy.schema import Policy
from contracts.rules.rulebook import Rulebook
from contracts.terms.tree import Terms


class NoVersionError(UnansweredError, LookupError):
    """No version of the terms was in force on a day."""


@dataclass(frozen=True)
class TermsVersion:
    """One version of the terms: its rules and its text."""

    policy: Policy
    terms: Terms
    since: date | None = None
    """Since when an agent's rules complete it as they do; None: since it is in force."""
    others: tuple[Terms, ...] = ()
    """The texts of the other layers, which its rules cite as well."""

    @property
    def effective_on(self) -> date:
        return self.since or self.policy.effective.on


@dataclass(frozen=True, kw_only=True)
class Book(Rulebook):
    """A version's rules together with its text."""

    terms: Terms
    others: tuple[Terms, ...] = ()

    @property
    def texts(self) -> tuple[Terms, ...]:
        """The texts of all layers."""
        return (self.terms, *self.others)


@dataclass(frozen=True)
class LoadedService:
    """All that is known of a service's terms, and the closures that staff entered. No database needed.

    It is as its first agent sells it, if there is one; `agents` are all, the service as each sells it.
    """

    slug: str
    versions: tuple[TermsVersion, ...]
    closures: frozenset[date] = frozenset()
    agents: Mapping[str, Self] = field(default_factory=dict)

    def sold_by(self, agent: str) -> Self:
        """The service as an agent sells it, "" for the first; UnknownError for one that does not."""
        if not agent:
            return self
        if agent not in self.agents:
            known = ", ".join(self.agents) or "—"
            raise UnknownError(Reason("no_agent", {"service": self.slug, "agent": agent, "known": known}))
        return self.agents[agent]

    def version_on(self, day: date | None) -> TermsVersion:
        """The version in force on a day, the latest one for None; NoVersionError before the first."""
        found = version_on(self.versions, date.max if day is None else day)
        if found is None:
            raise NoVersionError(Reason("no_version_on", {"service": self.slug, "day": day}))
        return found

    def book_on(self, day: date | None) -> Book:
        """The rules in force on a day, as for `version_on`."""
        version = self.version_on(day)
        return Book(version.policy, self.closures, terms=version.terms, others=version.others)


def versions_sold(versions: Sequence[tuple[str, Terms]], rules: Sequence[Layer]) -> tuple[TermsVersion, ...]:
    """Versions of the terms as an agent sells them, once for each of its rules meanwhile.

    `versions` are policies (TOML) with their texts, `rules` the agent's; both by their days. Before the first
    rules those count. PolicyError for what can't be read.
    """
    found: list[TermsVersion] = []
    for index, (source, terms) in enumerate(versions):
        following = versions[index + 1][0] if index + 1 < len(versions) else ""
        end = effective_day(following) or date.max
        found += (one for one in _as_sold(source, terms, rules) if one.since is None or one.since < end)
    return tuple(found)


def layers_at_first(source: str, rules: Sequence[Layer]) -> tuple[Layer, ...]:
    """The law, and an agent's rules, with which terms begin whose policy is written in `source`."""
    day = effective_day(source) or FIRST_DAY
    if not (rules and takes_agents(source)):
        return (law_on(day),)
    begun = [one for one in rules if one.effective_on <= day]
    return (law_on(day), begun[-1] if begun else rules[0])


def _as_sold(source: str, terms: Terms, rules: Sequence[Layer]) -> Iterator[TermsVersion]:
    at_first = layers_at_first(source, rules)
    yield _sold(source, terms, at_first, None)
    if takes_agents(source):
        first_day = effective_day(source) or FIRST_DAY
        for one in rules:
            if one.effective_on > first_day and one not in at_first:
                yield _sold(source, terms, (law_on(one.effective_on), one), one.effective_on)


def _sold(source: str, terms: Terms, layers: tuple[Layer, ...], since: date | None) -> TermsVersion:
    others = tuple(read_text(layer.text) for layer in layers if layer.text)
    return TermsVersion(layered_policy(source, layers), terms, since, others)
