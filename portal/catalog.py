"""Reading a catalog of services from its folder: everything is checked, and taken whole or refused.

<slug>/service.toml            the service and its provider
<slug>/<version>.toml, .md     a version's policy and its text
<slug>/prices/*.toml           price lists
<slug>/agents/<key>/           agent.toml, its rules as <version>.toml and .md, its prices/*.toml
<slug>/examples.json           worked examples
<slug>/lives.json              whole lives of contracts, where there are any
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from stdnum.jp import cn

from billing.calculation.prices import PriceList, lists_of_agent, read_price_list
from billing.calculation.service import PricedService
from contracts.policies.reading import read_known_policy
from contracts.problems.reasons import Reason
from contracts.rules.examples.example_file import Example, examples_from
from contracts.rules.policy.agents import AgentHeader, read_agent_rules
from contracts.rules.policy.fitting import lacking, misfits
from contracts.rules.policy.governing import version_on
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.reading import read_file
from contracts.rules.policy.schema import Policy
from contracts.rules.policy.service import layers_at_first, versions_sold
from contracts.rules.policy.service_file import AgentFile, ServiceFile, read_agent, read_service
from contracts.rules.problems import DataError, Problem
from contracts.terms.markdown import TermsSyntaxError, parse
from contracts.terms.tree import Terms

CATALOG = Path(settings.BASE_DIR) / "contracts" / "catalog"

T = TypeVar("T")


@dataclass(frozen=True)
class CatalogVersion:
    """A version with its files as they were written."""

    policy_source: str
    text: str
    policy: Policy
    terms: Terms
    others: tuple[Terms, ...] = ()

    @property
    def effective_on(self) -> date:
        return self.policy.effective.on


@dataclass(frozen=True)
class CatalogPrices:
    """A price list with its file as it was written."""

    source: str
    prices: PriceList


@dataclass(frozen=True)
class CatalogAgentRules:
    """A version of an agent's rules with its files as they were written."""

    seller: str
    header: AgentHeader
    source: str
    text: str
    terms: Terms

    @property
    def layer(self) -> Layer:
        stated = self.header
        return Layer(
            "agent",
            stated.title,
            stated.effective_on,
            self.source,
            version=stated.version,
            text=self.text,
            seller=self.seller,
        )


@dataclass(frozen=True)
class CatalogAgent:
    """A sales agent; its rules and price lists by effective date."""

    key: str
    details: AgentFile
    rules: tuple[CatalogAgentRules, ...]
    price_lists: tuple[CatalogPrices, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(entry.layer for entry in self.rules)


@dataclass(frozen=True)
class CatalogService:
    """Everything that the catalog says about a service; versions and price lists by effective date.

    The policies of the versions are as the first agent completes them.
    """

    details: ServiceFile
    versions: tuple[CatalogVersion, ...]
    price_lists: tuple[CatalogPrices, ...]
    examples: tuple[Example, ...]
    lives: tuple[Example, ...] = ()
    agents: tuple[CatalogAgent, ...] = ()

    @cached_property
    def loaded(self) -> PricedService:
        """The service as the rules ask it."""
        sold = {agent.key: self._sold_by(agent) for agent in self.agents}
        first = next(iter(sold.values())) if sold else self._sold_by(None)
        return replace(first, agents=sold)

    def _sold_by(self, agent: CatalogAgent | None) -> PricedService:
        own = [entry.prices for entry in agent.price_lists] if agent else []
        return PricedService(
            slug=self.details.slug,
            versions=versions_sold(
                [(version.policy_source, version.terms) for version in self.versions],
                agent.layers if agent else (),
            ),
            price_lists=lists_of_agent([entry.prices for entry in self.price_lists], own),
        )


@dataclass(frozen=True)
class FileProblem:
    """One thing that is wrong in a file."""

    file: Path
    problem: Problem

    def __str__(self) -> str:
        return f"{self.file}: {self.problem}"


class CatalogError(Exception):
    """A catalog that can't be taken, with every problem found in it."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_catalog(path: Path = CATALOG) -> list[CatalogService]:
    """Read every service of a catalog; CatalogError lists all problems with file, place and reason."""
    reader = _Reader()
    folders = sorted(folder for folder in path.iterdir() if folder.is_dir()) if path.is_dir() else []
    if not folders:
        reader.add(path, Reason("no_service"))
    services = [reader.service(folder) for folder in folders]
    if reader.problems:
        raise CatalogError(reader.problems)
    return [service for service in services if service is not None]


def read_service_details(text: str) -> ServiceFile:
    """Read service.toml; DataError lists every problem."""
    details = read_service(text)
    numbers = {name: getattr(details.provider, name) for name in ("registration_number", "corporate_number")}
    wrong = [
        Problem(f"provider.{name}", Reason("check_digit", {"number": number}))
        for name, number in numbers.items()
        if number and not cn.is_valid(number.removeprefix("T"))
    ]
    if wrong:
        raise DataError(wrong)
    return details


@dataclass
class _Reader:
    problems: list[FileProblem] = field(default_factory=list)

    def add(self, file: Path, reason: Reason, path: str = "") -> None:
        self.problems.append(FileProblem(file, Problem(path, reason)))

    def service(self, folder: Path) -> CatalogService | None:
        details = self._take(folder / "service.toml", read_service_details)
        if details and details.slug != folder.name:
            self.add(folder / "service.toml", Reason("folder_name", {"name": folder.name}), "slug")
        agents = self._agents(folder, details.agents if details else ())
        first = agents[0].layers if agents else ()
        files = self._pairs(folder, "service.toml")
        versions = [version for file in files if (version := self._version(file, first))]
        versions.sort(key=lambda version: version.effective_on)
        without = [agent.key for agent in agents if not agent.price_lists]
        price_lists = self._price_lists(folder / "prices", versions, needed=not agents)
        for agent in agents:
            self._fits(folder, agent, versions)
            if agent.key in without and not price_lists:
                file = folder / "agents" / agent.key
                self.add(file, Reason("agent_without_prices", {"agent": agent.key}))
        examples = self._examples(folder / "examples.json")
        lives = self._examples(folder / "lives.json") if (folder / "lives.json").exists() else []
        if details is None:
            return None
        self._distinct_days(folder, versions)
        return CatalogService(
            details, tuple(versions), tuple(price_lists), tuple(examples), tuple(lives), tuple(agents)
        )

    def _pairs(self, folder: Path, other: str) -> list[Path]:
        """The files of versions in a folder, each with its text beside it; `other` is no version."""
        files = sorted(file for file in folder.glob("*.toml") if file.name != other)
        if not files:
            self.add(folder, Reason("no_version"))
        for text in folder.glob("*.md"):
            if text.with_suffix(".toml") not in files:
                self.add(text, Reason("no_policy", {"file": f"{text.stem}.toml"}))
        return files

    def _agents(self, folder: Path, keys: Sequence[str]) -> list[CatalogAgent]:
        home = folder / "agents"
        for there in sorted(one.name for one in home.glob("*") if one.is_dir()):
            if there not in keys:
                self.add(home / there, Reason("agent_not_named", {"agent": there}))
        return [agent for key in keys if (agent := self._agent(home / key))]

    def _agent(self, folder: Path) -> CatalogAgent | None:
        details = self._take(folder / "agent.toml", read_agent)
        files = self._pairs(folder, "agent.toml")
        rules = [entry for file in files if (entry := self._agent_rules(file))]
        rules.sort(key=lambda entry: entry.header.effective_on)
        for earlier, later in pairwise(rules):
            if earlier.header.effective_on == later.header.effective_on:
                reason = Reason("same_day", {"version": earlier.header.version})
                self.add(folder / f"{later.header.version}.toml", reason, "effective_on")
        price_lists = self._price_lists(folder / "prices", (), needed=False, agent=folder.name)
        if details is None or not rules:
            return None
        return CatalogAgent(folder.name, details, tuple(rules), tuple(price_lists))

    def _agent_rules(self, file: Path) -> CatalogAgentRules | None:
        read = self._take(file, read_agent_rules)
        terms = self._take(file.with_suffix(".md"), parse)
        if read is None or terms is None:
            return None
        if read[0].version != file.stem:
            self.add(file, Reason("file_name", {"name": file.stem}), "version")
        return CatalogAgentRules(
            file.parent.name, read[0], _text(file), _text(file.with_suffix(".md")), terms
        )

    def _fits(self, folder: Path, agent: CatalogAgent, versions: Sequence[CatalogVersion]) -> None:
        """Check an agent's rules against every version that governs while they hold, and its prices."""
        home = folder / "agents" / agent.key
        for version, entry in _meeting(versions, agent.rules):
            day = max(version.effective_on, entry.header.effective_on)
            file = home / f"{entry.header.version}.toml"
            for problem in misfits(version.policy_source, version.terms, entry.layer, day):
                self.problems.append(FileProblem(file, problem))
        sold = [replace(version, others=tuple(one.terms for one in agent.rules)) for version in versions]
        for index, listed in enumerate(agent.price_lists):
            later = agent.price_lists[index + 1].prices if index + 1 < len(agent.price_lists) else None
            file = home / "prices" / f"{listed.prices.effective_on}.toml"
            for version in _versions_beside(listed.prices, later, sold):
                self._check_prices(file, listed.prices, version)

    def _examples(self, file: Path) -> list[Example]:
        examples = self._take(file, examples_from) or []
        for example in examples:
            if example.service != file.parent.name:
                self.add(file, Reason("example_service", {"name": file.parent.name}), example.id)
        return examples

    def _distinct_days(self, folder: Path, versions: Sequence[CatalogVersion]) -> None:
        for earlier, later in pairwise(versions):
            if earlier.effective_on == later.effective_on:
                file = folder / f"{later.policy.version}.toml"
                reason = Reason("same_day", {"version": earlier.policy.version})
                self.add(file, reason, "effective.on")

    def _version(self, file: Path, rules: Sequence[Layer]) -> CatalogVersion | None:
        def read(source: str) -> Policy:
            return read_known_policy(source, layers_at_first(source, rules))

        policy, terms = self._take(file, read), self._take(file.with_suffix(".md"), parse)
        if policy is None or terms is None:
            return None
        if policy.version != file.stem:
            self.add(file, Reason("file_name", {"name": file.stem}), "version")
        others = tuple(parse(one.text) for one in layers_at_first(_text(file), rules) if one.text)
        for path, key in lacking(policy.cited(), (terms, *others)):
            self.add(file, Reason("not_in_file", {"key": key, "file": f"{file.stem}.md"}), path)
        return CatalogVersion(_text(file), _text(file.with_suffix(".md")), policy, terms, others)

    def _price_lists(
        self, folder: Path, versions: Sequence[CatalogVersion], *, needed: bool, agent: str = ""
    ) -> list[CatalogPrices]:
        found = [
            (file, prices)
            for file in sorted(folder.glob("*.toml"))
            if (prices := self._take(file, read_price_list))
        ]
        found.sort(key=lambda entry: entry[1].effective_on)
        if not found and needed:
            self.add(folder, Reason("no_price_list"))
        for index, (file, prices) in enumerate(found):
            if prices.agent != agent:
                self.add(file, Reason("other_seller", {"agent": agent or "—"}), "agent")
            following = found[index + 1][1] if index + 1 < len(found) else None
            if following and following.effective_on == prices.effective_on:
                self.add(file, Reason("price_list_same_day"), "effective_on")
            for version in _versions_beside(prices, following, versions):
                self._check_prices(file, prices, version)
        return [CatalogPrices(_text(file), prices) for file, prices in found]

    def _check_prices(self, file: Path, prices: PriceList, version: CatalogVersion) -> None:
        known = {product.key for product in version.policy.products}
        for index, price in enumerate(prices.prices):
            if price.product not in known:
                values = {"version": version.policy.version, "product": price.product}
                self.add(file, Reason("version_without_product", values), f"prices[{index}].product")
        for path, key in lacking(prices.cited(), (version.terms, *version.others)):
            self.add(
                file, Reason("version_without_key", {"key": key, "version": version.policy.version}), path
            )

    def _take(self, file: Path, read: Callable[[str], T]) -> T | None:
        try:
            return read(_text(file))
        except DataError as error:
            self.problems += [FileProblem(file, problem) for problem in error.problems]
        except TermsSyntaxError as error:
            for problem in error.problems:
                self.problems.append(FileProblem(file, Problem("", problem.reason, problem.line)))
        return None


def _text(file: Path) -> str:
    return read_file(file, DataError)


def _meeting(
    versions: Sequence[CatalogVersion], rules: Sequence[CatalogAgentRules]
) -> Iterator[tuple[CatalogVersion, CatalogAgentRules]]:
    """Which versions and which rules of an agent, both by their days, are in force at the same time."""
    for number, version in enumerate(versions):
        ends = versions[number + 1].effective_on if number + 1 < len(versions) else date.max
        for index, entry in enumerate(rules):
            begins = entry.header.effective_on if index else date.min
            over = rules[index + 1].header.effective_on if index + 1 < len(rules) else date.max
            if begins < ends and version.effective_on < over:
                yield version, entry


def _versions_beside(
    prices: PriceList, following: PriceList | None, versions: Sequence[CatalogVersion]
) -> Iterator[CatalogVersion]:
    """The versions that are in force while a price list is."""
    at_start = version_on(versions, prices.effective_on)
    for version in versions:
        later = version.effective_on >= prices.effective_on
        ended = following is not None and version.effective_on >= following.effective_on
        if version is at_start or (later and not ended):
            yield version
