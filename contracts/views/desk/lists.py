"""What waits at the desk of a sales agent, and the lists of what is its customers'."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from contracts.models import Application, ContractRequest
from contracts.views.desk.access import (
    DeskRequest,
    agents_only,
    own_applications,
    own_contracts,
    own_requests,
)

ON_A_PAGE = 20
SHOWN = 10


@agents_only
def desk(request: DeskRequest) -> HttpResponse:
    """What waits for a decision, whoever takes it, and the ways to all else."""
    waiting = own_applications(request).filter(status=Application.Status.SUBMITTED)
    asked = own_requests(request).filter(status__in=ContractRequest.OPEN)
    return render(
        request,
        "contracts/agents/desk.html",
        {
            "agents": request.agents.select_related("service__provider"),
            "applications": waiting.order_by("submitted_at")[:SHOWN],
            "waiting_applications": waiting.count(),
            "requests": asked.order_by("submitted_at")[:SHOWN],
            "waiting_requests": asked.count(),
            "contracts_count": own_contracts(request).count(),
        },
    )


@agents_only
def applications(request: DeskRequest) -> HttpResponse:
    page = _page(request, own_applications(request).order_by("-submitted_at", "-pk"))
    return render(request, "contracts/agents/applications.html", {"page_obj": page, "applications": page})


@agents_only
def contracts(request: DeskRequest) -> HttpResponse:
    found = own_contracts(request).prefetch_related("items", "suspensions").order_by("-number")
    page, today = _page(request, found), localdate()
    rows = [(contract, contract.state_on(today)) for contract in page]
    return render(request, "contracts/agents/contracts.html", {"page_obj": page, "contracts": rows})


@agents_only
def requests(request: DeskRequest) -> HttpResponse:
    page = _page(request, own_requests(request).order_by("-submitted_at", "-pk"))
    return render(request, "contracts/agents/requests.html", {"page_obj": page, "requests": page})


def _page(request: DeskRequest, found: QuerySet[Any]) -> Page[Any]:
    return Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
