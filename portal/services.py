"""The services in the database, as the rules ask them, and all that worked examples can ask of a service."""

from collections.abc import Mapping
from datetime import date

from billing.calculation.examples import BILLING_KINDS
from billing.calculation.service import PricedBook, PricedService
from billing.models import PriceListVersion
from contracts.extensions.kinds import gives_up
from contracts.models import CompanyClosure, Service, TermsVersion
from contracts.rules.examples.evaluation import Evaluate
from contracts.rules.examples.kinds import kinds_of_examples
from contracts.rules.policy.service import TermsVersion as LoadedVersion

EXAMPLES: Mapping[str, Evaluate[PricedBook]] = {**kinds_of_examples(gives_up), **BILLING_KINDS}
"""Every kind of worked example, by its name."""


def loaded_services() -> list[PricedService]:
    """Every service with a published version: its terms, price lists and entered closures."""
    services = Service.objects.select_related("provider").order_by("slug")
    return [loaded for service in services if (loaded := loaded_service(service)).versions]


def loaded_service(service: Service) -> PricedService:
    """A service with its published versions, as they are read now; without any, no question is answered."""
    published = TermsVersion.objects.published().filter(service=service).prefetch_related("revisions")
    versions = [version.read_on(date.max) for version in published]
    closures = CompanyClosure.objects.filter(provider=service.provider).values_list("day", flat=True)
    return PricedService(
        slug=service.slug,
        versions=tuple(LoadedVersion(version.policy, version.terms) for version in versions),
        closures=frozenset(closures),
        price_lists=tuple(entry.prices for entry in PriceListVersion.objects.filter(service=service)),
    )
