"""A contract at the desk of its sales agent."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate, now

from contracts.lifecycle.deadlines import next_deadlines
from contracts.policies.rulebooks import governing_version
from contracts.views.desk.access import DeskRequest, agents_only, own_contracts
from contracts.wording.particulars import labelled
from contracts.wording.products import product_lines


@agents_only
def contract(request: DeskRequest, number: str) -> HttpResponse:
    """The contract as it stands today: what it contains, its deadlines, and what is asked for."""
    found = get_object_or_404(
        own_contracts(request).prefetch_related(
            "items", "suspensions", "agents__agent", "agreements", "particulars", "parties", "requests"
        ),
        number=number,
    )
    at, today = now(), localdate()
    version = governing_version(found, today)
    return render(
        request,
        "contracts/agents/contract.html",
        {
            "contract": found,
            "state": found.state_on(today),
            "version": version,
            "customer": found.name_on(today),
            "particulars": list(labelled(version.policy, found.particulars_on(today))),
            "items": product_lines(version.policy, found.items_on(today).items()),
            "deadlines": next_deadlines(found, at),
            "requests": found.requests.all(),
        },
    )
