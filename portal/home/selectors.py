"""What the home pages show, read in a number of queries that doesn't grow with the number of contracts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.models import Invoice
from billing.receivables.balances import State, overdue_on, state_for
from contracts.consents.renewals import to_answer
from contracts.extensions.kinds import kind_label
from contracts.lifecycle.deadlines import UpcomingDeadline, next_deadlines
from contracts.models import (
    Application,
    ApplicationDraft,
    Contract,
    ContractRequest,
    Service,
    TermsVersion,
)
from contracts.models import Notice as SentNotice
from contracts.policies.rulebooks import Rulebooks
from contracts.wording.links import version_url
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership

CONTRACTS_SHOWN = 10
DEADLINES_SHOWN = 2
INVOICES_SHOWN = 5
NOTICES_SHOWN = 5


@dataclass(frozen=True)
class ContractCard:
    """A contract with what can be said of it today."""

    contract: Contract
    state: Contract.State
    overdue: bool
    deadlines: Sequence[UpcomingDeadline]


@dataclass(frozen=True)
class Notice:
    """Something that the customer should know; `on` is the day it is about."""

    on: date
    title: str
    url: str
    unread: bool = False


def services_on_offer() -> QuerySet[Service]:
    return Service.objects.select_related("provider").prefetch_related("provider__particulars")


def contract_cards(membership: Membership, at: datetime, overdue: Sequence[Invoice]) -> list[ContractCard]:
    """The contracts that have not ended, the newest first."""
    contracts = (
        Contract.objects.shown_to(membership)
        .select_related("service__provider")
        .prefetch_related(
            "contracted_version__service", "items", "suspensions", "requests__terms_version__service"
        )
        .order_by("-number")
    )
    today = localdate(at)
    with_state = ((contract, contract.state_on(today)) for contract in contracts)
    going_on = (pair for pair in with_state if pair[1] != Contract.State.ENDED)
    books = Rulebooks()
    owing = {invoice.contract_id for invoice in overdue}
    return [
        ContractCard(
            contract,
            state,
            contract.pk in owing,
            next_deadlines(contract, at, books)[:DEADLINES_SHOWN],
        )
        for contract, state in islice(going_on, CONTRACTS_SHOWN)
    ]


def applications_under_way(membership: Membership) -> QuerySet[Application]:
    mine = Application.objects.shown_to(membership)
    return mine.filter(status=Application.Status.SUBMITTED).select_related("service")


def drafts(membership: Membership) -> QuerySet[ApplicationDraft]:
    """What a member has begun to apply for and not sent yet, as long as the member may apply."""
    if not membership.may_on(Right.CONTRACTS):
        return ApplicationDraft.objects.none()
    own = ApplicationDraft.objects.filter(organisation=membership.organisation_id, person=membership.user_id)
    return own.select_related("service")


def overdue_invoices(membership: Membership, today: date) -> Sequence[Invoice]:
    owed = Invoice.objects.filter(debtor=membership.organisation_id)
    return list(overdue_on(today, membership.seen_of(owed, "contract")).order_by("open_due_on"))


def recent_invoices(membership: Membership, today: date) -> list[tuple[Invoice, State]]:
    """The latest invoices with the state of their payment."""
    invoices = Invoice.objects.shown_to(membership).order_by("-issued_on", "-number")[:INVOICES_SHOWN]
    return [(invoice, state_for(membership.organisation, invoice, today)) for invoice in invoices]


def notices(
    membership: Membership,
    cards: Sequence[ContractCard],
    overdue: Sequence[Invoice],
    today: date,
) -> list[Notice]:
    """Overdue invoices, requests and consents that wait for an answer, notices, announced changes."""
    told = SentNotice.objects.shown_to(membership).unread_by(membership.user)
    return [
        *_unpaid(overdue),
        *waiting_requests(membership),
        *_to_answer(membership, today),
        *_sent(told),
        *_announced(cards, told, today),
    ]


def _unpaid(overdue: Sequence[Invoice]) -> Iterator[Notice]:
    for invoice in overdue:
        yield Notice(
            invoice.open_due_on,
            _("Invoice %(number)s is overdue.") % {"number": invoice.number},
            reverse("billing:invoice-detail", args=[invoice.number]),
        )


def _to_answer(membership: Membership, today: date) -> Iterator[Notice]:
    """Consents that wait for an answer."""
    for renewal in to_answer(membership, today):
        service, version = renewal.version.service, renewal.version
        yield Notice(
            version.effective_on,
            _("Please answer: new terms of %(service)s.") % {"service": service.name},
            reverse("contracts:consent-renewal", args=[service.slug, version.name]),
        )


def _sent(told: QuerySet[SentNotice]) -> Iterator[Notice]:
    for notice in told[:NOTICES_SHOWN]:
        yield Notice(
            localdate(notice.sent_at),
            notice.shown_subject,
            reverse("contracts:notice-detail", args=[notice.pk]),
            unread=notice.unread,
        )


def _announced(cards: Sequence[ContractCard], told: QuerySet[SentNotice], today: date) -> Iterator[Notice]:
    """Changes of terms that no notice told of."""
    announced = (
        TermsVersion.objects.published()
        .filter(service__in={card.contract.service_id for card in cards}, effective_on__gt=today)
        .exclude(pk__in=told.values("terms_version").filter(terms_version__isnull=False))
        .select_related("service")
        .order_by("effective_on")
    )
    for version in announced:
        yield Notice(
            version.effective_on,
            _("The terms of %(service)s change: version %(version)s.")
            % {"service": version.service.name, "version": version.name},
            version_url(version),
        )


def waiting_requests(membership: Membership) -> list[Notice]:
    """Requests that wait for the member: for an answer, or for a document."""
    if not membership.may(Right.CONTRACTS):
        return []
    undecided = (
        ContractRequest.objects.filter(
            contract__in=Contract.objects.shown_to(membership), status__in=ContractRequest.OPEN
        )
        .filter(Q(status=ContractRequest.Status.ASKED_BACK) | Q(proof_wanted=True, documents__isnull=True))
        .order_by("submitted_at")
    )
    return [
        Notice(
            localdate(asked.submitted_at),
            _wanted_of(asked) % {"request": kind_label(asked.kind), "number": asked.number},
            reverse("contracts:contract-request-detail", args=[asked.number]),
        )
        for asked in undecided
    ]


def _wanted_of(asked: ContractRequest) -> str:
    if asked.status == ContractRequest.Status.ASKED_BACK:
        return _("Please answer: %(request)s (%(number)s).")
    return _("Please hand in a document: %(request)s (%(number)s).")
