"""Publish price lists."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone

from billing.calculation.prices import NoticeOfPrices, PriceList, PriceListError, read_price_list
from billing.differences.marks import facts_of_service_changed
from billing.models import PriceListVersion
from billing.pricing.price_notices import ToldOtherwise
from contracts.lifecycle.minimum_terms.rest_again import reckon_rest_again
from contracts.models import Notice, SalesAgent, Service, TermsVersion
from contracts.problems.reasons import Reason
from contracts.rules.policy.fitting import lacking
from contracts.rules.policy.governing import version_on
from contracts.rules.problems import Problem
from contracts.rules.stored import to_stored
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

PRICE_LIST = "price_list"
"""The kind of proposal that publishes a price list."""


@transaction.atomic
def publish_price_list(
    service: Service,
    source: str,
    staff: User | None = None,
    notice: NoticeOfPrices | None = None,
    override_reason: str = "",
    *,
    told: Notice | ToldOtherwise | None = None,
    approval: Proposal | None = None,
) -> PriceListVersion:
    """Store a price list, written in TOML, from its effective date on. The same prices again change nothing.

    `told` is how customers were told of the change, `notice` the decision on that; `change_prices` checks it.
    The list must fit the terms that are in force on that date (the first ones, if none are yet).
    Where the service has contracts, it raises ValidationError without the approval of a second person
    (`second_person`). PriceListError names every problem by its path; nothing is stored then.
    """
    prices = read_price_list(source)
    agent = agent_named(service, prices)
    of_the_day = PriceListVersion.objects.filter(service=service, effective_on=prices.effective_on)
    stored = of_the_day.filter(agent=agent).first()
    if stored and stored.prices == prices:
        return stored
    problems = [_other_list(prices)] if stored else list(_problems(service, prices, agent))
    if problems:
        raise PriceListError(problems)
    if agent.binds_customers if agent else service.binds_customers:
        ensure_second_person(approval, PRICE_LIST)
    version = PriceListVersion.objects.create(
        service=service,
        agent=agent,
        effective_on=prices.effective_on,
        source=source,
        notice=to_stored(notice) if notice else {},
        override_reason=override_reason,
        announced_by=told if isinstance(told, Notice) else None,
        evidence=told.evidence.strip() if isinstance(told, ToldOtherwise) else "",
    )
    facts_of_service_changed(service.pk)
    reckon_rest_again(service.contracts.all(), timezone.now())
    record(
        "price_list.published",
        staff,
        version,
        service=service.slug,
        effective_on=prices.effective_on,
        notice=version.announced_by_id,
        personal={"override_reason": override_reason, "evidence": version.evidence},
    )
    return version


def _other_list(prices: PriceList) -> Problem:
    return Problem("effective_on", Reason("other_price_list", {"day": prices.effective_on}))


def agent_named(service: Service, prices: PriceList) -> SalesAgent | None:
    """The agent at whose prices a list sells; None for the provider's. PriceListError for one unknown."""
    if not prices.agent:
        return None
    agent = service.agents.filter(key=prices.agent).first()
    if agent is None:
        known = ", ".join(service.agents.values_list("key", flat=True)) or "—"
        values = {"service": service.slug, "agent": prices.agent, "known": known}
        raise PriceListError([Problem("agent", Reason("no_agent", values))])
    return agent


def _problems(service: Service, prices: PriceList, agent: SalesAgent | None) -> Iterator[Problem]:
    versions = TermsVersion.objects.published().filter(service=service).order_by("effective_on")
    published = [version.read_on(date.max) for version in versions.prefetch_related("revisions")]
    if not published:
        yield Problem("", Reason("no_terms", {"service": service.slug}))
        return
    day = prices.effective_on
    version = (version_on(published, day) or published[0]).sold_by(agent, day)
    known = {product.key for product in version.policy.products}
    for index, price in enumerate(prices.prices):
        if price.product not in known:
            values = {"version": version.name, "product": price.product}
            yield Problem(f"prices[{index}].product", Reason("terms_without_product", values))
    for path, key in lacking(prices.cited(), version.texts):
        yield Problem(path, Reason("terms_without_key", {"version": version.name, "key": key}))
