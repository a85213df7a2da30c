"""What waits to be put on an invoice besides the monthly fees: usage and one-off amounts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from billing.models import Adjustment, Invoice, SpecialPrice, UsageRecord
from billing.pricing.claims import claimed, open_claims
from contracts.models import Contract, Service, TermsVersion
from contracts.rules.calendar.period import Month

_AT_ONCE = 500


class Used(NamedTuple):
    """A record of usage that no invoice charges yet."""

    pk: int
    product: str
    month: Month
    quantity: int


@dataclass
class Pending:
    """What waits of one contract, and its special prices."""

    used: list[Used] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    special_prices: list[SpecialPrice] = field(default_factory=list)

    def special_on(self, day: date) -> dict[str, int]:
        """The contract's own unit prices of a day, by product key."""
        return {price.product: price.unit_price for price in self.special_prices if price.holds_on(day)}


def pending_of(contracts: Collection[Contract], month: Month) -> dict[int, Pending]:
    """What waits of contracts for a month's invoice, by primary key; four queries however many.

    What was claimed of them is among the one-off amounts, though not stored yet.
    """
    found: dict[int, Pending] = defaultdict(Pending)
    keys = [contract.pk for contract in contracts]
    waits = UsageRecord.objects.standing().filter(invoice__isnull=True, month__lte=month.first)
    used = waits.filter(contract__in=keys)
    rows = used.order_by("pk").values_list("contract", "pk", "product", "month", "quantity")
    for contract, pk, product, first, quantity in rows.iterator():
        found[contract].used.append(Used(pk, product, Month.of(first), quantity))
    waiting = Adjustment.objects.pending().filter(contract__in=keys, month__lte=month.first)
    for adjustment in waiting.order_by("pk"):
        found[adjustment.contract_id].adjustments.append(adjustment)
    for claim in claimed(keys, month):
        found[claim.contract_id].adjustments.append(claim)
    for price in SpecialPrice.objects.filter(contract__in=keys):
        found[price.contract_id].special_prices.append(price)
    return found


def with_something_pending(contracts: QuerySet[Contract], month: Month) -> QuerySet[Contract]:
    """Those contracts of which usage or one-off amounts wait, up to a month."""
    waits = UsageRecord.objects.standing().filter(invoice__isnull=True, month__lte=month.first)
    used = waits.filter(contract=OuterRef("pk"))
    waiting = Adjustment.objects.pending().filter(contract=OuterRef("pk"), month__lte=month.first)
    claims = open_claims(month).filter(contract=OuterRef("pk"))
    return contracts.filter(Exists(used) | Exists(waiting) | Exists(claims))


def mark_as_stated(invoices: Sequence[Invoice], stated: Sequence[Pending]) -> None:
    """Note on usage and one-off amounts which of the new invoices states them; store what was claimed.

    IntegrityError if somebody else's invoice stated one of them meanwhile, or it was taken back.
    """
    decided = [adjustment for pending in stated for adjustment in pending.adjustments]
    Adjustment.objects.bulk_create([adjustment for adjustment in decided if adjustment.pk is None])
    used = [record.pk for pending in stated for record in pending.used]
    adjustments = [adjustment.pk for adjustment in decided]
    own = Invoice.objects.filter(
        pk__in=[invoice.pk for invoice in invoices], contract=OuterRef("contract")
    ).values("pk")[:1]
    waiting = (
        (UsageRecord.objects.standing().filter(invoice__isnull=True), used),
        (Adjustment.objects.pending(), adjustments),
    )
    for charged, keys in waiting:
        for place in range(0, len(keys), _AT_ONCE):
            some = keys[place : place + _AT_ONCE]
            marked = charged.filter(pk__in=some).update(invoice=Subquery(own))
            if marked != len(some):
                raise IntegrityError("what was to be charged is charged already")


def release(invoice: Invoice) -> None:
    """Let usage and one-off amounts of a cancelled invoice wait again."""
    UsageRecord.objects.filter(invoice=invoice).update(invoice=None)
    Adjustment.objects.filter(invoice=invoice).update(invoice=None)


@dataclass(frozen=True)
class MissingUsage:
    """A contract that used a product the month before, but of whose usage nothing has come in.

    `product` is its key, `names` its name in each language.
    """

    contract: str
    service: str
    product: str
    names: dict[str, str]
    month: Month


def missing_usage(months: Iterable[tuple[Service, Month]]) -> list[MissingUsage]:
    """Where usage seems to be missing: `months` gives for each service the month whose usage is charged."""
    missing: list[MissingUsage] = []
    for service, month in months:
        same = UsageRecord.objects.standing().filter(
            contract=OuterRef("contract"), product=OuterRef("product"), month=month.first
        )
        charged = Contract.objects.charged_in(month).filter(service=service)
        before = UsageRecord.objects.standing().filter(contract__in=charged, month=(month + -1).first)
        rows = before.filter(~Exists(same)).order_by("contract__number", "product")
        found = list(rows.values_list("contract__number", "product").distinct())
        names = _names(service, month) if found else {}
        missing += [
            MissingUsage(number, service.name, key, names.get(key, {"ja": key, "en": key}), month)
            for number, key in found
        ]
    return missing


def _names(service: Service, month: Month) -> dict[str, dict[str, str]]:
    """The products' names in each language, by key, as the terms of a month's end call them."""
    version = TermsVersion.objects.in_force(service, month.last)
    products = version.policy.products if version else ()
    return {product.key: product.name.model_dump() for product in products}
