"""A service of one's own: as it is loaded, without the customers and the documents of the installation."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from django.db.models import Model

from billing.models import BankAccount, PriceListVersion
from billing.receivables.bank.accounts import fill_account
from contracts.models import AgentRules, Provider, SalesAgent, Service, TermsVersion
from contracts.models.revision import PolicyRevision
from contracts.models.service import CompanyClosure, ProviderParticulars
from portal.catalog import CatalogService
from portal.loading import load_service

M = TypeVar("M", bound=Model)

_CODE = "LIFE0000"
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
_ACCOUNT = {
    "bank_code": "9998",
    "bank_name": "ミホンギンコウ",
    "branch_code": "998",
    "branch_name": "ホンテン",
    "account_kind": "1",
    "account_number": "9999998",
    "holder": "テイキヨウシヤ",
    "consignor_code": "9999999998",
    "csv_columns": {"encoding": "utf-8", "day": "day", "payer": "payer", "incoming": "amount"},
}


def own_copy(slug: str, catalog: Callable[[], Iterable[CatalogService]]) -> Service:
    """A copy of a loaded service, or else of the catalog's, with a provider that offers nothing else.

    Terms, corrected readings, price lists and closed days are those of the installation. LookupError where
    there is no such service.
    """
    loaded = Service.objects.filter(slug=slug, versions__published_at__isnull=False).first()
    if loaded is None:
        entry = next((entry for entry in catalog() if entry.details.slug == slug), None)
        if entry is None:
            raise LookupError(slug)
        loaded = load_service(entry, _BEFORE_ALL)
    return _copied(loaded)


def _copied(loaded: Service) -> Service:
    provider = _issuing_again(loaded.provider, _CODE, None)
    CompanyClosure.objects.bulk_create(
        CompanyClosure(provider=provider, day=closure.day, note=closure.note)
        for closure in loaded.provider.closures.all()
    )
    service = _again(loaded, slug=f"{loaded.slug}-life", provider=provider)
    agents = {agent.pk: _sold_again(agent, service) for agent in loaded.agents.all()}
    for rules in AgentRules.objects.filter(agent__service=loaded.pk):
        _again(rules, agent=agents[rules.agent_id])
    for version in TermsVersion.objects.published().filter(service=loaded.pk):
        copied = _again(version, service=service)
        for revision in PolicyRevision.objects.filter(terms_version=version.pk, number__isnull=False):
            _again(revision, terms_version=copied)
    for prices in PriceListVersion.objects.filter(service=loaded.pk):
        _again(prices, service=service, agent=agents[prices.agent_id] if prices.agent_id else None)
    return Service.objects.select_related("provider").get(pk=service.pk)


def _sold_again(agent: SalesAgent, service: Service) -> SalesAgent:
    code = f"{_CODE[:-2]}{agent.position:02}"
    issuer = _issuing_again(agent.issuer, code, service.provider) if agent.issuer else None
    return _again(agent, service=service, issuer=issuer)


def _issuing_again(issuer: Provider, code: str, principal: Provider | None) -> Provider:
    copied = _again(issuer, code=code, principal=principal)
    for particulars in ProviderParticulars.objects.filter(provider=issuer):
        _again(particulars, provider=copied)
    return copied


def _again(row: M, **changed: object) -> M:
    """A row once more, but for what is changed."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key and not field.generated]
    values = {field.name: getattr(row, field.name) for field in fields}
    return type(row)._base_manager.create(**{**values, **changed})


def bank_account(provider: Provider) -> BankAccount:
    """The account on which the provider is paid, and from which it asks for direct debits."""
    account = BankAccount(provider=provider)
    fill_account(account, _ACCOUNT)
    account.save()
    return account
