"""What a day brings: reminders, each once, whoever runs the day, however late and however often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contracts.applications.drafts import remove_old_drafts
from contracts.inbox.reminders import DueReminder, due_reminders
from contracts.models import Reminder
from portal.audit.record import record
from portal.installation.holding import ensure_free

LEASE = timedelta(hours=1)
"""After how long a reminder that somebody was sending, and never finished, is taken up again."""


@dataclass
class DayReport:
    """How many reminders went out now, did before, and were not taken by the mail server.

    `drafts_removed` counts drafts of applications that nobody touched for long.
    """

    sent: int = 0
    sent_before: int = 0
    failed: int = 0
    drafts_removed: int = 0


def run_day(on: date, clock: Callable[[], datetime] = timezone.now) -> DayReport:
    """Send every reminder of a day that has not gone out yet.

    Each is claimed in the ledger before it is sent: of two runs at once, one sends. What the mail server
    refuses is tried again by the next run. Drafts that nobody has touched for long go. Raises HeldBackError.
    """
    ensure_free()
    report = DayReport(drafts_removed=remove_old_drafts(clock()))
    for due in due_reminders(on):
        if not _claim(due, clock()):
            report.sent_before += 1
        elif due.send():
            _sent(due, clock())
            report.sent += 1
        else:
            Reminder.objects.filter(key=due.key).update(claimed_at=None)
            report.failed += 1
    return report


def _claim(due: DueReminder, at: datetime) -> bool:
    Reminder.objects.get_or_create(key=due.key, defaults={"contract": due.contract, "due_on": due.due_on})
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LEASE)
    claimed = Reminder.objects.filter(free, key=due.key, sent_at__isnull=True).update(claimed_at=at)
    return claimed == 1


@transaction.atomic
def _sent(due: DueReminder, at: datetime) -> None:
    Reminder.objects.filter(key=due.key).update(sent_at=at, to=", ".join(due.to)[:2000])
    record("reminder.sent", None, due.contract, reminder=due.key, due_on=due.due_on)
