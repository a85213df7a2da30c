"""会社情報: what the portal knows of the organisation, and what each contract states of it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contracts.forms.problems import add_problems
from contracts.models import Contract, ContractRequest
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.company.forms import OwnDetailsForm
from contracts.requests.company.own import change_own_details, reported_to
from contracts.requests.kind import Group
from contracts.requests.registry import KINDS, offer_of
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.particulars import OF_CONTACTS
from contracts.wording.particulars import label_of
from portal.organisations.access import OrganisationRequest, organisation_required, right_required
from portal.organisations.company.details import drop_coming
from portal.organisations.company.joining import waiting_for
from portal.organisations.members.rights import Right
from portal.organisations.models import ComingDetails, Membership

ON_A_PAGE = 20
ABOUT_THE_CUSTOMER = [key for key, kind in KINDS.items() if kind.group == Group.CUSTOMER]


@dataclass(frozen=True)
class StatedOn:
    """What one contract states of the organisation beside its name, and what of that can be changed there."""

    contract: Contract
    stated: list[tuple[str, str]]
    changes: list[tuple[str, str]]


@organisation_required
def company(request: OrganisationRequest) -> HttpResponse:
    """Everything on one page, with the ways to change it."""
    organisation, at, books = request.organisation, now(), Rulebooks()
    page = Paginator(_going_on(request.membership), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/company/overview.html",
        {
            "organisation": organisation,
            "coming": [(one, _labelled(one.details)) for one in organisation.coming_details.all()],
            "joining": len(waiting_for(organisation)) if request.membership.is_owner else 0,
            "page_obj": page,
            "contracts": [_stated_on(contract, at, books) for contract in page],
            "open_requests": ContractRequest.objects.filter(
                contract__in=Contract.objects.shown_to(request.membership),
                kind__in=ABOUT_THE_CUSTOMER,
                status__in=ContractRequest.OPEN,
            ).select_related("contract__service"),
        },
    )


def _going_on(membership: Membership) -> QuerySet[Contract]:
    """The contracts that a member sees and that have not ended, the newest first."""
    lasting = Q(end_kind="") | Q(ends_on__gte=localdate())
    related = (
        Contract.objects.shown_to(membership)
        .filter(lasting)
        .select_related("service__provider", "application", "organisation")
    )
    return related.prefetch_related(
        "contracted_version__service",
        "items",
        "suspensions",
        "requests",
        "particulars",
        "parties",
        "authorised_users",
    ).order_by("-number")


def _stated_on(contract: Contract, at: datetime, books: Rulebooks) -> StatedOn:
    stated = contract.particulars_on(japan_date(at))
    own = {key: stated[key] for key in (*OF_CONTACTS, "invoice_email") if stated.get(key)}
    differing = {
        key: stated[key]
        for key in ("name", "postal_code", "address", "phone")
        if stated.get(key) and stated[key] != getattr(contract.organisation, key)
    }
    possible = (offer_of(contract, kind, at, books) for kind in ABOUT_THE_CUSTOMER)
    changes = [(offer.kind, str(offer.label)) for offer in possible if offer]
    return StatedOn(contract, _labelled({**differing, **own}), changes)


def _labelled(stated: dict[str, str]) -> list[tuple[str, str]]:
    return [(str(label_of(key)), value) for key, value in stated.items()]


@right_required(Right.CONTRACTS, whole=True)
def edit(request: OrganisationRequest) -> HttpResponse:
    """Change what is only the portal's, at once."""
    concerned = reported_to(request.organisation, now())
    form = OwnDetailsForm(
        request.organisation, request.POST if request.method == "POST" else None, phone_is_free=not concerned
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_own_details(request.organisation, request.user, form.cleaned_data, now())
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("Your details are changed."))
            return redirect("contracts:company")
    return render(request, "contracts/company/edit.html", {"form": form, "concerned": concerned})


@right_required(Right.CONTRACTS, whole=True)
@require_POST
def drop(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Take back what was to hold from a day to come on."""
    coming = get_object_or_404(ComingDetails, pk=pk, organisation=request.organisation)
    try:
        drop_coming(coming, request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request,
            _("Taken back. Requests on contracts that are under way have to be withdrawn one by one."),
        )
    return redirect("contracts:company")
