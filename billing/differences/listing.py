"""Differences as rows, for staff: listed once a fact changed, without waiting for the next billing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from billing.calculation.charged.differences import Difference
from billing.calculation.tax import tax_rates
from billing.differences.billed import last_billed
from billing.differences.compare import Compared, Comparing
from billing.differences.known_facts import KnownFacts
from billing.models import ChargeDifference, Comparison, SpecialPrice
from contracts.models import Contract, Provider

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
    found: list[ChargeDifference] = []
    for contracts in _by_provider(rows):
        undecided = {contract.pk for contract in contracts if not rows[contract.pk].first_listed}
        found += (
            _row(contract, difference, State.LISTED if contract in undecided else State.FOUND, at)
            for contract, one in differences_of(contracts, lists=True).items()
            for difference in one.differences
        )
    _list_anew(rows, found)
    Comparison.objects.filter(contract__in=rows).update(listed_at=F("changed_at"), first_listed=True)
    return bool(rows)


def _list_anew(contracts: Collection[int], found: Iterable[ChargeDifference]) -> None:
    """Store what is found of contracts in place of what was; what is the same stays, and waits as it did."""
    known = ChargeDifference.objects.filter(contract__in=contracts)
    accepted = {_what(one) for one in known.filter(state=State.ACCEPTED)}
    before = {(one.contract_id, one.month, one.product): one for one in known.open()}
    new: list[ChargeDifference] = []
    for one in found:
        old = before.get((one.contract_id, one.month, one.product))
        if old and old.state == State.LISTED:
            one.state = State.LISTED
        if old and (_what(old), old.state) == (_what(one), one.state):
            del before[one.contract_id, one.month, one.product]
        elif _what(one) not in accepted:
            new.append(one)
    known.filter(pk__in=[old.pk for old in before.values()]).delete()
    ChargeDifference.objects.bulk_create(new)


def _what(one: ChargeDifference) -> tuple[int, date, str, int, int, str, str]:
    """What a difference says, but for what becomes of it."""
    return one.contract_id, one.month, one.product, one.owed, one.amount, one.cause, one.invoice


def differences_of(contracts: Sequence[Contract], *, lists: bool = False) -> dict[int, Compared]:
    """What is to be settled of contracts of one provider, by primary key, up to the last month billed.

    They are compared whether or not something changed; `lists`: with what waits for a decision. Fetch `items`
    and `service__provider` beforehand.
    """
    last = last_billed(contracts[0].service.provider)
    if last is None:
        return {}
    special_prices: dict[int, list[SpecialPrice]] = {}
    for price in SpecialPrice.objects.filter(contract__in=contracts):
        special_prices.setdefault(price.contract_id, []).append(price)
    comparing = Comparing(last + 1, KnownFacts(), tax_rates(), everything=True, lists=lists)
    return comparing.compared(contracts, special_prices)


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


def _row(contract: int, difference: Difference, state: str, at: datetime) -> ChargeDifference:
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
        state=state,
    )
