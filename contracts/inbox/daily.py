"""What a day brings: reminders, each once, whoever runs the day, however late and however often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.applications.drafts import remove_old_drafts
from contracts.correspondence.mail_kinds import with_files
from contracts.inbox.reminders import DueReminder, due_reminders
from contracts.models import Reminder
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.organisations.accounts.changes import look_at_managers
from portal.organisations.accounts.sign_ins import forget_old_sign_ins
from portal.organisations.company.details import take_up_coming
from portal.outbox.keeping import erase_secrets
from portal.outbox.kinds import Kind
from portal.outbox.models import Mail


@dataclass
class DayReport:
    """How many reminders were put into the outbox now, and how many had been before.

    `drafts_removed` counts drafts of applications that nobody touched for long.
    """

    sent: int = 0
    sent_before: int = 0
    drafts_removed: int = 0


def run_day(on: date, clock: Callable[[], datetime] = timezone.now) -> DayReport:
    """Put every reminder of a day into the outbox that is not there yet.

    Drafts that nobody has touched for long go, as do old sign-ins, and secrets in e-mails that went out long
    enough ago. Managers are told who became one, or is none any more. What
    organisations reported for the day holds. Raises HeldBackError.
    """
    ensure_free()
    erase_secrets(clock())
    forget_old_sign_ins(clock())
    look_at_managers(clock())
    take_up_coming(on)
    report = DayReport(drafts_removed=remove_old_drafts(clock()))
    for due in due_reminders(on):
        if not due.to or (due.until and due.until < clock()):
            continue
        if _queue(due, clock()):
            report.sent += 1
        else:
            report.sent_before += 1
    return report


@transaction.atomic
def _queue(due: DueReminder, at: datetime) -> bool:
    """Put a reminder into the outbox, for each of its addresses; false where that was done before."""
    Reminder.objects.get_or_create(key=due.key, defaults={"contract": due.contract, "due_on": due.due_on})
    unclaimed = Reminder.objects.filter(key=due.key, claimed_at__isnull=True, sent_at__isnull=True)
    if not unclaimed.update(claimed_at=at, to=", ".join(due.to)[:2000]):
        return False
    due.queue()
    return True


def _taken(mail: Mail, at: datetime) -> None:
    """Store when a reminder went out first."""
    reminder = Reminder.objects.select_for_update(of=("self",)).get(key=mail.data["reminder"])
    if reminder.sent_at:
        return
    reminder.sent_at = at
    reminder.save(update_fields=["sent_at"])
    about = reminder.contract or reminder
    record("reminder.sent", None, about, reminder=reminder.key, due_on=reminder.due_on)


def _kind(key: str, label: Any) -> Kind:
    return Kind(key=key, label=label, model="contracts.contract", write=with_files, taken=_taken)


REMINDERS = (
    _kind("reminder_renewal", _("Reminder of a renewal")),
    _kind("reminder_deadline", _("Reminder of a deadline")),
    _kind("reminder_staff", _("Reminder to staff")),
)
