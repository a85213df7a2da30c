"""What workers do for an approved run. Each step may be called again, by anybody, at any time.

A worker leases what it works on: nobody else takes it up before the lease ran out, which it renews as it goes
on. A lease keeps work from being done twice; that nothing is issued or sent twice doesn't rest on it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from billing.documents.drawers import Drawers
from billing.models import BillingChunk, BillingRun, Invoice, InvoiceKind
from billing.operations.chunks import Unbilled, each_chunk, issue_chunk
from billing.operations.drafts import MonthlyCharges
from billing.operations.invoice_mails import hand_over, queue_mails
from billing.operations.pdfs import make_pdfs
from billing.operations.runs import note_issued, settle

Status = BillingRun.Status

LEASE = timedelta(minutes=5)


def runs_to_issue() -> QuerySet[BillingRun]:
    """Runs whose contracts are not all looked at, and that nobody works on."""
    unfinished = Q(status=Status.APPROVED) | Q(
        status=Status.ISSUING, approved_at__isnull=False, issued_at__isnull=True
    )
    return BillingRun.objects.filter(unfinished & _free())


def chunks_to_finish() -> QuerySet[BillingChunk]:
    """Chunks of approved runs with PDFs or e-mails left, and that nobody works on."""
    left = Q(finished_at__isnull=True, run__approved_at__isnull=False)
    return BillingChunk.objects.filter(left & _free())


def issue_run(run_pk: int, worker: str, issued: Callable[[BillingChunk], None]) -> None:
    """Issue the invoices of an approved run, and tell of each chunk; nothing where somebody else does."""
    if not _lease(runs_to_issue(), run_pk, worker):
        return
    BillingRun.objects.filter(pk=run_pk, status=Status.APPROVED).update(status=Status.ISSUING)
    run = BillingRun.objects.select_related("provider", "approved_by").get(pk=run_pk)
    charges = MonthlyCharges(run.billed_month)
    problems: list[Unbilled] = []
    try:
        for chunk in each_chunk(lambda last: issue_chunk(run, charges, last, run.issued_on, run.approved_by)):
            problems += chunk.problems
            if chunk.issued:
                issued(chunk.issued)
            if not _renew(run, worker):
                return
        note_issued(run, problems)
    except Exception as trouble:
        note_trouble(run, trouble)
        raise
    finally:
        _release(run, worker)
    settle(run)


def finish_chunk(chunk_pk: int, worker: str, processes: int = 1) -> None:
    """Make the PDFs of a chunk, and send its e-mails if the run sends any, unless somebody else does."""
    unfinished = BillingChunk.objects.filter(_free(), finished_at__isnull=True)
    if not _lease(unfinished, chunk_pk, worker):
        return
    chunk = BillingChunk.objects.select_related("run").get(pk=chunk_pk)
    try:
        with Drawers(processes) as drawers:
            make_pdfs(invoices_of(chunk).filter(pdf=""), lambda: None, drawers)
        if chunk.run.sends_mail:
            queue_mails(invoices_of(chunk))
            hand_over(invoices_of(chunk))
        BillingChunk.objects.filter(pk=chunk_pk).update(finished_at=timezone.now())
    except Exception as trouble:
        note_trouble(chunk.run, trouble)
        raise
    finally:
        _release(chunk, worker)
    settle(chunk.run)


def invoices_of(chunk: BillingChunk) -> QuerySet[Invoice]:
    return Invoice.objects.filter(
        run=chunk.run_id,
        kind=InvoiceKind.INVOICE,
        fiscal_year=chunk.fiscal_year,
        sequence__range=(chunk.first, chunk.last),
    )


def note_trouble(run: BillingRun, trouble: Exception) -> None:
    """Keep for staff what stopped the work; it is taken up again later."""
    BillingRun.objects.filter(pk=run.pk).update(trouble=f"{type(trouble).__name__}: {trouble}"[:1000])


def _free() -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lt=timezone.now())


def _lease(free: QuerySet[Any], pk: int, worker: str) -> bool:
    """Take what is free; false where somebody else was first."""
    return bool(free.filter(pk=pk).update(worker=worker, leased_until=timezone.now() + LEASE))


def _renew(held: BillingRun | BillingChunk, worker: str) -> bool:
    """Hold on to what is leased; false where it went to somebody else meanwhile."""
    mine = type(held).objects.filter(pk=held.pk, worker=worker)
    return bool(mine.update(leased_until=timezone.now() + LEASE))


def _release(held: Model, worker: str) -> None:
    model: Any = type(held)
    model.objects.filter(pk=held.pk, worker=worker).update(worker="", leased_until=None)
