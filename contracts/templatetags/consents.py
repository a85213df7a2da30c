"""The consents behind a contract, for its page."""

from typing import Any

from django import template
from django.utils.timezone import localdate

from contracts.consents.renewals import asked_of
from contracts.models import Consent, Contract

register = template.Library()


@register.inclusion_tag("contracts/_contract_consents.html")
def contract_consents(contract: Contract) -> dict[str, Any]:
    """What the contract's organisation agreed to or refused for its service, and what it is asked for."""
    given = Consent.objects.filter(
        organisation__in=contract.organisation.as_one(), terms_version__service=contract.service_id
    )
    asked = asked_of(contract.organisation, localdate())
    return {
        "consents": given.select_related("person", "terms_version__service").order_by("-sequence"),
        "asked": [renewal for renewal in asked if renewal.version.service_id == contract.service_id],
    }
