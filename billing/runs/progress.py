"""How far a billing run is, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from billing.invoicing.invoice_mails import mails_of
from billing.models import BillingRun

Status = BillingRun.Status

PATIENCE = timedelta(seconds=90)
"""How long work may lie idle before staff are told: workers look for it every half minute."""


@dataclass(frozen=True)
class Step:
    """How many are done of how many that are expected."""

    done: int
    of: int

    @property
    def percent(self) -> int:
        return 100 if not self.of else min(100, 100 * self.done // self.of)


@dataclass(frozen=True)
class RunProgress:
    """A run's calculation, while that is under way; its invoices, PDFs and e-mails.

    `goes_on` while there is something to wait for; `idle_since` if nobody has worked on that for a while.
    """

    calculation: Step | None
    invoices: Step
    pdfs: Step
    mails: Step | None
    mails_to_look_at: int
    goes_on: bool
    idle_since: datetime | None


def progress_of(run: BillingRun) -> RunProgress:
    """What is done of a run; the number of its invoices is expected from its preview."""
    counts = run.invoices.charging().aggregate(
        issued=Count("pk"),
        drawn=Count("pk", filter=~Q(pdf="")),
    )
    sent = mails_of(run.invoices.charging()).filter(again_of__isnull=True)
    told = sent.aggregate(mails=Count("pk"), taken=Count("taken_at"))
    issued = counts["issued"]
    expected = run.preview["rows"][-1]["count"] + run.preview["already_issued"] if run.preview else issued
    is_calculated = run.status in (Status.CALCULATING, Status.APPROVED)
    of = max(issued, expected) if _is_being_issued(run) else issued
    mails = told["mails"] + (of - issued if run.sends_mail else 0)
    goes_on = is_calculated or _is_being_issued(run) or run.chunks.filter(finished_at__isnull=True).exists()
    return RunProgress(
        calculation=Step(run.contracts_done, run.contracts_all) if is_calculated else None,
        invoices=Step(issued, of),
        pdfs=Step(counts["drawn"], of),
        mails=Step(told["taken"], mails) if mails else None,
        mails_to_look_at=sent.to_look_at().count(),
        goes_on=goes_on,
        idle_since=_idle_since(run) if goes_on else None,
    )


def _is_being_issued(run: BillingRun) -> bool:
    return run.status == Status.APPROVED or (run.status == Status.ISSUING and not run.issued_at)


def _idle_since(run: BillingRun) -> datetime | None:
    """When somebody last worked on a run that is not done; None while somebody does, or did just now."""
    last_chunk = run.chunks.aggregate(until=Max("leased_until"))["until"]
    moments = (run.approved_at or run.started_at, run.leased_until, last_chunk)
    last = max(moment for moment in moments if moment)
    return last if last < timezone.now() - PATIENCE else None
