"""Billing a month at once: issue it, and go on where an interrupted run stopped.

The database alone says what is done. Contracts are billed in chunks, a transaction each, that holds the row
of the provider's invoice counter: two runs at once take turns and never bill a contract twice, and a killed
run leaves whole chunks behind. An invoice whose PDF is missing says so by its empty `pdf`; whoever comes next
makes it. Runs that a second person approves go through `billing.operations.run_states` and `run_work`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from billing.documents.drawers import Drawers
from billing.models import BillingRun
from billing.operations.chunks import Totals, Unbilled, each_chunk, issue_chunk, unbilled
from billing.operations.drafts import MonthlyCharges
from billing.operations.pdfs import make_missing_pdfs, without_pdf
from contracts.models import Provider
from contracts.rules.period import Month
from portal.audit.record import record
from portal.organisations.models import User


@dataclass
class RunResult:
    """A run after a call of `bill`.

    `total` counts all invoices of the run; `issued` and `pdfs` are what the call added.
    """

    run: BillingRun
    total: Totals = field(default_factory=Totals)
    issued: int = 0
    pdfs: int = 0
    problems: list[Unbilled] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return self.run.status == BillingRun.Status.DONE


Report = Callable[[int, int], None]
"""Told how many contracts and missing PDFs are dealt with, out of how many in all."""


def bill(
    provider: Provider,
    month: Month,
    issued_on: date,
    staff: User | None = None,
    report: Report = lambda done, of: None,
    processes: int = 1,
) -> RunResult:
    """Issue the invoices of a month that are not issued yet, and make every PDF that is missing.

    Call it again, or twice at the same time: each contract gets one invoice for the month and numbers have
    no gaps. New invoices bear the day `issued_on`. The run is done once nothing is left; contracts that
    cannot be billed keep it open, with the reasons in the result. Where there are many PDFs to draw, as many
    `processes` draw them. Nobody is asked for approval.
    """
    run = _started(provider, month, issued_on, staff)
    result = RunResult(run)
    charges = MonthlyCharges(month)
    all_work = unbilled(provider, month).count() + without_pdf(run).count()
    without_invoice = 0

    def tell() -> None:
        done = result.pdfs + without_invoice
        report(done, max(done, all_work))

    def made_pdf() -> None:
        result.pdfs += 1
        tell()

    with Drawers(processes) as drawers:
        make_missing_pdfs(run, made_pdf, drawers)
        for chunk in each_chunk(lambda last: issue_chunk(run, charges, last, issued_on, staff)):
            result.issued += len(chunk.drafts)
            result.problems += chunk.problems
            without_invoice += len(chunk.contracts) - len(chunk.drafts)
            tell()
            make_missing_pdfs(run, made_pdf, drawers)
    note_issued(run, result.problems)
    result.run = settle(run, staff)
    result.total = totals(run)
    return result


def totals(run: BillingRun) -> Totals:
    """The sums of all invoices of a run that stand."""
    sums = run.invoices.live().aggregate(
        count=Count("pk"), net=Sum("net"), tax=Sum("tax"), gross=Sum("gross")
    )
    return Totals(**{name: amount or 0 for name, amount in sums.items()})


def note_issued(run: BillingRun, problems: list[Unbilled]) -> None:
    """Keep that a pass over the contracts came to its end, and which it could not bill."""
    BillingRun.objects.filter(pk=run.pk).exclude(status=BillingRun.Status.CANCELLED).update(
        issued_at=timezone.now(), problems=[asdict(problem) for problem in problems], trouble=""
    )


def settle(run: BillingRun, staff: User | None = None) -> BillingRun:
    """The run as it stands now: done when nothing is left to do, open otherwise."""
    with transaction.atomic():
        current = BillingRun.objects.select_for_update().select_related("provider").get(pk=run.pk)
        if current.status not in (BillingRun.Status.ISSUING, BillingRun.Status.DONE):
            return current
        done = current.issued_at and not current.problems and not without_pdf(current).exists()
        status = BillingRun.Status.DONE if done else BillingRun.Status.ISSUING
        if current.status != status:
            current.status = status
            current.finished_at = timezone.now() if done else None
            current.save(update_fields=["status", "finished_at"])
            action = "billing_run.finished" if done else "billing_run.reopened"
            record(action, staff, current, provider=current.provider.code, month=str(current.billed_month))
    return current


def _started(provider: Provider, month: Month, issued_on: date, staff: User | None) -> BillingRun:
    """The run of the month; what waited for approval, or was cancelled, goes on without."""
    with transaction.atomic():
        run, created = BillingRun.objects.select_for_update().get_or_create(
            provider=provider,
            month=month.first,
            defaults={"issued_on": issued_on, "started_by": staff, "started_at": timezone.now()},
        )
        if not created and run.status not in (BillingRun.Status.ISSUING, BillingRun.Status.DONE):
            run.status, created = BillingRun.Status.ISSUING, True
            run.save(update_fields=["status"])
        if created:
            record("billing_run.started", staff, run, provider=provider.code, month=str(month))
    return run
