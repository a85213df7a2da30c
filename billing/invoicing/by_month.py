"""What a customer was charged in the last months, by service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from billing.models import Invoice
from contracts.models import Service
from contracts.rules.calendar.period import Month

MONTHS = 24


@dataclass(frozen=True)
class ServiceCharges:
    """What a service was charged with in each month, in yen with tax and less what was returned."""

    service: Service
    amounts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.amounts)


@dataclass(frozen=True)
class ChargedByMonth:
    """Months of use, the earliest first, and what each service was charged with in them."""

    months: tuple[Month, ...]
    services: Sequence[ServiceCharges]

    @property
    def rows(self) -> list[tuple[Month, tuple[int, ...], int]]:
        """Each month, the latest first: what each service was charged with, and what they come to."""
        by_month = zip(*(one.amounts for one in self.services), strict=True)
        rows = [(month, found, sum(found)) for month, found in zip(self.months, by_month, strict=True)]
        return rows[::-1]

    @property
    def highest(self) -> int:
        """The most that one service was charged with in a month."""
        return max((amount for one in self.services for amount in one.amounts), default=0)


def charged_by_month(seen: QuerySet[Invoice], today: date) -> ChargedByMonth:
    """What was invoiced here for the last 24 months up to this one; what was cancelled is not counted."""
    last = Month.of(today)
    months = tuple(last + -back for back in reversed(range(MONTHS)))
    charged = seen.filter(cancelled_on__isnull=True, month__range=(months[0].first, last.first))
    rows = charged.exclude(kind=Invoice.Kind.BROUGHT).order_by().values("contract__service", "month")
    found = {
        (row["contract__service"], Month.of(row["month"])): row["sum"]
        for row in rows.annotate(sum=Sum("gross"))
    }
    services = Service.objects.filter(pk__in={service for service, _month in found})
    return ChargedByMonth(
        months,
        [ServiceCharges(one, tuple(found.get((one.pk, month), 0) for month in months)) for one in services],
    )
