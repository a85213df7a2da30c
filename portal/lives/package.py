"""All that the lives of a service are played by, in one text, to be taken elsewhere."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from billing.models import PriceListVersion
from contracts.models import AgentRules, ExampleLife, PolicyRevision, SalesAgent, Service, TermsVersion
from contracts.models.service import CompanyClosure, Provider, ProviderParticulars
from contracts.publishing.publish import publish_version
from contracts.rules.examples.example_file import Example

_CARRIED = (
    Provider,
    ProviderParticulars,
    CompanyClosure,
    Service,
    SalesAgent,
    AgentRules,
    TermsVersion,
    PolicyRevision,
    PriceListVersion,
)
_OF_DRAFT = ("name", "title", "text", "policy_source")


def packed(draft: TermsVersion) -> str:
    """The service of a draft as it is offered, the draft, and the lives; the same gives the same text."""
    service = draft.service
    package = {
        "rows": [_row(row) for row in _rows(service)],
        "service": service.slug,
        "draft": {name: getattr(draft, name) for name in _OF_DRAFT},
        "lives": [life.source for life in ExampleLife.objects.filter(service=service)],
    }
    return json.dumps(package, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)


def digest_of(package: str) -> str:
    """The SHA-256 of a package, in hexadecimal."""
    return hashlib.sha256(package.encode()).hexdigest()


def digest(draft: TermsVersion) -> str:
    """The SHA-256, in hexadecimal, of all that the lives of a draft's service are played by."""
    return digest_of(packed(draft))


def unpack_service(package: dict[str, Any]) -> None:
    """Store the service of a package, without the draft, in a database that is empty."""
    for row in serializers.deserialize("python", package["rows"]):
        row.save()


def publish_draft(package: dict[str, Any]) -> None:
    """Publish the draft of a package as it is."""
    service = Service.objects.get(slug=package["service"])
    publish_version(service, **package["draft"], at=timezone.now(), staff=None)


def lives_in(package: dict[str, Any]) -> list[Example]:
    """The lives of a package."""
    return [Example.model_validate(life) for life in package["lives"]]


def _rows(service: Service) -> Iterator[Model]:
    provider, published = service.provider, TermsVersion.objects.published().filter(service=service)
    numbered = PolicyRevision.objects.filter(terms_version__in=published, number__isnull=False)
    found: tuple[Iterable[Model], ...] = (
        Provider.issuers.filter(pk__in=provider.issuing_keys),
        ProviderParticulars.objects.filter(provider__in=provider.issuing_keys),
        CompanyClosure.objects.filter(provider=provider),
        [service],
        SalesAgent.objects.filter(service=service),
        AgentRules.objects.filter(agent__service=service),
        published,
        numbered,
        PriceListVersion.objects.filter(service=service),
    )
    for rows in found:
        yield from sorted(rows, key=lambda row: row.pk)


def _row(row: Model) -> dict[str, Any]:
    """A row without what it says of rows that are left behind: who did it, what it was told by."""
    stated: dict[str, Any] = serializers.serialize("python", [row])[0]
    for field in row._meta.concrete_fields:
        if field.is_relation and field.related_model not in _CARRIED:
            stated["fields"][field.name] = None
    return stated
