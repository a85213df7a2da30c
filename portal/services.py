"""The services in the database, as the rules ask them, and all that worked examples can ask of a service."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from billing.calculation.examples import BILLING_KINDS
from billing.calculation.prices import lists_of_agent
from billing.calculation.service import PricedBook, PricedService
from billing.models import PriceListVersion
from contracts.extensions.kinds import gives_up
from contracts.models import CompanyClosure, SalesAgent, Service, TermsVersion
from contracts.rules.examples.evaluation import Evaluate, Result, check
from contracts.rules.examples.example_file import read_examples
from contracts.rules.examples.kinds import kinds_of_examples
from contracts.rules.policy.service import versions_sold
from portal.catalog import CATALOG


def examples_of(version: TermsVersion) -> list[Result] | None:
    """How the worked examples come out that the catalog ships for a version, by its rules as it is read.

    None for a version that is not the catalog's: of those that staff entered none are stored.
    """
    folder = CATALOG / version.service.slug
    text = folder / f"{version.name}.md"
    if not text.is_file() or text.read_text(encoding="utf-8") != version.text:
        return None
    published, shelf = loaded_service(version.service), loaded_service(version.service, version)
    meant = [
        example
        for example in read_examples(folder / "examples.json")
        if check(example, published, EXAMPLES).version in (version.name, None)
    ]
    return [check(example, shelf, EXAMPLES) for example in meant]


EXAMPLES: Mapping[str, Evaluate[PricedBook]] = {**kinds_of_examples(gives_up), **BILLING_KINDS}
"""Every kind of worked example, by its name."""


def loaded_services() -> list[PricedService]:
    """Every service with a published version: its terms, price lists and entered closures."""
    services = Service.objects.select_related("provider").order_by("slug")
    return [loaded for service in services if (loaded := loaded_service(service)).versions]


def loaded_service(service: Service, as_read: TermsVersion | None = None) -> PricedService:
    """A service with its published versions, as they are read now; without any, no question is answered.

    `as_read` stands for the version of its name. Where agents sell it, it is as the first one does.
    """
    published = TermsVersion.objects.published().filter(service=service).order_by("effective_on")
    versions = [version.read_on(date.max) for version in published.prefetch_related("revisions")]
    if as_read:
        others = [version for version in versions if version.name != as_read.name]
        versions = sorted([*others, as_read], key=lambda version: version.effective_on)
    stated = [(version.rules_source, version.terms) for version in versions]
    closures = CompanyClosure.objects.filter(provider=service.provider).values_list("day", flat=True)
    lists = [entry.prices for entry in PriceListVersion.objects.filter(service=service)]
    agents = service.agents.prefetch_related("rules")

    def sold_by(agent: SalesAgent | None) -> PricedService:
        own = [one for one in lists if agent and one.agent == agent.key]
        return PricedService(
            slug=service.slug,
            versions=versions_sold(stated, [one.layer for one in agent.rules.all()] if agent else ()),
            closures=frozenset(closures),
            price_lists=lists_of_agent([one for one in lists if not one.agent], own),
        )

    sold = {agent.key: sold_by(agent) for agent in agents}
    return replace(next(iter(sold.values())) if sold else sold_by(None), agents=sold)
