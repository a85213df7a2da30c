"""Who is told by a notice: the organisations whose contracts it concerns, and the people named for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from contracts.correspondence.addressees import named_by_organisation
from contracts.models import Contract, Notice
from portal.organisations.company.concerned import Topic, chosen, unwanted
from portal.organisations.models import Membership, Organisation, User


@dataclass(frozen=True)
class Recipient:
    """An organisation with the people to be told, in the language of its latest application.

    All of them read it on the site; those `mailed` get it by e-mail, too, as it concerns their role. `named`
    are the addresses beside theirs of whom the terms name for its contracts.
    """

    organisation: Organisation
    people: tuple[User, ...]
    language: str
    mailed: tuple[User, ...]
    named: tuple[str, ...] = ()


def contracts_told(notice: Notice, today: date) -> QuerySet[Contract]:
    """The contracts that a notice concerns, as they are known today."""
    contracts = Contract.objects.filter(service=notice.service_id)
    if notice.scope == Notice.Scope.AFFECTED:
        contracts = contracts.running_on(notice.effective_on)
    else:
        contracts = contracts.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))
    if notice.product:
        contracts = contracts.filter(
            Q(items__ends_on__isnull=True) | Q(items__ends_on__gte=notice.effective_on),
            items__product=notice.product,
            items__starts_on__lte=notice.effective_on,
        )
    return contracts.distinct()


def organisations_told(notice: Notice, today: date) -> QuerySet[Organisation]:
    """The organisations of these contracts, by name."""
    told = contracts_told(notice, today).order_by().values("organisation")
    return Organisation.objects.filter(pk__in=told)


def recipients(notice: Notice, today: date, first: int | None = None) -> Iterator[Recipient]:
    """Every organisation that is told, by name; who is limited to other contracts is none of its people.

    With `first`, so many of them, and nothing is read of the others.
    """
    told = contracts_told(notice, today)
    if first is not None:
        told = told.filter(organisation__in=list(organisations_told(notice, today)[:first]))
    concerned = ~Q(is_limited=True) | Q(pk__in=_limited_to(told))
    members = Prefetch("memberships", Membership.objects.acting().filter(concerned).select_related("user"))
    languages = dict(told.order_by("applied_at").values_list("organisation", "application__language"))
    named = named_by_organisation(Contract.objects.filter(pk__in=told.values("pk")))
    refused = unwanted(languages)
    for organisation in Organisation.objects.filter(pk__in=languages).prefetch_related(members):
        memberships = list(organisation.memberships.all())
        people = tuple(membership.user for membership in memberships)
        mailed = tuple(chosen(memberships, Topic.NOTICES, refused))
        known = {person.email for person in mailed}
        beside = (address for address in named.get(organisation.pk, ()) if address not in known)
        yield Recipient(organisation, people, languages[organisation.pk], mailed, tuple(beside))


def _limited_to(contracts: QuerySet[Contract]) -> QuerySet[Any]:
    """The memberships that are limited, and to any of some contracts; by their keys."""
    limits = Membership.contracts.through._default_manager
    return limits.filter(contract__in=contracts.order_by().values("pk")).values("membership")
