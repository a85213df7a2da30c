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
    return f"{kind.value}{day.year % 100:02}-{counter.last:06}"
