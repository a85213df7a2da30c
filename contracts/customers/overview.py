"""What contracts tell of a customer, to who of the staff looks; more of them take no more queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from contracts.extensions.registered import monthly_fees
from contracts.lifecycle.agenda import AgendaEntry, of_contract
from contracts.models import Application, Contract, ContractRequest, CustomerNote, IssuedLetter
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import yen_text
from portal.organisations.models import Organisation, User
from portal.outbox.kinds import mails_seen_by
from portal.outbox.models import Mail
from portal.staffing.reach import within

CONTRACTS = 20
LATEST = 8


@dataclass(frozen=True)
class ContractRow:
    """A contract as it is at a moment.

    `fee` is what it costs a month, in yen without tax; None where that is not known. `next` is the first date
    ahead; None where there is none.
    """

    contract: Contract
    state: Contract.State
    fee: int | None
    next: AgendaEntry | None

    @property
    def fee_text(self) -> str:
        return "—" if self.fee is None or self.state == Contract.State.ENDED else yen_text(self.fee)


@dataclass(frozen=True)
class Contracts:
    """The first contracts of a customer, those that ended last; and how many there are in all.

    `fee` is what all that can be used today cost a month together.
    """

    rows: list[ContractRow]
    total: int
    running: int
    fee: int

    @property
    def fee_text(self) -> str:
        return yen_text(self.fee)


def contracts_of(organisation: Organisation, staff: User, at: datetime) -> Contracts:
    """A customer's contracts, as far as somebody of the staff reaches them."""
    today = japan_date(at)
    theirs = within(staff, Contract.objects.filter(organisation=organisation))
    running = _with_facts(theirs.running_on(today))  # type: ignore[attr-defined]
    shown = _with_facts(theirs.order_by(F("ends_on").desc(nulls_first=True), "-number"))[:CONTRACTS]
    used, listed = list(running), list(shown)
    fees = monthly_fees(list({one.pk: one for one in (*used, *listed)}.values()), today)
    books = Rulebooks()
    return Contracts(
        rows=[
            ContractRow(one, one.state_on(today), fees.get(one.pk), _next(one, at, books)) for one in listed
        ],
        total=theirs.count(),
        running=len(used),
        fee=sum(fees.get(one.pk, 0) for one in used),
    )


def _with_facts(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    found = contracts.select_related("service", "contracted_version__service", "application")
    return found.prefetch_related(
        "items", "suspensions", "requests__terms_version__service", "tasks", "agreements"
    )


def _next(contract: Contract, at: datetime, books: Rulebooks) -> AgendaEntry | None:
    return min(of_contract(contract, at, books), key=lambda entry: entry.on, default=None)


def requests_of(organisation: Organisation, staff: User) -> QuerySet[ContractRequest]:
    """The requests on a customer's contracts, the latest first."""
    found = ContractRequest.objects.filter(contract__organisation=organisation)
    return within(staff, found).select_related("contract__service").order_by("-submitted_at")


def applications_of(organisation: Organisation, staff: User) -> QuerySet[Application]:
    """A customer's applications, the latest first."""
    found = Application.objects.filter(organisation=organisation)
    return within(staff, found).select_related("service", "contract").order_by("-submitted_at")


def letters_to(organisation: Organisation, staff: User) -> QuerySet[IssuedLetter]:
    """The letters on a customer's applications, contracts and requests, the latest first."""
    return within(staff, IssuedLetter.objects.filter(organisation__in=organisation.as_one())).order_by(
        "-issued_at", "-pk"
    )


def mails_to(organisation: Organisation, staff: User) -> QuerySet[Mail]:
    """The e-mails to a customer that somebody of the staff may see, the latest first."""
    theirs = Mail.objects.filter(mails_seen_by(staff), organisation__in=organisation.as_one())
    return within(staff, theirs).order_by("-pk")


def notes_on(organisation: Organisation, staff: User) -> QuerySet[CustomerNote]:
    """What staff of somebody's providers noted of a customer, the latest first."""
    return within(staff, CustomerNote.objects.filter(organisation=organisation)).select_related("author")
