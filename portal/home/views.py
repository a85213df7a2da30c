from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate, now

from contracts.inbox.under_way import under_way
from portal.home import selectors
from portal.home.to_do import things_to_do
from portal.organisations.access import OrganisationRequest, organisation_required


def home(request: HttpRequest) -> HttpResponseBase:
    """Visitors see the services, customers what they have to do today; staff are led to the admin."""
    if request.user.is_authenticated:
        return _customer_home(request)
    return render(request, "home_anonymous.html", {"services": selectors.services_on_offer()})


@organisation_required
def _customer_home(request: OrganisationRequest) -> HttpResponseBase:
    own, at = request.membership, now()
    today = localdate(at)
    return render(
        request,
        "home.html",
        {
            "to_do": things_to_do(own, at),
            "under_way": under_way(own, today),
            "cards": selectors.contract_cards(own, at),
            "drafts": selectors.drafts(own),
            "notices": selectors.notices(own, today),
            "invoices": selectors.recent_invoices(own, today),
        },
    )
