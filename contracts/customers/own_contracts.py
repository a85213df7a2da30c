"""A customer's contracts as it lists them: what each holds and costs a month, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from contracts.customers.overview import ContractRow
from contracts.extensions.registered import monthly_fees
from contracts.inbox.under_way import asked_for
from contracts.lifecycle.agenda import AgendaEntry, of_contract
from contracts.models import Contract, ContractRequest
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.schema import Policy
from contracts.wording.products import ProductLine, product_line

NAMED = 2
_ROLLING = "cancel_by"
"""Up to when to cancel for the next end passes again and again, and asks for nothing."""


@dataclass(frozen=True)
class OwnContract(ContractRow):
    """A contract with the products that can be used today, and the requests that wait for a decision."""

    products: Sequence[ProductLine]
    asked: Sequence[ContractRequest]

    @property
    def further(self) -> int:
        """How many products there are beyond the first ones that a list names."""
        return max(0, len(self.products) - NAMED)


@dataclass(frozen=True)
class Fees:
    """What contracts cost a month, in yen without tax, by primary key where that is known.

    `unknown` is how many of those that can be used are left out of the `total`.
    """

    by_contract: Mapping[int, int]
    total: int
    unknown: int


def monthly_fees_of(contracts: QuerySet[Contract], today: date) -> Fees:
    """What each contract costs a month as it is today, and all together."""
    used = list(contracts.running_on(today).select_related("service"))  # type: ignore[attr-defined]
    known = monthly_fees(used, today)
    return Fees(known, sum(known.values()), len(used) - len(known))


def with_facts(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    """Contracts with what `own_contracts` reads of them; the texts of their terms once each."""
    found = contracts.select_related("service__provider", "application")
    return found.prefetch_related(
        "service__provider__particulars",
        "contracted_version__service",
        "requests__terms_version__service",
        "items",
        "suspensions",
        "tasks",
        "agreements",
    )


def own_contracts(contracts: Sequence[Contract], fees: Mapping[int, int], at: datetime) -> list[OwnContract]:
    """Contracts `with_facts` as they are at a moment, in their order."""
    today, books = japan_date(at), Rulebooks()
    policies: dict[int, Policy] = {}

    def row(contract: Contract) -> OwnContract:
        version = contract.contracted_version
        policy = policies.setdefault(version.pk, version.policy)
        return OwnContract(
            contract,
            contract.state_on(today),
            fees.get(contract.pk),
            _next(contract, at, books),
            [
                product_line(policy, item.product, item.quantity)
                for item in contract.items.all()
                if item.in_use_on(today)
            ],
            asked_for(contract.requests.all()),
        )

    return [row(contract) for contract in contracts]


def _next(contract: Contract, at: datetime, books: Rulebooks) -> AgendaEntry | None:
    """The next date that does not come again by itself; None where there is none."""
    ahead = (entry for entry in of_contract(contract, at, books) if entry.kind != _ROLLING)
    return min(ahead, key=lambda entry: entry.on, default=None)
