from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate, now

from portal.home import selectors
from portal.organisations.access import OrganisationRequest, organisation_required


def home(request: HttpRequest) -> HttpResponseBase:
    """Visitors see the services, customers what concerns them today; staff are led to the admin."""
    if request.user.is_authenticated:
        return _customer_home(request)
    return render(request, "home_anonymous.html", {"services": selectors.services_on_offer()})


@organisation_required
def _customer_home(request: OrganisationRequest) -> HttpResponseBase:
    own, at = request.membership, now()
    today = localdate(at)
    overdue = selectors.overdue_invoices(own, today)
    cards = selectors.contract_cards(own, at, overdue)
    return render(
        request,
        "home.html",
        {
            "cards": cards,
            "applications": selectors.applications_under_way(own),
            "drafts": selectors.drafts(own),
            "notices": selectors.notices(own, cards, overdue, today),
            "invoices": selectors.recent_invoices(own, today),
        },
    )
