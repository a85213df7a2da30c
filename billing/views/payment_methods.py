"""How a customer pays for its contracts."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from billing.receivables.bank.ways_to_pay import ways_to_pay
from contracts.models import Contract
from portal.organisations.access import OrganisationRequest, organisation_required

_ON_A_PAGE = 20


@organisation_required
def payment_methods(request: OrganisationRequest) -> HttpResponse:
    """The way of each contract that has not ended; the account for debits is for who sees all contracts."""
    today = localdate()
    going_on = Contract.objects.shown_to(request.membership).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    )
    found = going_on.select_related("service__provider", "application").prefetch_related(
        "service__provider__particulars", "contracted_version__service", "agreements"
    )
    page = Paginator(found.order_by("-number"), _ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "billing/payment_methods.html",
        {
            "page_obj": page,
            "ways": ways_to_pay(page.object_list, request.organisation, today),
            "sees_accounts": not request.membership.is_limited,
        },
    )
