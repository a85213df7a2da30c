"""Which version governs a contract, with the layers of its rules and the closures that staff entered."""

import hashlib
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from contracts.models import (
    Application,
    CompanyClosure,
    Contract,
    ContractAgent,
    IndividualAgreement,
    Provider,
    SalesAgent,
    Service,
    TermsVersion,
)
from contracts.models.contract import agent_on, issuer_of
from contracts.rules.policy.base import Rule
from contracts.rules.policy.governing import resting_on, spares, version_on
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.schema import Policy
from contracts.rules.rulebook import Rulebook

Part = Callable[[Policy], Rule | None]
"""Picks one rule of a policy; None where it has no such rule."""

Rules = tuple[int, int, tuple[Layer, ...]]
"""What tells the rules of versions apart: the version, its reading, the layers beside it."""

T = TypeVar("T")
ONE_DAY = timedelta(days=1)


def rules_of(version: TermsVersion) -> Rules:
    """By which rules a version answers."""
    return version.pk, version.revision_number, version.all_layers


class Rulebooks:
    """Versions and rulebooks, each read from the database once.

    Make one for a page, a list or a run, and drop it afterwards: it does not see later changes.
    """

    def __init__(self) -> None:
        self._closures: dict[int, frozenset[date]] = {}
        self._versions: dict[int, list[TermsVersion]] = {}
        self._differing: dict[int, set[int]] = {}
        self._agents: dict[int, _AgentsOfContracts] = {}
        self._rulebooks: dict[Rules, Rulebook] = {}
        self._read: dict[tuple[int, date], TermsVersion | None] = {}
        self._sold: dict[tuple[int, int, int | None, date, tuple[Layer, ...]], TermsVersion] = {}
        self._decided: dict[Hashable, Any] = {}

    def of(self, version: TermsVersion) -> Rulebook:
        """The rules of a version as it is read, with the layers that it was given for a contract."""
        key = rules_of(version)
        if key not in self._rulebooks:
            closures = self._closures_of(version.service.provider_id)
            self._rulebooks[key] = Rulebook(version.policy, closures)
        return self._rulebooks[key]

    def once(self, about: Hashable, decide: Callable[[], T]) -> T:
        """What is decided alike for many contracts: by the first of them, for all.

        `about` names all that it follows from, the rules (`rules_of`) among it.
        """
        if about not in self._decided:
            self._decided[about] = decide()
        decided: T = self._decided[about]
        return decided

    def in_force(self, service: Service, day: date) -> TermsVersion | None:
        """The published version that governs a day, as it is read then; None before the first."""
        if (service.pk, day) not in self._read:
            version = version_on(self._published(service), day)
            self._read[service.pk, day] = version.read_on(day) if version else None
        return self._read[service.pk, day]

    def in_force_for(self, contract: Contract, day: date) -> TermsVersion | None:
        """The version in force on a day with the contract's agent and agreements; None before the first."""
        version = self.in_force(contract.service, day)
        return self._layered(contract, version, day) if version else None

    def governing(self, contract: Contract, day: date, part: Part | None = None) -> TermsVersion:
        """The version by whose rule something is decided for a contract on a day.

        That is the one in force (before the first the one that was agreed to), unless a transitional
        provision (経過措置) keeps its rule from contracts made earlier; then the one before it. `part` picks
        that rule of a policy. A contract that is not formed counts as made on the day. Each version is read
        as it is on the day; its agent's rules, and what was agreed individually and holds then, go before it.
        """
        version = self.in_force(contract.service, day) or contract.contracted_version.read_on(day)
        made_on = contract.formed_on or day
        while part and spares(version.policy.transitional, resting_on(part(version.policy)), made_on):
            before = version_on(self._published(contract.service), version.effective_on - ONE_DAY)
            if before is None:
                break
            version = before.read_on(day)
        return self._layered(contract, version, day)

    def agreements_of(self, contract: Contract) -> list[IndividualAgreement]:
        """What was agreed about a contract, on whatever day it holds."""
        if contract.pk not in self._contracts_with_agreements(contract.service_id):
            return []
        return list(contract.agreements.all())

    def digest(self, service: Service, day: date) -> str:
        """The SHA-256, in hexadecimal, of the rules of a service and its agents, as read up to a day."""
        rules = [
            (version.name, str(version.effective_on), version.read_on(day).rules_digest())
            for version in self._published(service)
            if version.effective_on <= day
        ]
        if any(version.read_on(day).takes_agents for version in self._published(service)):
            rules += [
                (f"{agent.key} {one.version}", str(one.effective_on), one.content_hash)
                for agent in self._agents_of(service.pk).agents.values()
                for one in agent.rules.all()
                if one.effective_on <= day
            ]
        return hashlib.sha256(json.dumps(rules).encode()).hexdigest()

    def agent_of(self, contract: Contract, day: date) -> SalesAgent | None:
        """By whose rules a contract is sold on a day; None where nobody else sells the service."""
        first = next(iter(self._agents_of(contract.service_id).agents.values()), None)
        return self.named_agent(contract, day) or first

    def named_agent(self, contract: Contract, day: date) -> SalesAgent | None:
        """The agent that a contract names on a day, if it names one."""
        known = self._agents_of(contract.service_id)
        applied_with = known.applied.get(contract.pk) if contract.pk else contract.application.agent
        return agent_on(applied_with, known.rows.get(contract.pk, ()), day)

    def issuer_of(self, contract: Contract, day: date) -> Provider:
        """Who issues what is charged for a day, as `Contract.issuer_on` says."""
        return issuer_of(self.named_agent(contract, day), contract)

    def agents_since(self, contract: Contract) -> list[tuple[date, SalesAgent]]:
        """Who the agents of a contract are, each with the day from which it is; the first from ever."""
        first = self.agent_of(contract, date.min)
        rows = self._agents_of(contract.service_id).rows.get(contract.pk, ())
        return [(date.min, first), *((row.starts_on, row.agent) for row in rows)] if first else []

    def _layered(self, contract: Contract, version: TermsVersion, day: date) -> TermsVersion:
        """With the layers beside the terms; contracts that have nothing of the kind cost no query."""
        agent = self.agent_of(contract, day) if version.takes_agents else None
        agreed: tuple[Layer, ...] = ()
        if version.takes_agreements and contract.pk in self._contracts_with_agreements(contract.service_id):
            agreed = contract.agreed_on(day)
        key = (version.pk, version.revision_number, agent.pk if agent else None, day, agreed)
        if key not in self._sold:
            self._sold[key] = version.sold_by(agent, day, agreed)
        return self._sold[key]

    def _agents_of(self, service_id: int) -> "_AgentsOfContracts":
        if service_id not in self._agents:
            self._agents[service_id] = _read_agents(service_id)
        return self._agents[service_id]

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


@dataclass(frozen=True)
class _AgentsOfContracts:
    """The agents of a service by their primary keys, and of which of its contracts they are the agent."""

    agents: dict[int, SalesAgent]
    applied: dict[int, SalesAgent]
    rows: dict[int, list[ContractAgent]]


def _read_agents(service_id: int) -> _AgentsOfContracts:
    sellers = SalesAgent.objects.filter(service=service_id).select_related("issuer__principal")
    sellers = sellers.prefetch_related("rules", "issuer__particulars")
    agents = {agent.pk: agent for agent in sellers}
    applied: dict[int, SalesAgent] = {}
    rows: dict[int, list[ContractAgent]] = {}
    if agents:
        named = Application.objects.filter(service=service_id, agent__isnull=False, contract__isnull=False)
        applied = {pk: agents[agent] for pk, agent in named.values_list("contract", "agent")}
        for row in ContractAgent.objects.filter(contract__service=service_id):
            row.agent = agents[row.agent_id]
            rows.setdefault(row.contract_id, []).append(row)
    return _AgentsOfContracts(agents, applied, rows)


def rulebook_for(version: TermsVersion) -> Rulebook:
    """The rules of a version, with its provider's closures. For several versions, share a `Rulebooks`."""
    return Rulebooks().of(version)


def governing_version(contract: Contract, day: date) -> TermsVersion:
    """The version that governs a contract on a day, with what was agreed individually."""
    return Rulebooks().governing(contract, day)


def version_in_force(service: Service, day: date) -> TermsVersion | None:
    """The published version that governs a day; None before the first takes effect."""
    return TermsVersion.objects.in_force(service, day)
