"""A customer's contracts: what they contain, what comes next, and why."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate, now

from contracts.consents.renewals import announced_to
from contracts.customers.held import holdings
from contracts.customers.own_contracts import monthly_fees_of, own_contracts, with_facts
from contracts.forms.contract_search import ContractSearch
from contracts.inbox.stops import stops_on
from contracts.inbox.under_way import asked_for
from contracts.lifecycle.agreement_words import shown_agreements
from contracts.lifecycle.as_of import as_of
from contracts.lifecycle.deadlines import next_deadlines
from contracts.lifecycle.former import former_contract, last_day_of, own_requests
from contracts.models import (
    Application,
    Contract,
    ContractRequest,
    IssuedLetter,
)
from contracts.policies.rulebooks import governing_version
from contracts.requests.changing.rows import can_change
from contracts.requests.registry import grouped, offers
from contracts.wording.explain import explain
from contracts.wording.products import product_lines
from contracts.wording.reasons import suspension_reason
from portal.organisations.access import OrganisationRequest, organisation_required, own_or_404
from portal.organisations.models import Organisation

ON_A_PAGE = 20


@organisation_required
def contract_list(request: OrganisationRequest) -> HttpResponse:
    at = now()
    today = localdate(at)
    search = ContractSearch(Contract.objects.shown_to(request.membership), request.GET)
    search.is_valid()
    found = search.found(today)
    page = Paginator(with_facts(found), ON_A_PAGE).get_page(request.GET.get("page"))
    fees = monthly_fees_of(found, today)
    mine = Application.objects.shown_to(request.membership)
    undecided = mine.filter(status__in=[Application.Status.SUBMITTED, Application.Status.REFUSED])
    return render(
        request,
        "contracts/contract_list.html",
        {
            "page_obj": page,
            "contracts": own_contracts(list(page), fees.by_contract, at),
            "search": search,
            "fees": fees,
            "applications": undecided.select_related("service"),
            "former": Contract.objects.formerly_shown_to(request.membership).select_related(
                "service__provider"
            ),
        },
    )


@organisation_required
def contract_detail(request: OrganisationRequest, number: str) -> HttpResponse:
    """A contract as it stands; for who had it before a succession, what it was until then."""
    former = former_contract(request.membership, number)
    if former:
        return _as_it_was(request, former)
    contract = own_or_404(
        request,
        Contract.objects.select_related(
            "service__provider", "contracted_version__service", "application"
        ).prefetch_related(
            "items", "suspensions", "agreements__documents", "requests__terms_version__service"
        ),
        contract="pk",
        number=number,
    )
    at = now()
    today = localdate(at)
    version, offered = governing_version(contract, today), offers(contract, at)
    return render(
        request,
        "contracts/contract_detail.html",
        {
            "contract": contract,
            "state": contract.state_on(today),
            "version": version,
            "agent": version.seller,
            "announced": announced_to(request.membership, contract, today),
            "stops": stops_on(contract, today),
            "asked": asked_for(contract.requests.all()),
            "provisions": [
                (one, (contract.formed_on or today) >= one.contracts_from)
                for one in version.policy.transitional
            ],
            "formation": explain(contract.decided_formation, contract.contracted_version),
            "held": holdings(contract, version.policy, today),
            "suspensions": [
                (suspension, suspension_reason(suspension, version))
                for suspension in contract.suspensions.all()
            ],
            "requests": [_request_row(asked) for asked in contract.requests.all()],
            "offer_groups": grouped(offered),
            "endings": [offer for offer in offered if offer.ends_contract],
            "can_change": can_change(offered),
            "deadlines": next_deadlines(contract, at),
            "customer": contract.name_on(today),
            "agreements": shown_agreements(contract, today),
            "letters": _letters_of_provider(contract, request.organisation),
        },
    )


def _letters_of_provider(contract: Contract, organisation: Organisation) -> QuerySet[IssuedLetter]:
    """What the provider wrote on the contract by itself: neither on its application nor on a request."""
    letters = contract.letters.filter(organisation__in=organisation.as_one())
    return letters.filter(application__isnull=True, request__isnull=True).order_by("issued_at")


def _as_it_was(request: OrganisationRequest, contract: Contract) -> HttpResponse:
    until = last_day_of(contract, request.organisation)
    return render(
        request,
        "contracts/contract_former.html",
        {
            "contract": contract,
            "until": until,
            "shown": as_of(contract, until),
            "requests": [_request_row(asked) for asked in own_requests(contract, request.organisation)],
        },
    )


def _request_row(asked: ContractRequest) -> dict[str, object]:
    lines = product_lines(
        asked.governing_version.policy, [(asked.product, asked.quantity)] if asked.product else []
    )
    return {
        "asked": asked,
        "product": lines[0] if lines else None,
    }
