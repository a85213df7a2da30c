"""Short numbers that customers can refer to, such as A26-000123: unique, and never given twice."""

from datetime import date

from django.db import transaction

from contracts.models import NumberCounter


@transaction.atomic
def next_number(kind: NumberCounter.Kind, day: date) -> str:
    """Give the next number of a kind in the year of a day.

    The counter stays locked until the caller's transaction ends; if that fails, the number is given again.
    """
    counter, _created = NumberCounter.objects.select_for_update().get_or_create(kind=kind, year=day.year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{series_of(kind.value, day.year)}-{counter.last:06}"


def series_of(kind: str, year: int) -> str:
    """What the numbers of a kind begin with in a year: `A26`."""
    return f"{kind}{year % 100:02}"
