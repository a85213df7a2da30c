"""From which month on a provider bills here, and up to which one: what lies between is compared."""

from datetime import date

from django.db.models import Exists, Max, Min, OuterRef, Q

from billing.differences.marks import facts_of_provider_changed
from billing.models import BillingRun, Invoice
from contracts.models import Provider
from contracts.rules.calendar.period import Month


def first_billed(provider: int, but: BillingRun | None = None) -> Month | None:
    """The first month that a provider, by its primary key, billed here, `but` that of a run."""
    issued = Exists(Invoice.objects.filter(run=OuterRef("pk")))
    through = Q(status__in=(BillingRun.Status.ISSUING, BillingRun.Status.DONE))
    begun = BillingRun.objects.filter(through | issued, provider=provider)
    if but:
        begun = begun.exclude(pk=but.pk)
    first: date | None = begun.aggregate(first=Min("month"))["first"]
    return Month.of(first) if first else None


def last_billed(provider: Provider) -> Month | None:
    """The last month whose billing has looked at every contract of a provider; None before the first."""
    through = BillingRun.objects.filter(provider=provider, issued_at__isnull=False)
    last: date | None = through.aggregate(last=Max("month"))["last"]
    return Month.of(last) if last else None


def note_beginning(run: BillingRun) -> None:
    """Mark the contracts of a provider whose first month is from now on the one of a run.

    The months from there to the one that was the first count as billed here, and no run looked at them.
    """
    if run.issued_at or run.invoices.exists():
        return
    before = first_billed(run.provider_id, but=run)
    if before and run.billed_month < before:
        facts_of_provider_changed(run.provider_id)
