"""What a catalog brings for a service whose customers it would bind: it is put before staff, not published.

One person of the staff proposes it and another approves it, as anything else that binds customers.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from billing.models import BroughtPriceList, PriceListVersion
from billing.pricing.brought_price_lists import bring_price_list
from billing.pricing.price_lists import publish_price_list
from contracts.models import Service, TermsVersion
from contracts.publishing.drafts import create_draft, edit_draft_policy, edit_draft_text
from contracts.publishing.publish import PublicationRefused, publication_problems
from portal.audit.models import AuditEntry
from portal.catalog import CatalogAgent, CatalogPrices, CatalogService, CatalogVersion

Report = Callable[[str], None]


@transaction.atomic
def left_to_staff(entry: CatalogService, at: datetime, report: Report) -> CatalogService:
    """Put before staff what is new in a catalog for a service that has contracts; gives the entry without it.

    A new version of the terms becomes a draft, once: one that is there already, whatever staff have made of
    it, stays as it is, and one that they deleted does not come back. A price list waits until somebody
    proposes it, who knows the notice that customers were given of it, or sets it aside; what two people
    published in its place stays.
    PublicationRefused for a version that could never be published.
    """
    service = Service.objects.filter(slug=entry.details.slug).first()
    if service is None or not service.binds_customers:
        return entry
    new_versions = [version for version in entry.versions if not _is_published(service, version)]
    new_lists = [prices for prices in entry.price_lists if not _is_stored(service, prices)]
    for version in new_versions:
        report(f"{service.slug}: version {version.policy.version} {_drafted(service, version, at)}")
    for prices in new_lists:
        report(
            f"{service.slug}: the price list from {prices.prices.effective_on} {_kept(service, prices, at)}"
        )
    return replace(
        entry,
        versions=tuple(version for version in entry.versions if version not in new_versions),
        price_lists=tuple(
            prices
            for prices in entry.price_lists
            if prices not in new_lists and not _was_brought(service, prices)
        ),
    )


def load_agent_prices(service: Service, entry: CatalogAgent, at: datetime, report: Report) -> None:
    """Publish an agent's price lists; those that would bind its customers wait for staff.

    Where the provider had prices before there were agents, the first agent goes on at these.
    """
    agent = service.agents.get(key=entry.key)
    lists = PriceListVersion.objects.filter(service=service)
    if agent == service.first_agent and lists.filter(agent=None).exists() and not lists.filter(agent=agent):
        report(f"{service.slug}: {entry.key} sells at the provider's prices, which stay")
        return
    for prices in entry.price_lists:
        day = prices.prices.effective_on
        if lists.filter(agent=agent, effective_on=day).exists() or not agent.binds_customers:
            publish_price_list(service, prices.source)
        else:
            kept = _kept(service, prices, at)
            report(f"{service.slug}: the price list of {entry.key} from {day} {kept}")


def _is_published(service: Service, version: CatalogVersion) -> bool:
    named = TermsVersion.objects.published().filter(service=service, name=version.policy.version)
    return named.exists()


def _is_stored(service: Service, prices: CatalogPrices) -> bool:
    of_the_day = PriceListVersion.objects.filter(service=service, effective_on=prices.prices.effective_on)
    return of_the_day.exists()


def _was_brought(service: Service, prices: CatalogPrices) -> bool:
    of_the_day = BroughtPriceList.objects.filter(service=service, effective_on=prices.prices.effective_on)
    return of_the_day.exists()


def _kept(service: Service, prices: CatalogPrices, at: datetime) -> str:
    """Let a price list wait for staff, unless it did before; gives what became of it, in words."""
    waits = "propose it in the admin, with the notice that customers were given"
    brought, is_new = bring_price_list(service, prices.source, at)
    if is_new:
        return f"is new, and customers have contracts; {waits}"
    return "stays away: it was set aside" if brought.set_aside_at else f"waits already; {waits}"


def _drafted(service: Service, version: CatalogVersion, at: datetime) -> str:
    """Let there be the draft of a version, unless there was one; gives what became of it, in words."""
    name, waits = version.policy.version, "which one person proposes in the admin and another approves"
    if TermsVersion.objects.filter(service=service, name=name).exists():
        return f"is a draft already, {waits}"
    if _was_deleted(service, name):
        return "stays away: its draft was deleted"
    given = {"name": name, "text": version.text, "policy_source": version.policy_source}
    if problems := publication_problems(service, **given):
        raise PublicationRefused(problems)
    draft = create_draft(service, name=name, terms=version.terms, source="catalog", staff=None, brought_at=at)
    draft = edit_draft_text(draft, version.text, seen_hash=draft.content_hash, staff=None)
    edit_draft_policy(draft, version.policy_source, seen_hash=draft.content_hash, staff=None)
    return f"is new, and customers have contracts; it is a draft now, {waits}"


def _was_deleted(service: Service, name: str) -> bool:
    deleted = AuditEntry.objects.filter(action="terms.draft_deleted")
    return deleted.filter(data__service=service.slug, data__name=name).exists()
