"""What customers can ask about: contracts, applications, requests, a provider, and what apps above add."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contracts.extensions import registered
from contracts.extensions.kinds import kind_label
from contracts.extensions.subjects import About, Subject
from contracts.models import Application, Contract, ContractRequest, Inquiry, Provider
from portal.organisations.models import Membership


def _admin(name: str, pk: int) -> str:
    return reverse(f"admin:contracts_{name}_change", args=[pk])


def _contract(contract: Contract) -> About:
    return About(
        label=f"{contract.service.name} {contract.number}",
        provider=contract.service.provider,
        contract=contract,
        url=reverse("contracts:contract-detail", args=[contract.number]),
        staff_url=_admin("contract", contract.pk),
    )


def _application(application: Application) -> About:
    return About(
        label=f"{application.service.name} {application.number}",
        provider=application.service.provider,
        contract=Contract.objects.filter(application=application).first(),
        url=reverse("contracts:application-detail", args=[application.number]),
        staff_url=_admin("application", application.pk),
    )


def _request(asked: ContractRequest) -> About:
    return About(
        label=f"{kind_label(asked.kind)} {asked.number}",
        provider=asked.contract.service.provider,
        contract=asked.contract,
        url=reverse("contracts:contract-request-detail", args=[asked.number]),
        staff_url=_admin("contractrequest", asked.pk),
    )


def _provider(provider: Provider) -> About:
    return About(
        label=provider.name,
        provider=provider,
        contract=None,
        url=reverse("contracts:service-list"),
        staff_url=_admin("provider", provider.pk),
    )


def _contracts_seen(membership: Membership) -> QuerySet[Contract]:
    return Contract.objects.shown_to(membership)


def _requests_seen(membership: Membership) -> QuerySet[ContractRequest]:
    return ContractRequest.objects.filter(contract__in=_contracts_seen(membership))


def _providers_known(membership: Membership) -> QuerySet[Provider]:
    """Those of whom the organisation has, or has applied for, something; none for who is limited."""
    if membership.is_limited:
        return Provider.objects.none()
    applied = Application.objects.shown_to(membership).values("service__provider")
    had = _contracts_seen(membership).values("service__provider")
    return Provider.objects.filter(Q(pk__in=had) | Q(pk__in=applied))


PROVIDER = Subject(
    key="provider",
    label=_("In general"),
    number="code",
    every=lambda: Provider.objects.all(),
    seen=_providers_known,
    about=_provider,
)
CONTRACT = Subject(
    key="contract",
    label=_("Contract"),
    number="number",
    every=lambda: Contract.everything.select_related("service__provider"),
    seen=_contracts_seen,
    about=_contract,
)
_OWN = (
    CONTRACT,
    Subject(
        key="application",
        label=_("Application"),
        number="number",
        every=lambda: Application.objects.select_related("service__provider"),
        seen=lambda membership: Application.objects.shown_to(membership),
        about=_application,
    ),
    Subject(
        key="request",
        label=_("Request"),
        number="number",
        every=lambda: ContractRequest.objects.select_related("contract__service__provider"),
        seen=_requests_seen,
        about=_request,
    ),
    PROVIDER,
)


def subjects() -> dict[str, Subject]:
    """Every kind of thing that a question can be about, by its key."""
    return {one.key: one for one in (*_OWN, *registered.subjects())}


def seen_by(membership: Membership, kind: str, number: str) -> About | None:
    """The thing of a kind and number that a member sees; None where there is none."""
    subject = subjects().get(kind)
    return _found(subject, subject.seen(membership), number) if subject else None


def about_of(inquiry: Inquiry) -> About | None:
    """What an inquiry is about, for whoever may see the inquiry; None where that is gone."""
    subject = subjects().get(inquiry.about_kind)
    return _found(subject, subject.every(), inquiry.about_number) if subject else None


def _found(subject: Subject, things: QuerySet[Any], number: str) -> About | None:
    one = things.filter(**{subject.number: number}).first()
    return subject.about(one) if one else None


def short(inquiry: Inquiry) -> str:
    """What an inquiry is about, by what is stored with it alone."""
    subject = subjects().get(inquiry.about_kind)
    label = str(subject.label) if subject else inquiry.about_kind
    return label if inquiry.about_kind == PROVIDER.key else f"{label} {inquiry.about_number}"


def choices(membership: Membership) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What a member can choose where nothing was named: contracts, then providers, in groups."""
    for title, subject in ((_("About a contract"), CONTRACT), (PROVIDER.label, PROVIDER)):
        things = subject.seen(membership)
        if subject is CONTRACT:
            things = things.select_related("service").order_by("-number")
        found = [(f"{subject.key}:{getattr(one, subject.number)}", _name(one)) for one in things]
        if found:
            yield str(title), found


def _name(thing: Contract | Provider) -> str:
    return f"{thing.service.name} {thing.number}" if isinstance(thing, Contract) else thing.name
