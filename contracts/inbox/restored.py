"""What a restore from a backup leaves open: reminders and numbers that may have gone out since.

Each function runs inside the caller's transaction, unless it only reads.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime

from contracts.deciding.numbers import series_of
from contracts.inbox.reminders import DueReminder, due_reminders
from contracts.models import NumberCounter, Reminder

_SERIES = re.compile(r"(?P<kind>[A-Z])(?P<year>[0-9]{2})")


def unsaid_reminders(on: date) -> Iterator[DueReminder]:
    """The reminders that `daily` would send on a day."""
    said = set(Reminder.objects.filter(claimed_at__isnull=False).values_list("key", flat=True))
    return (due for due in due_reminders(on) if due.key not in said)


def take_reminders_as_said(on: date, at: datetime) -> int:
    """Let the reminders of a day count as said, to nobody known; gives how many."""
    unsaid = list(unsaid_reminders(on))
    for due in unsaid:
        Reminder.objects.update_or_create(
            key=due.key,
            defaults={"claimed_at": at, "sent_at": at},
            create_defaults={
                "contract": due.contract,
                "due_on": due.due_on,
                "claimed_at": at,
                "sent_at": at,
            },
        )
    return len(unsaid)


def current_counters() -> dict[str, NumberCounter]:
    """The newest counter of each kind of number, by series, such as A26 for A26-000123."""
    newest = {counter.kind: counter for counter in NumberCounter.objects.order_by("year")}
    return {series_of(counter.kind, counter.year): counter for counter in newest.values()}


def counter_of(series: str) -> NumberCounter | None:
    """The counter of a series, not stored yet where it gave no number; None where there is no such series."""
    parts = _SERIES.fullmatch(series)
    if parts is None or parts["kind"] not in NumberCounter.Kind.values:
        return None
    wanted = {"kind": parts["kind"], "year": 2000 + int(parts["year"])}
    return NumberCounter.objects.filter(**wanted).first() or NumberCounter(**wanted)
