"""Which e-mails about an organisation a person gets; what the terms demand, and by which articles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.correspondence.addressees import named
from contracts.models import Contract, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from portal.organisations.access import OrganisationRequest, organisation_required
from portal.organisations.company.concerned import (
    DEMANDED,
    Topic,
    choose_mails,
    last_for,
    topics_of,
    unwanted,
)
from portal.organisations.models import Membership

Demand = tuple[str, TermsVersion, Sequence[str]]
"""A service by its name, the version in force, and the articles by which its customers are told."""


@dataclass(frozen=True)
class Choice:
    """A class of e-mails: whether it is wanted, whether it can't be switched off, and what demands it."""

    topic: Topic
    wanted: bool
    fixed: bool
    demanded: bool
    demands: Sequence[Demand]


@organisation_required
def mails(request: OrganisationRequest) -> HttpResponse:
    """Choose classes of e-mails; those that the terms demand stay while nobody else gets them."""
    organisation, membership = request.organisation, request.membership
    if request.method == "POST":
        fixed = last_for(request.user, organisation)
        try:
            choose_mails(request.user, organisation, [*request.POST.getlist("topic"), *fixed], now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Your choice is stored."))
        return redirect("contracts:company-mails")
    return render(
        request,
        "contracts/company/mails.html",
        {
            "choices": list(_choices(membership)),
            "named": list(_naming(membership, request.user.email)),
            "person": request.user,
        },
    )


def _choices(membership: Membership) -> Iterator[Choice]:
    organisation, person = membership.organisation, membership.user
    refused, fixed = unwanted([organisation.pk]), last_for(person, organisation)
    notices = list(_notices_demanded(membership))
    for topic in topics_of(membership):
        yield Choice(
            topic=topic,
            wanted=(person.pk, organisation.pk, topic) not in refused,
            fixed=topic in fixed,
            demanded=topic in DEMANDED,
            demands=notices if topic == Topic.NOTICES else (),
        )


def _contracts(membership: Membership) -> list[Contract]:
    going_on = Q(ends_on__isnull=True) | Q(ends_on__gte=localdate())
    found = Contract.objects.shown_to(membership).filter(going_on)
    related = found.select_related("service__provider", "application")
    return list(
        related.prefetch_related("contracted_version__service", "particulars", "parties").order_by("pk")
    )


def _notices_demanded(membership: Membership) -> Iterator[Demand]:
    """By which articles customers of each service are told by notices."""
    books, seen = Rulebooks(), set()
    for contract in _contracts(membership):
        version = books.governing(contract, localdate())
        if version.pk not in seen:
            seen.add(version.pk)
            yield contract.service.name, version, version.policy.notices.article


def _naming(membership: Membership, address: str) -> Iterator[Demand]:
    """The contracts whose terms name a person, by their address, as one who is written to."""
    books = Rulebooks()
    for contract in _contracts(membership):
        version = books.governing(contract, localdate())
        rule = version.policy.addressees.get("contract")
        if rule and address in named(contract, "contract", books):
            yield f"{contract.service.name} {contract.number}", version, rule.article
