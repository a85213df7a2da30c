"""Contracts that hold something whose price staff still have to enter: the terms want a quotation for it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.timezone import localdate

from billing.calculation.charges import unpriced
from billing.models import Invoice
from contracts.models import Contract, ContractItem, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month, japan_date
from contracts.wording.products import product_lines


@dataclass(frozen=True)
class PriceToEnter:
    """Products of a contract that wait for their prices; `names` are what readers know them by.

    `month` is the month that charges them; None as long as nobody knows when charging begins.
    """

    contract: Contract
    products: Sequence[str]
    names: Sequence[str]
    month: Month | None

    @property
    def since(self) -> date:
        """Since when the price waits: since the acceptance; for what came later the month that charges it."""
        contract = self.contract
        if self.month and contract.billed_from_on and self.month > Month.of(contract.billed_from_on):
            return min(self.month.first, localdate())
        return japan_date(contract.accepted_at or contract.applied_at)

    @property
    def ends_on(self) -> date | None:
        """The last day that the price can have: that of the month, where a later one is invoiced already."""
        if self.month is None:
            return None
        later = Invoice.objects.charging().filter(contract=self.contract, month__gt=self.month.first)
        return self.month.last if later.exists() else None


def prices_to_enter(contracts: Q) -> Iterator[PriceToEnter]:
    """What waits of contracts, in no order. What an invoice states already waits no more."""
    keys = _quoted_products()
    months = _uninvoiced_months(keys, contracts)
    not_begun = Q(
        accepted_at__isnull=False,
        billed_from_on__isnull=True,
        ends_on__isnull=True,
        application__items__product__in=keys,
    )
    found = Contract.objects.filter(contracts).filter(not_begun | Q(pk__in=months)).distinct()
    books = Rulebooks()
    for contract in _with_what_they_hold(found):
        charging = sorted(months.get(contract.pk, ()))
        for month in [*charging] if charging else [None]:
            waiting = _waiting(contract, month, books)
            if waiting:
                yield waiting


def _waiting(contract: Contract, month: Month | None, books: Rulebooks) -> PriceToEnter | None:
    prices = contract.special_prices.all()
    if month is None:
        version = contract.formation_version
        items = {item.product: item.quantity for item in contract.application.items.all()}
        special = {price.product: price.unit_price for price in prices}
    else:
        version = books.governing(contract, month.last)
        items = contract.items_charged_in(month)
        special = {price.product: price.unit_price for price in prices if price.holds_on(month.last)}
    waiting = unpriced(version.policy, items, special)
    names = [line.name for line in product_lines(version.policy, [(key, 1) for key in waiting])]
    return PriceToEnter(contract, waiting, names, month) if waiting else None


def _quoted_products() -> set[str]:
    """The products whose prices hold only beside so many units of others, in any version as it is read."""
    versions = TermsVersion.objects.published().prefetch_related("revisions")
    policies = [version.read_on(date.max).policy for version in versions]
    return {product.key for policy in policies for product in policy.products if product.covers}


def _uninvoiced_months(keys: set[str], contracts: Q) -> dict[int, set[Month]]:
    """The months in which contracts are charged such products and which no invoice states, by contract."""
    stated = Invoice.objects.charging().filter(contract=OuterRef("contract"), month=OuterRef("charged_month"))
    charged = Q(billed_through_on__isnull=True) | Q(billed_through_on__gte=F("billed_from_on"))
    held = ContractItem.objects.filter(
        charged, contract__in=Contract.objects.filter(contracts), product__in=keys
    )
    rows = held.annotate(charged_month=TruncMonth("billed_from_on")).filter(~Exists(stated))
    months: dict[int, set[Month]] = defaultdict(set)
    for contract, billed_from_on in rows.values_list("contract", "billed_from_on"):
        months[contract].add(Month.of(billed_from_on))
    return months


def _with_what_they_hold(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    return contracts.select_related(
        "service", "organisation", "application", "contracted_version__service"
    ).prefetch_related("items", "application__items", "special_prices")
