"""What waits for a customer because of its contracts: stops, questions, documents, terms to agree to."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Window
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts.consents.renewals import Renewal, to_answer
from contracts.extensions.kinds import kind_label
from contracts.extensions.to_do import MOST, Area, ToDo, each_or_one
from contracts.inbox.stops import ToldStop, stops_on
from contracts.models import (
    Application,
    ApplicationMessage,
    Contract,
    ContractDocument,
    ContractRequest,
    Suspension,
)
from contracts.models.document import PAPER
from contracts.policies.rulebooks import Rulebooks
from contracts.wording.formats import yen_text
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership

SUSPENDED = (Suspension.Kind.SUSPENSION, Suspension.Kind.UNTIL_PAID)

Owed = Callable[[Collection[int], date], Mapping[int, int]]
"""What is overdue of contracts on a day, in yen with tax, by their primary keys."""


def suspended_contracts(membership: Membership, day: date) -> QuerySet[Contract]:
    """The contracts of which the provider has suspended the service, or a part of it, on a day."""
    lasts = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    stops = Suspension.objects.filter(lasts, contract=OuterRef("pk"), kind__in=SUSPENDED, starts_on__lte=day)
    return Contract.objects.shown_to(membership).filter(lasts, Exists(stops))


def waiting_requests(membership: Membership) -> QuerySet[ContractRequest]:
    """Requests that wait for a member: for an answer, or for a document."""
    if not membership.may(Right.CONTRACTS):
        return ContractRequest.objects.none()
    proofs = ContractDocument.objects.filter(request=OuterRef("pk")).exclude(kind=PAPER)
    waits = Q(status=ContractRequest.Status.ASKED_BACK) | Q(~Exists(proofs), proof_wanted=True)
    theirs = Contract.objects.shown_to(membership)
    undecided = ContractRequest.objects.filter(waits, contract__in=theirs, status__in=ContractRequest.OPEN)
    return undecided.order_by("submitted_at", "pk")


def waiting_applications(membership: Membership) -> QuerySet[Application]:
    """Applications that wait for a member's answer to a question, as one for a proof of identity."""
    if not membership.may(Right.CONTRACTS):
        return Application.objects.none()
    last = ApplicationMessage.objects.filter(application=OuterRef("pk")).order_by("-at", "-pk")
    undecided = Application.objects.shown_to(membership).filter(status=Application.Status.SUBMITTED)
    asked = undecided.annotate(last_said=Subquery(last.values("kind")[:1]))
    waiting = asked.filter(last_said=ApplicationMessage.Kind.QUESTION)
    return waiting.select_related("service").order_by("submitted_at", "pk")


def of_contracts(membership: Membership, day: date, owed: Owed) -> Iterator[ToDo]:
    """All of that on a day; `owed` tells what is to be paid for a stopped service."""
    yield from _stops(membership, day, owed)
    yield from _requests(membership, day)
    yield from _applications(membership, day)
    yield from (_to_agree(renewal, day) for renewal in to_answer(membership, day))


def _stops(membership: Membership, day: date, owed: Owed) -> Iterator[ToDo]:
    stopped = suspended_contracts(membership, day)
    read = stopped.select_related("service", "contracted_version__service", "application")
    found = list(read.prefetch_related("suspensions").order_by("number")[: MOST + 1])
    if not found:
        return
    amounts, books = owed([contract.pk for contract in found], day), Rulebooks()

    def each(contract: Contract) -> ToDo:
        stop = next(told for told in stops_on(contract, day, books) if told.is_suspension)
        names = {"service": contract.service.name, "number": contract.number}
        return ToDo(
            kind="stop",
            area=Area.CONTRACTS,
            text=_("%(service)s is suspended (%(number)s).") % names,
            detail="\n".join(_why_and_how(stop, amounts.get(contract.pk, 0))),
            url=reverse("contracts:contract-detail", args=[contract.number]),
            action=_("See what to do"),
            day=day,
            presses=True,
        )

    def together() -> ToDo:
        count = stopped.count()
        text = ngettext("%(count)s contract is suspended.", "%(count)s contracts are suspended.", count) % {
            "count": count
        }
        return ToDo(
            kind="stop",
            area=Area.CONTRACTS,
            text=text,
            url=reverse("contracts:contract-list"),
            action=_("See the contracts"),
            day=day,
            presses=True,
            count=count,
        )

    yield from each_or_one(found, each, together)


def _why_and_how(stop: ToldStop, overdue: int) -> Iterator[str]:
    if stop.reason:
        yield _("Reason: %(reason)s") % {"reason": stop.reason.text}
    if stop.for_debt and overdue:
        yield _("%(amount)s is overdue.") % {"amount": yen_text(overdue)}
    yield stop.goes_on


def _requests(membership: Membership, day: date) -> Iterator[ToDo]:
    waiting = waiting_requests(membership)
    counted = waiting.select_related("contract__service").annotate(in_all=Window(Count("pk")))
    found: list[Any] = list(counted[: MOST + 1])
    yield from each_or_one(found, partial(_request, day), lambda: _answers(found[0].in_all, day))


def _request(day: date, asked: ContractRequest) -> ToDo:
    asks = asked.status == ContractRequest.Status.ASKED_BACK
    text = (
        _("Please answer: %(request)s (%(number)s).")
        if asks
        else _("Please hand in a document: %(request)s (%(number)s).")
    )
    return ToDo(
        kind="question" if asks else "document",
        area=Area.CONTRACTS,
        text=text % {"request": kind_label(asked.kind), "number": asked.number},
        detail=asked.contract.service.name,
        url=reverse("contracts:contract-request-detail", args=[asked.number]),
        action=_("Answer the question") if asks else _("Hand in the document"),
        day=day,
    )


def _answers(count: int, day: date) -> ToDo:
    text = ngettext(
        "%(count)s request waits for your answer or a document.",
        "%(count)s requests wait for your answer or a document.",
        count,
    )
    return ToDo(
        kind="question",
        area=Area.CONTRACTS,
        text=text % {"count": count},
        url=reverse("contracts:contract-list"),
        action=_("See the contracts"),
        day=day,
        count=count,
    )


def _applications(membership: Membership, day: date) -> Iterator[ToDo]:
    counted = waiting_applications(membership).annotate(in_all=Window(Count("pk")))
    found: list[Any] = list(counted[: MOST + 1])
    yield from each_or_one(found, partial(_application, day), lambda: _of_applications(found[0].in_all, day))


def _application(day: date, application: Application) -> ToDo:
    text = _("Please answer a question on your application for %(service)s (%(number)s).")
    return ToDo(
        kind="question",
        area=Area.CONTRACTS,
        text=text % {"service": application.service.name, "number": application.number},
        url=reverse("contracts:application-questions", args=[application.number]),
        action=_("Answer the question"),
        day=day,
    )


def _of_applications(count: int, day: date) -> ToDo:
    text = ngettext(
        "%(count)s application waits for your answer.",
        "%(count)s applications wait for your answer.",
        count,
    )
    return ToDo(
        kind="question",
        area=Area.CONTRACTS,
        text=text % {"count": count},
        url=reverse("contracts:contract-list"),
        action=_("See the applications"),
        day=day,
        count=count,
    )


def _to_agree(renewal: Renewal, day: date) -> ToDo:
    version = renewal.version
    return ToDo(
        kind="terms",
        area=Area.NOTICES,
        text=_("Agree to the new terms of %(service)s, or refuse.") % {"service": version.service.name},
        detail=_("From the day on which they take effect, pages of your contracts wait for the answer."),
        url=reverse("contracts:consent-renewal", args=[version.service.slug, version.name]),
        action=_("Read and answer"),
        day=day,
        deadline=renewal.last_day,
    )
