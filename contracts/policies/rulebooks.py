"""Which version governs a contract, with what was agreed individually and the closures that staff entered."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta

from contracts.models import CompanyClosure, Contract, IndividualAgreement, Service, TermsVersion
from contracts.rules.policy.agreement import Agreement
from contracts.rules.policy.base import Rule
from contracts.rules.policy.governing import resting_on, spares, version_on
from contracts.rules.policy.schema import Policy
from contracts.rules.rulebook import Rulebook

Part = Callable[[Policy], Rule | None]
"""Picks one rule of a policy; None where it has no such rule."""

ONE_DAY = timedelta(days=1)


class Rulebooks:
    """Versions and rulebooks, each read from the database once.

    Make one for a page, a list or a run, and drop it afterwards: it does not see later changes.
    """

    def __init__(self) -> None:
        self._closures: dict[int, frozenset[date]] = {}
        self._versions: dict[int, list[TermsVersion]] = {}
        self._differing: dict[int, set[int]] = {}
        self._rulebooks: dict[tuple[int, int, tuple[Agreement, ...]], Rulebook] = {}

    def of(self, version: TermsVersion) -> Rulebook:
        """The rules of a version as it is read, with the agreements that it was given for a contract."""
        key = (version.pk, version.revision_number, version.agreements)
        if key not in self._rulebooks:
            closures = self._closures_of(version.service.provider_id)
            self._rulebooks[key] = Rulebook(version.policy, closures)
        return self._rulebooks[key]

    def in_force(self, service: Service, day: date) -> TermsVersion | None:
        """The published version that governs a day, as it is read then; None before the first."""
        version = version_on(self._published(service), day)
        return version.read_on(day) if version else None

    def in_force_for(self, contract: Contract, day: date) -> TermsVersion | None:
        """The version in force on a day with what was agreed about the contract; None before the first."""
        version = self.in_force(contract.service, day)
        return self._agreed(contract, version, day) if version else None

    def governing(self, contract: Contract, day: date, part: Part | None = None) -> TermsVersion:
        """The version by whose rule something is decided for a contract on a day.

        That is the one in force (before the first the one that was agreed to), unless a transitional
        provision (経過措置) keeps its rule from contracts made earlier; then the one before it. `part` picks
        that rule of a policy. A contract that is not formed counts as made on the day. Each version is read
        as it is on the day; what was agreed individually and holds then goes before it.
        """
        version = self.in_force(contract.service, day) or contract.contracted_version.read_on(day)
        made_on = contract.formed_on or day
        while part and spares(version.policy.transitional, resting_on(part(version.policy)), made_on):
            before = version_on(self._published(contract.service), version.effective_on - ONE_DAY)
            if before is None:
                break
            version = before.read_on(day)
        return self._agreed(contract, version, day)

    def agreements_of(self, contract: Contract) -> list[IndividualAgreement]:
        """What was agreed about a contract, on whatever day it holds."""
        if contract.pk not in self._contracts_with_agreements(contract.service_id):
            return []
        return list(contract.agreements.all())

    def digest(self, service: Service, day: date) -> str:
        """The SHA-256, in hexadecimal, of the rules of a service's versions, as read up to a day."""
        rules = [
            (version.name, str(version.effective_on), version.read_on(day).rules_digest())
            for version in self._published(service)
            if version.effective_on <= day
        ]
        return hashlib.sha256(json.dumps(rules).encode()).hexdigest()

    def _agreed(self, contract: Contract, version: TermsVersion, day: date) -> TermsVersion:
        """With what was agreed individually; most contracts have nothing of the kind, and cost no query."""
        if contract.pk not in self._contracts_with_agreements(contract.service_id):
            return version
        return contract.agreed(version, day)

    def _contracts_with_agreements(self, service_id: int) -> set[int]:
        if service_id not in self._differing:
            made = IndividualAgreement.objects.filter(contract__service=service_id)
            self._differing[service_id] = set(made.values_list("contract", flat=True))
        return self._differing[service_id]

    def _published(self, service: Service) -> list[TermsVersion]:
        if service.pk not in self._versions:
            published = TermsVersion.objects.published().filter(service=service)
            self._versions[service.pk] = list(
                published.select_related("service").prefetch_related("revisions")
            )
        return self._versions[service.pk]

    def _closures_of(self, provider_id: int) -> frozenset[date]:
        if provider_id not in self._closures:
            days = CompanyClosure.objects.filter(provider_id=provider_id).values_list("day", flat=True)
            self._closures[provider_id] = frozenset(days)
        return self._closures[provider_id]


def rulebook_for(version: TermsVersion) -> Rulebook:
    """The rules of a version, with its provider's closures. For several versions, share a `Rulebooks`."""
    return Rulebooks().of(version)


def governing_version(contract: Contract, day: date) -> TermsVersion:
    """The version that governs a contract on a day, with what was agreed individually."""
    return Rulebooks().governing(contract, day)


def version_in_force(service: Service, day: date) -> TermsVersion | None:
    """The published version that governs a day; None before the first takes effect."""
    return TermsVersion.objects.in_force(service, day)
