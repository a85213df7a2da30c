"""Loading a catalog of services into the database: all of it, or nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from billing.pricing.price_lists import publish_price_list
from contracts.models import Service
from contracts.problems.reasons import Reason
from contracts.publishing.agents import save_agent, store_rules
from contracts.publishing.catalog_readings import take_reading
from contracts.publishing.issuers import differing_particulars
from contracts.publishing.lives import take_lives
from contracts.publishing.publish import PublicationRefused, publish_version
from contracts.publishing.services import save_service
from contracts.rules.examples.evaluation import check
from contracts.rules.problems import Problem
from portal.catalog import CatalogAgent, CatalogService, read_catalog
from portal.loading.putting_forward import left_to_staff, load_agent_prices
from portal.services import EXAMPLES

Report = Callable[[str], None]


class ExamplesFailError(Exception):
    """Worked examples of the catalog that its own policies don't meet."""


def load_catalog(path: Path, at: datetime, report: Report = lambda line: None) -> list[Service]:
    """Load every service of a catalog; loading the same catalog again changes nothing.

    A published version stays as it is where the catalog reads its text by other rules: these become a
    corrected reading (`take_reading`), which is reported. What would bind the customers of a service is put
    before staff instead (`left_to_staff`). Raises CatalogError with all problems of the files,
    ExamplesFailError when a worked example fails, and PublicationRefused, ReadingRefusedError or
    PriceListError for what contradicts what is published; nothing is stored then.
    """
    catalog = read_catalog(path)
    _ensure_examples_pass(catalog)
    with transaction.atomic():
        return [load_service(left_to_staff(entry, at, report), at, report) for entry in catalog]


def _load_agent(service: Service, entry: CatalogAgent, position: int, at: datetime, report: Report) -> None:
    """Load an agent with its rules, which were checked with the catalog; those that bind customers wait."""
    agent = save_agent(service, entry.key, entry.details, position)
    for rules in entry.rules:
        published = agent.rules.filter(version=rules.header.version).first()
        if published is None and agent.rules.exists() and agent.binds_customers:
            report(
                f"{service.slug}: the rules {rules.header.version} of {entry.key} are new, and customers have"
                " contracts with that agent; propose them in the admin"
            )
        elif published is None:
            store_rules(agent, source=rules.source, text=rules.text, at=at, staff=None)
        elif (published.source, published.text) != (rules.source, rules.text):
            values = {"version": rules.header.version}
            raise PublicationRefused([Problem("version", Reason("agent_version_published", values))])


def _ensure_examples_pass(catalog: Sequence[CatalogService]) -> None:
    results = [check(example, entry.loaded, EXAMPLES) for entry in catalog for example in entry.examples]
    failed = [str(result) for result in results if not result.passed]
    if failed:
        raise ExamplesFailError("\n".join(failed))


def load_service(entry: CatalogService, at: datetime, report: Report = lambda line: None) -> Service:
    """Load one service, within the caller's transaction; errors as for `load_catalog`."""
    service = save_service(entry.details)
    for agent in entry.agents:
        _load_agent(service, agent, entry.details.agents.index(agent.key) + 1, at, report)
    for version in entry.versions:
        name, text, source = version.policy.version, version.text, version.policy_source
        if take_reading(service, name=name, text=text, policy_source=source, at=at, report=report):
            continue
        publish_version(
            service,
            name=name,
            title=version.policy.title,
            text=text,
            policy_source=source,
            at=at,
            staff=None,
        )
    for price_list in entry.price_lists:
        publish_price_list(service, price_list.source)
    for agent in entry.agents:
        load_agent_prices(service, agent, at, report)
    take_lives(service.pk, {life.id: life.model_dump(mode="json") for life in entry.lives})
    report(
        f"{service.slug}: {len(entry.versions)} terms version(s), {len(entry.price_lists)} price list(s), "
        f"{len(entry.examples)} worked examples pass"
    )
    issuers = [entry.details.provider, *(one.details.issuer for one in entry.agents if one.details.issuer)]
    for issuer in issuers:
        if differing := differing_particulars(issuer):
            report(
                f"{service.slug}: {', '.join(differing)} of {issuer.code} stay as the portal has them;"
                " change them on the provider's page in the admin"
            )
    return service
