"""What is left of a minimum term follows what a contract contains and costs, until an invoice states it."""

from datetime import datetime

from django.db.models import QuerySet

from contracts.extensions.kinds import decided_at, ends_contract
from contracts.lifecycle.minimum_terms.rest import claim_rest, drop_claims
from contracts.models import Claim, Contract, ContractRequest
from contracts.rules.life.end_with_minimum_term import EndWithMinimumTerm


def reckon_rest_again(contracts: QuerySet[Contract], at: datetime) -> None:
    """Claim anew what is left of minimum terms at the ends that customers asked for, where that is another.

    Call it once quantities or prices of the contracts changed, inside the transaction of that. What an
    invoice states, or was waived, stays as it is.
    """
    waiting = Claim.objects.filter(
        kind=Claim.Kind.MINIMUM_TERM,
        contract__in=contracts,
        request__isnull=False,
        adjustments__isnull=True,
    )
    for claim in waiting.select_related("request__contract"):
        if claim.request and ends_contract(claim.request.kind):
            _reckon_again(claim, claim.request, at)


def _reckon_again(claim: Claim, request: ContractRequest, at: datetime) -> None:
    fresh = decided_at(request, at)
    if not isinstance(fresh, EndWithMinimumTerm) or fresh.minimum_term_charge == claim.net:
        return
    request.decided = fresh
    request.save()
    drop_claims(request)
    charge, months = fresh.minimum_term_charge, fresh.minimum_months_left
    claim_rest(request, charge, months, claim.arose_on, at)
