"""A service with the versions of its terms, ready to be asked about any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.problems.reasons import Reason, UnansweredError
from contracts.rules.policy.governing import version_on
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

    @property
    def effective_on(self) -> date:
        return self.policy.effective.on


@dataclass(frozen=True, kw_only=True)
class Book(Rulebook):
    """A version's rules together with its text."""

    terms: Terms


@dataclass(frozen=True)
class LoadedService:
    """All that is known of a service's terms, and the closures that staff entered. No database needed."""

    slug: str
    versions: tuple[TermsVersion, ...]
    closures: frozenset[date] = frozenset()

    def version_on(self, day: date | None) -> TermsVersion:
        """The version in force on a day, the latest one for None; NoVersionError before the first."""
        found = version_on(self.versions, date.max if day is None else day)
        if found is None:
            raise NoVersionError(Reason("no_version_on", {"service": self.slug, "day": day}))
        return found

    def book_on(self, day: date | None) -> Book:
        """The rules in force on a day, as for `version_on`."""
        version = self.version_on(day)
        return Book(version.policy, self.closures, terms=version.terms)
