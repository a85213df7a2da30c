"""What customers owe by how long it is overdue, added up by the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import Range

from billing.calculation.owed.ageing import BUCKETS, Bucket, due_between
from billing.models import CreditBalance, Invoice
from contracts.models import Provider
from portal.organisations.models import Organisation
from portal.staffing.reach import EVERY, Providers

_YEN = BigIntegerField()


@dataclass
class AgeingRow:
    """What a customer owes a provider by how long it is overdue, in yen."""

    organisation: Organisation
    provider: Provider
    amounts: dict[Bucket, int] = field(default_factory=lambda: dict.fromkeys(BUCKETS, 0))
    credit: int = 0

    @property
    def total(self) -> int:
        return sum(self.amounts.values())

    @property
    def overdue(self) -> int:
        return self.total - self.amounts["not_due"]

    @property
    def columns(self) -> list[int]:
        return list(self.amounts.values())


class Ageing:
    """A row for each customer and provider with anything open or to its credit, the largest total first.

    It is of one organisation, and of the providers that are named. Only what is taken out is read, in a
    number of queries that doesn't grow with it.
    """

    def __init__(self, day: date, organisation: Organisation | None = None, of: Providers = EVERY) -> None:
        self._day = day
        invoices = Invoice.objects.filter(of.at("provider"), open_amount__gt=0)
        credit = CreditBalance.objects.filter(of.at("provider"), amount__gt=0)
        if organisation:
            invoices = invoices.filter(debtor=organisation)
            credit = credit.filter(organisation=organisation)
        self._invoices, self._credit = invoices, credit
        by_customer = invoices.order_by().values("provider", "debtor").annotate(total=Sum("open_amount"))
        self._debts = by_customer.order_by("-total", "debtor__name", "debtor", "provider")
        owed = invoices.filter(provider=OuterRef("provider"), debtor=OuterRef("organisation"))
        self._credit_alone = credit.exclude(Exists(owed)).order_by("organisation__name", "pk")
        self._count_of_debts = by_customer.count()

    def __len__(self) -> int:
        return self._count_of_debts + self._credit_alone.count()

    def __iter__(self) -> Iterator[AgeingRow]:
        return iter(self[:])

    def __getitem__(self, asked: slice) -> list[AgeingRow]:
        first, last = asked.start or 0, asked.stop
        debts = self._debts.annotate(**_by_bucket(self._day))[first:last]
        behind = max(0, first - self._count_of_debts)
        until = None if last is None else max(behind, last - self._count_of_debts)
        return [*_of_debts(debts, self._credit), *_of_credit(self._credit_alone[behind:until])]

    def sums(self) -> list[int]:
        """What is open in all, by how long it is overdue."""
        sums = self._invoices.order_by().aggregate(**_by_bucket(self._day))
        return [sums[name] or 0 for name in BUCKETS]


def _by_bucket(day: date) -> dict[str, Sum]:
    """What is open by how long it is overdue, each part by its own due day (`Invoice.parts`)."""
    due_at_once = Q(due_at_once_on__isnull=False)
    added = Case(
        When(due_at_once, then=Value(0)), default=Least(F("added"), F("open_amount")), output_field=_YEN
    )
    parts = (
        (F("open_amount") - added, Coalesce(F("due_at_once_on"), F("due_on"))),
        (added, Coalesce(F("added_due_on"), F("due_on"))),
    )
    sums: dict[str, Sum] = {}
    for name in BUCKETS:
        days = due_between(name, day)
        within = [
            Case(When(Range(due_on, days), then=amount), default=Value(0), output_field=_YEN)
            for amount, due_on in parts
        ]
        sums[name] = Sum(within[0] + within[1])
    return sums


def _of_debts(debts: Any, credit: QuerySet[CreditBalance]) -> Iterable[AgeingRow]:
    found = list(debts)
    customers = Organisation.objects.in_bulk({one["debtor"] for one in found})
    providers = Provider.issuers.prefetch_related("particulars").in_bulk({one["provider"] for one in found})
    balances = credit.filter(organisation__in=customers).values_list("provider", "organisation", "amount")
    kept = {(provider, organisation): amount for provider, organisation, amount in balances}
    for one in found:
        yield AgeingRow(
            customers[one["debtor"]],
            providers[one["provider"]],
            {name: one[name] for name in BUCKETS},
            kept.get((one["provider"], one["debtor"]), 0),
        )


def _of_credit(balances: QuerySet[CreditBalance]) -> Iterable[AgeingRow]:
    related = balances.select_related("organisation", "provider")
    for balance in related.prefetch_related("provider__particulars"):
        yield AgeingRow(balance.organisation, balance.provider, credit=balance.amount)
