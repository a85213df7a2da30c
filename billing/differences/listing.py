"""Differences as rows, for staff: listed once a fact changed, without waiting for the next billing."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from billing.calculation.charged.differences import Difference
from billing.calculation.tax import tax_rates
from billing.differences.compare import Compared, Comparing
from billing.differences.known_facts import KnownFacts
from billing.models import BillingRun, ChargeDifference, Comparison, SpecialPrice
from contracts.models import Contract, Provider
from contracts.rules.calendar.period import Month

State = ChargeDifference.State
AT_ONCE = 200


def to_list() -> QuerySet[Comparison]:
    """Contracts of which a fact changed since their differences were last listed."""
    not_since = Q(listed_at__isnull=True) | Q(listed_at__lt=F("changed_at"))
    return Comparison.objects.filter(not_since, changed_at__isnull=False)


def list_changed() -> None:
    """List the differences of every contract of which a fact changed; safe to call twice at once."""
    while _list_next():
        pass


@transaction.atomic
def _list_next() -> bool:
    """List the differences of the next contracts; whether there were any."""
    waiting = to_list().select_for_update(skip_locked=True, of=("self",)).order_by("contract")
    rows = {row.contract_id: row for row in waiting[:AT_ONCE]}
    at = timezone.now()
    known = ChargeDifference.objects.filter(contract__in=rows)
    undecided = set(known.filter(state=State.LISTED).values_list("contract", "month", "product"))
    accepted = set(known.filter(state=State.ACCEPTED).values_list("contract", "month", "product", "amount"))
    known.open().delete()
    for contracts in _by_provider(rows):
        undecided_all = {contract.pk for contract in contracts if not rows[contract.pk].first_listed}
        found = [
            _row(contract, difference, at)
            for contract, one in differences_of(contracts).items()
            for difference in one.differences
        ]
        for row in found:
            if row.contract_id in undecided_all or (row.contract_id, row.month, row.product) in undecided:
                row.state = State.LISTED
        ChargeDifference.objects.bulk_create(
            row for row in found if (row.contract_id, row.month, row.product, row.amount) not in accepted
        )
    Comparison.objects.filter(contract__in=rows).update(listed_at=F("changed_at"), first_listed=True)
    return bool(rows)


def differences_of(contracts: Sequence[Contract]) -> dict[int, Compared]:
    """What is to be settled of contracts of one provider, by primary key, up to the last month billed.

    They are compared whether or not something changed. Fetch `items` and `service__provider` beforehand.
    """
    last = last_billed(contracts[0].service.provider)
    if last is None:
        return {}
    special_prices: dict[int, list[SpecialPrice]] = {}
    for price in SpecialPrice.objects.filter(contract__in=contracts):
        special_prices.setdefault(price.contract_id, []).append(price)
    comparing = Comparing(last + 1, KnownFacts(), tax_rates(), everything=True)
    return comparing.compared(contracts, special_prices)


def last_billed(provider: Provider) -> Month | None:
    """The last month whose billing has looked at every contract of a provider; None before the first."""
    through = BillingRun.objects.filter(provider=provider, issued_at__isnull=False)
    last: date | None = through.aggregate(last=Max("month"))["last"]
    return Month.of(last) if last else None


def unmarked_differences(provider: Provider) -> Iterator[tuple[Contract, Difference]]:
    """Compare all that a provider ever charged, and give what no mark says: there should be nothing."""
    known = ChargeDifference.objects.open().values("contract")
    contracts = _with_facts(Contract.objects.filter(service__provider=provider)).exclude(pk__in=known)
    unmarked = contracts.exclude(comparison__changed_at__isnull=False)
    last = 0
    while some := list(unmarked.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        found = differences_of(some)
        for contract in some:
            for difference in found[contract.pk].differences if contract.pk in found else ():
                yield contract, difference
        last = some[-1].pk


def _by_provider(keys: Sequence[int] | dict[int, Comparison]) -> list[list[Contract]]:
    by_provider: dict[int, list[Contract]] = {}
    for contract in _with_facts(Contract.objects.filter(pk__in=keys)):
        by_provider.setdefault(contract.service.provider_id, []).append(contract)
    return list(by_provider.values())


def _with_facts(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    return contracts.select_related("service__provider").prefetch_related("items")


def _row(contract: int, difference: Difference, at: datetime) -> ChargeDifference:
    month, product = difference.supply
    return ChargeDifference(
        contract_id=contract,
        month=month.first,
        product=product,
        owed=difference.owed,
        charged=difference.charged,
        amount=difference.amount,
        cause=difference.cause,
        invoice=difference.invoice or "",
        found_at=at,
    )
