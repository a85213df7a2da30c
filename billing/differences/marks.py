"""Of which contracts a fact changed since their charges were last compared: only those are compared again."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from billing.calculation.tax import tax_rates
from billing.models import Comparison, Invoice, SpecialPrice
from contracts.models import Contract, ContractItem
from contracts.rules.calendar.period import Month

if TYPE_CHECKING:
    from billing.differences.known_facts import KnownFacts

_CALCULATION = 1
"""Counted up with each change of how charges are calculated, so that everything is compared once more."""


def fact_changed(contract: int) -> None:
    """Note that something changed from which the charges of a contract, by its primary key, follow."""
    Comparison.objects.update_or_create(contract_id=contract, defaults={"changed_at": timezone.now()})


def facts_of_service_changed(service: int) -> None:
    """Note that terms or prices changed for days that may be invoiced already."""
    Comparison.objects.filter(contract__service=service).update(changed_at=timezone.now())


def facts_of_provider_changed(provider: int) -> None:
    """Note that something changed for every contract with a provider, by its primary key."""
    Comparison.objects.filter(contract__service__provider=provider).update(changed_at=timezone.now())


def note_agreement(
    contracts: Collection[Contract],
    special_prices: Mapping[int, Sequence[SpecialPrice]],
    through: Month,
    known: "KnownFacts",
    since: datetime,
) -> None:
    """Note that documents charge what facts give, up to a month; what changed after `since` stays noted."""
    rows = [
        Comparison(
            contract=contract,
            digest=digest(contract, special_prices.get(contract.pk, ()), through, known),
            through=through.first,
        )
        for contract in contracts
    ]
    Comparison.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["contract"], update_fields=["digest", "through"]
    )
    keys = [contract.pk for contract in contracts]
    Comparison.objects.filter(contract__in=keys, changed_at__lte=since).update(changed_at=None)


def digest(
    contract: Contract, special_prices: Iterable[SpecialPrice], through: Month, known: "KnownFacts"
) -> str:
    """The SHA-256, in hexadecimal, of all that the charges up to a month follow from, but for imported use.

    What takes effect after the month changes nothing. Imported use never changes.
    """
    last = through.last
    held = sorted(
        (item.product, item.quantity, str(item.billed_from_on), str(_up_to(item.billed_through_on, last)))
        for item in contract.items.all()
        if item.billed_from_on <= last
    )
    own = sorted(
        (price.product, price.unit_price, str(price.starts_on), str(_up_to(price.ends_on, last)))
        for price in special_prices
        if price.starts_on <= last
    )
    agreed = [
        (agreement.rules, str(agreement.effective_on), str(_up_to(agreement.ends_on, last)))
        for agreement in known.books.agreements_of(contract)
        if agreement.effective_on <= last
    ]
    stated: list[Any] = [known.digest(contract.service, through), _of_the_law(), held, own, agreed]
    if sellers := known.books.agents_since(contract):
        stated.append([(str(day), agent.key) for day, agent in sellers if day <= last])
    return hashlib.sha256(json.dumps(stated).encode()).hexdigest()


def _up_to(day: date | None, last: date) -> date:
    """A last day as far as a month's end sees it."""
    return min(day, last) if day else last


@cache
def _of_the_law() -> list[Any]:
    rates = [(rate.category, str(rate.since), str(rate.percent)) for rate in tax_rates().rates]
    return [_CALCULATION, rates]


def changed_before(month: Month) -> Q:
    """Contracts that may owe something else for months before this one than was charged.

    A fact changed, or they ended with a month that no billing looked at: those that go on are billed anyway.
    """
    of_contract = Comparison.objects.filter(contract=OuterRef("pk"))
    changed = of_contract.filter(changed_at__isnull=False, first_listed=True)
    begun = ContractItem.objects.filter(contract=OuterRef("pk"), billed_from_on__lt=month.first)
    invoiced = Invoice.objects.live().filter(contract=OuterRef("pk"), month__lt=month.first)
    to_the_end = Q(through__gte=TruncMonth("contract__billed_through_on"))
    looked_at = of_contract.filter(to_the_end | Q(first_listed=False))
    left_out = Q(billed_through_on__lt=month.first) & ~Exists(looked_at)
    return left_out | (Q(Exists(changed)) & (Q(Exists(begun)) | Q(Exists(invoiced))))
