"""What workers do for an approved run. Each step may be called again, by anybody, at any time."""

from collections.abc import Callable
from contextlib import suppress

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.documents.drawers import Drawers
from billing.invoicing.drafts import MonthlyCharges
from billing.invoicing.invoice_mails import hand_over
from billing.invoicing.pdfs import make_pdfs
from billing.models import BillingChunk, BillingRun, Invoice
from billing.runs.chunks import Unbilled, close_chunk, each_chunk, invoices_of, issue_chunk, vanished
from billing.runs.leases import Lease, free, take, working
from billing.runs.states import (
    StoppedError,
    calculate,
    confirm,
    is_to_confirm,
    note_issued,
    settle,
)
from portal.installation.holding import ensure_free

Status = BillingRun.Status


def runs_to_take_up() -> QuerySet[BillingRun]:
    """Runs to calculate, and approved runs whose contracts are not all looked at, that nobody works on."""
    unfinished = Q(status__in=(Status.CALCULATING, Status.APPROVED)) | Q(
        status=Status.ISSUING, approved_at__isnull=False, issued_at__isnull=True
    )
    return BillingRun.objects.filter(unfinished & free())


def chunks_to_finish() -> QuerySet[BillingChunk]:
    """Chunks with PDFs or e-mails left, and that nobody works on, whatever became of their run since."""
    return BillingChunk.objects.filter(free(), finished_at__isnull=True)


def documents_to_draw() -> QuerySet[Invoice]:
    """Returns and reissued invoices without PDF: they belong to no chunk, and drawing them failed before."""
    single = Q(run__isnull=True) | Q(replaces__isnull=False)
    return Invoice.objects.exclude(kind=Invoice.Kind.BROUGHT).filter(single, pdf="")


def runs_to_settle() -> QuerySet[BillingRun]:
    """Runs of which nothing is left, and that nobody has called done yet."""
    unfinished = BillingChunk.objects.filter(run=OuterRef("pk"), finished_at__isnull=True)
    issued = BillingRun.objects.filter(status=Status.ISSUING, issued_at__isnull=False, problems=[])
    return issued.filter(~Exists(unfinished))


def advance_run(run_pk: int, worker: str, issued: Callable[[BillingChunk], None]) -> None:
    """Calculate a run that was begun, or issue an approved one; nothing where somebody else does.

    An approved run is calculated once more before its first invoice. `issued` is told of each chunk. Raises
    HeldBackError.
    """
    ensure_free()
    lease = take(runs_to_take_up(), run_pk, worker)
    if lease is None:
        return
    with working(lease, run_pk):
        run = BillingRun.objects.select_related("provider", "approved_by").get(pk=run_pk)
        with suppress(StoppedError):
            if run.status == Status.CALCULATING:
                calculate(run, lease.renew)
            elif not is_to_confirm(run) or confirm(run, lease.renew):
                _issue(run, lease, issued)


def _issue(run: BillingRun, lease: Lease, issued: Callable[[BillingChunk], None]) -> None:
    charges = MonthlyCharges(run.billed_month)
    problems: list[Unbilled] = []
    for chunk in each_chunk(lambda last: issue_chunk(run, charges, last, run.issued_on, run.approved_by)):
        problems += chunk.problems
        for one in chunk.issued:
            issued(one)
        lease.renew()
    problems += vanished(run, problems)
    note_issued(run, problems)
    settle(run)


def finish_chunk(chunk_pk: int, worker: str, processes: int = 1) -> None:
    """Make the PDFs of a chunk and send its e-mails; nothing where somebody else does.

    E-mails that the mail server does not take wait in the outbox. Raises OSError where a file cannot be
    written: the rest waits. Raises HeldBackError.
    """
    ensure_free()
    lease = take(chunks_to_finish(), chunk_pk, worker)
    if lease is None:
        return
    chunk = BillingChunk.objects.select_related("run").get(pk=chunk_pk)
    with working(lease, chunk.run_id):
        with Drawers(processes) as drawers:
            make_pdfs(invoices_of(chunk).filter(pdf=""), lease.renew, drawers)
        hand_over(invoices_of(chunk), lease.renew)
        close_chunk(chunk)
    settle(chunk.run)
