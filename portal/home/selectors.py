"""What the home pages show, read in a number of queries that doesn't grow with the number of contracts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.invoicing.coming import Coming, next_invoices
from billing.models import Invoice
from billing.pricing.fees import fees_with_tax
from billing.receivables.balances import State, overdue_on, state_for
from contracts.inbox.under_way import asked_for
from contracts.lifecycle.deadlines import UpcomingDeadline, by_weight, next_deadlines
from contracts.models import (
    ApplicationDraft,
    Contract,
    ContractRequest,
    Service,
    TermsVersion,
)
from contracts.models import Notice as SentNotice
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.wording.links import version_url
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership

CONTRACTS_SHOWN = 10
DATES_SHOWN = 2
INVOICES_SHOWN = 5
NOTICES_SHOWN = 5


@dataclass(frozen=True)
class ContractCard:
    """A contract with what can be said of it today.

    `fee` is what it is charged monthly in this month, in yen with tax; None where that is not known. `coming`
    is its next invoice, `asked` what was asked for on it and waits for a decision.
    """

    contract: Contract
    state: Contract.State
    overdue: bool
    fee: int | None
    coming: Coming | None
    dates: Sequence[UpcomingDeadline]
    asked: Sequence[ContractRequest]


@dataclass(frozen=True)
class Notice:
    """Something that the customer should know; `on` is the day it is about."""

    on: date
    title: str
    url: str
    unread: bool = False


def services_on_offer() -> QuerySet[Service]:
    return Service.objects.select_related("provider").prefetch_related("provider__particulars")


def contract_cards(membership: Membership, at: datetime) -> list[ContractCard]:
    """The newest of the contracts that have not ended."""
    today = localdate(at)
    ended = Q(ends_on__lt=today) | Q(end_kind=Contract.EndKind.REFUSED)
    contracts = list(
        Contract.objects.shown_to(membership)
        .exclude(ended)
        .select_related("service__provider", "organisation", "application")
        .prefetch_related(
            "contracted_version__service", "items", "suspensions", "requests__terms_version__service"
        )
        .order_by("-number")[:CONTRACTS_SHOWN]
    )
    books = Rulebooks()
    money = _Money(contracts, today, books)
    return [
        ContractCard(
            contract,
            contract.state_on(today),
            contract.pk in money.owing,
            money.fees.get(contract.pk),
            money.coming.get(contract.pk),
            by_weight(next_deadlines(contract, at, books), DATES_SHOWN),
            asked_for(contract.requests.all()),
        )
        for contract in contracts
    ]


class _Money:
    """What contracts cost and owe, by primary key."""

    def __init__(self, contracts: Sequence[Contract], today: date, books: Rulebooks) -> None:
        owed = overdue_on(today, Invoice.objects.of_present_customers().filter(contract__in=contracts))
        self.owing: set[int] = set(owed.values_list("contract", flat=True))
        self.fees: Mapping[int, int] = fees_with_tax(contracts, Month.of(today), books)
        self.coming: Mapping[int, Coming] = next_invoices(contracts, today, books)


def drafts(membership: Membership) -> QuerySet[ApplicationDraft]:
    """What a member has begun to apply for and not sent yet, as long as the member may apply."""
    if not membership.may_on(Right.CONTRACTS):
        return ApplicationDraft.objects.none()
    own = ApplicationDraft.objects.filter(organisation=membership.organisation_id, person=membership.user_id)
    return own.select_related("service")


def recent_invoices(membership: Membership, today: date) -> list[tuple[Invoice, State]]:
    """The latest invoices with the state of their payment."""
    invoices = Invoice.objects.shown_to(membership).order_by("-issued_on", "-number")[:INVOICES_SHOWN]
    return [(invoice, state_for(membership.organisation, invoice, today)) for invoice in invoices]


def notices(membership: Membership, today: date) -> list[Notice]:
    """Notices that were not read, and announced changes of terms that no notice told of."""
    told = SentNotice.objects.shown_to(membership).unread_by(membership.user)
    return [*_sent(told), *_announced(membership, told, today)]


def _sent(told: QuerySet[SentNotice]) -> Iterator[Notice]:
    for notice in told[:NOTICES_SHOWN]:
        yield Notice(
            localdate(notice.sent_at),
            notice.shown_subject,
            reverse("contracts:notice-detail", args=[notice.pk]),
            unread=notice.unread,
        )


def _announced(membership: Membership, told: QuerySet[SentNotice], today: date) -> Iterator[Notice]:
    going_on = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    theirs = Contract.objects.shown_to(membership).filter(going_on)
    announced = (
        TermsVersion.objects.published()
        .filter(service__in=theirs.values("service"), effective_on__gt=today)
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
