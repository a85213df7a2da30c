"""Which overdue invoices the next reminder is due for."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from billing.calculation.owed.ageing import DAYS_BETWEEN, DunningStep, days_overdue, next_step
from billing.models import Invoice, ReminderLine
from billing.receivables.balances import overdue_on
from contracts.models import Provider


@dataclass(frozen=True)
class DueReminder:
    """An overdue invoice whose next reminder is due."""

    invoice: Any
    step: DunningStep
    days: int


def steps_of(provider: Provider) -> list[DunningStep]:
    """The reminders that a provider sends, in order. After them come the grounds that its terms name."""
    return [DunningStep(number, **step) for number, step in enumerate(provider.reminders, 1)]


def for_reminder(day: date, invoices: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Overdue invoices whose next reminder is due on a day, those due first in front."""
    condition = Q(pk__in=[])
    for provider in Provider.issuers.all():
        for step in steps_of(provider):
            late = Q(provider=provider, open_due_on__lte=day - timedelta(days=step.after_days))
            condition |= late & _after(step.number - 1, day)
    return overdue_on(day, invoices).filter(condition).order_by("open_due_on", "number")


def due_reminders(
    day: date, invoices: QuerySet[Invoice] | None = None, *, most: int | None = None
) -> list[DueReminder]:
    """The same, each with its reminder; no more than the first `most`."""
    found = for_reminder(day, invoices).select_related("debtor", "provider", "contract__service")
    every = list(found.prefetch_related("contract__agreements")[:most])
    sent: dict[int, list[date]] = defaultdict(list)
    for line in ReminderLine.objects.filter(invoice__in=every).select_related("reminder"):
        sent[line.invoice_id].append(line.reminder.issued_on)
    return [
        DueReminder(invoice, step, days_overdue(invoice.open_due_on, day))
        for invoice in every
        if (step := next_step(steps_of(invoice.provider), invoice.open_due_on, sent[invoice.pk], day))
    ]


def _after(count: int, day: date) -> Q:
    """The condition on invoices that had so many reminders, the last of them long enough before a day."""
    lines = ReminderLine.objects.order_by()
    if not count:
        return Q(~Exists(lines.filter(invoice=OuterRef("pk"))))
    reminded = lines.values("invoice").annotate(count=Count("pk"), last=Max("reminder__issued_on"))
    ready = reminded.filter(count=count, last__lte=day - timedelta(days=DAYS_BETWEEN))
    return Q(pk__in=ready.values("invoice"))
