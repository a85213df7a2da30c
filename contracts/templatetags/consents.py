"""The consents behind a contract, for its page."""

from typing import Any

from django import template
from django.utils.timezone import localdate

from contracts.consents.renewals import to_answer
from contracts.models import Consent, Contract
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership

register = template.Library()


@register.inclusion_tag("contracts/_contract_consents.html")
def contract_consents(contract: Contract, membership: Membership) -> dict[str, Any]:
    """What a contract's organisation agreed to or refused for its service, and what a member is asked for."""
    given = Consent.objects.shown_to(membership).filter(terms_version__service=contract.service_id)
    asked = to_answer(membership, localdate())
    return {
        "consents": given.select_related("person", "terms_version__service").order_by("-sequence"),
        "asked": [renewal for renewal in asked if renewal.version.service_id == contract.service_id],
        "may_answer": membership.may(Right.CONTRACTS),
    }
