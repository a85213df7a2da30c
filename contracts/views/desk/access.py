"""Who comes to the desk of a sales agent, and what is theirs today."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from contracts.deciding.agents import agents_for, applications_of, contracts_of
from contracts.models import Application, Contract, ContractRequest, SalesAgent
from portal.organisations.access import OrganisationRequest, acting_membership
from portal.organisations.accounts.factors import has_passed_second_factor

P = ParamSpec("P")


class DeskRequest(OrganisationRequest):
    """A request of somebody who acts for an organisation as these sales agents."""

    agents: QuerySet[SalesAgent]


View = Callable[Concatenate[DeskRequest, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def agents_only(view: View[P]) -> Guarded[P]:
    """Let a view run for who acts for a sales agent, with `request.agents` set; Http404 for all others.

    As they see other companies' data, the session must have passed a second factor, as those of staff. Staff
    who look at an organisation's own pages don't see this: its customers can be those of other providers.
    """

    @login_required
    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        own = acting_membership(request)
        agents = agents_for(request.user, own.organisation) if own and own.pk else SalesAgent.objects.none()
        if own is None or not agents.exists():
            raise Http404
        if not has_passed_second_factor(request):
            return _to_second_factor(request)
        request.membership, request.organisation, request.agents = own, own.organisation, agents
        return view(request, *args, **kwargs)

    return guarded


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    if is_mfa_enabled(request.user):
        logout(request)
        messages.warning(request, _("Please sign in again, with your second factor."))
        return redirect("account_login")
    messages.warning(request, _("Sales agents see their customers' data: set up a second factor to go on."))
    return redirect("mfa_activate_totp")


def own_applications(request: DeskRequest) -> QuerySet[Application]:
    """The applications of the agents' customers of today."""
    return applications_of(request.agents, localdate()).select_related(
        "service__provider",
        "organisation",
        "terms_version__service",
        "agent",
        "decided_for",
        "decided_by",
        "contract__organisation",
    )


def own_contracts(request: DeskRequest) -> QuerySet[Contract]:
    """The contracts of which they are the agents today."""
    return contracts_of(request.agents, localdate()).select_related(
        "service__provider", "organisation", "contracted_version__service", "application__agent"
    )


def own_requests(request: DeskRequest) -> QuerySet[ContractRequest]:
    """What is asked for on these contracts."""
    return ContractRequest.objects.filter(contract__in=own_contracts(request).values("pk")).select_related(
        "contract__service__provider",
        "contract__organisation",
        "contract__application__agent",
        "terms_version__service",
        "decided_for",
        "decided_by",
    )
