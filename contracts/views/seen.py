"""Pages of a contract that its customer and the provider's staff see alike."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from contracts.models import Contract
from portal.organisations.access import acting_membership, may_see
from portal.organisations.members.rights import Right

VIEW = "contracts.view_contract"

VIEW_WHOLE = "contracts.view_contractparticular"
"""The right to see of contracts what they state of persons, too: what was asked for, by whom, and when."""


def seen_contract(request: HttpRequest, contracts: QuerySet[Contract], number: str) -> Contract:
    """The contract of a number, for its organisation and for staff who may see all of it; else Http404."""
    contract = get_object_or_404(contracts, number=number)
    if not may_see(request, contract.organisation_id, VIEW_WHOLE, contract, contract.pk):
        raise Http404
    return contract


def acts_on(request: HttpRequest, contract: Contract) -> bool:
    """Whether somebody may ask for something on a contract; who merely sees it may not."""
    own = acting_membership(request)
    if own is None or own.organisation_id != contract.organisation_id:
        return False
    return own.may_on(Right.CONTRACTS, contract.pk)
