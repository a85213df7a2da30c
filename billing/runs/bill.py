"""Billing a month at once: issue it, and go on where an interrupted run stopped.

The database alone says what is done. Contracts are billed in chunks, a transaction each, that holds the row
of the provider's invoice counter: two runs at once take turns and never bill a contract twice, and a killed
run leaves whole chunks behind. An invoice whose PDF is missing says so by its empty `pdf`; whoever comes next
makes it. Runs that a second person approves go through `billing.runs.states` and `run_work`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.documents.drawers import Drawers
from billing.invoicing.drafts import MonthlyCharges
from billing.invoicing.invoice_mails import hand_over
from billing.invoicing.pdfs import make_missing_pdfs, without_pdf
from billing.models import BillingChunk, BillingRun
from billing.runs.chunks import (
    Totals,
    Unbilled,
    close_chunk,
    each_chunk,
    invoices_of,
    issue_chunk,
    unbilled,
    vanished,
)
from billing.runs.states import StoppedError, confirm, is_to_confirm, note_issued, settle
from contracts.models import Provider
from contracts.rules.calendar.period import Month
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.installation.processes import this_process
from portal.organisations.models import User

Status = BillingRun.Status


@dataclass
class RunResult:
    """A run after a call of `bill`.

    `total` counts all invoices of the run; `issued` and `pdfs` are what the call added. `mail_trouble` is why
    e-mails wait, in the mail server's words.
    """

    run: BillingRun
    total: Totals = field(default_factory=Totals)
    issued: int = 0
    pdfs: int = 0
    problems: list[Unbilled] = field(default_factory=list)
    mail_trouble: str = ""

    @property
    def finished(self) -> bool:
        return self.run.status == Status.DONE


Report = Callable[[int, int], None]
"""Told how many contracts and missing PDFs are dealt with, out of how many in all."""


def bill(
    provider: Provider,
    month: Month,
    issued_on: date,
    staff: User | None = None,
    report: Report = lambda done, of: None,
    processes: int = 1,
    *,
    sends_mail: bool = False,
) -> RunResult:
    """Issue the invoices of a month that are not issued yet, and make every PDF that is missing.

    Call it again, or twice at the same time: each contract gets one invoice for the month and numbers have
    no gaps. New invoices bear the day `issued_on`, and are told of by e-mail where `sends_mail` says so. The
    run is done once nothing is left; contracts that cannot be billed keep it open, with the reasons in the
    result. Where there are many PDFs to draw, as many `processes` draw them.

    Nobody is asked for approval. A run that has one and is not through keeps the issue date of that. Raises
    ValidationError where a run of the month is on its way to approval, would issue something else than was
    approved, or was cancelled, and while the installation is held back.
    """
    ensure_free()
    run = _confirmed(_started(provider, month, issued_on, staff, sends_mail))
    if run.is_bound:
        issued_on = run.issued_on
    result = RunResult(run)
    charges = MonthlyCharges(month)
    all_work = unbilled(provider, month).count() + without_pdf(run).count()
    without_invoice = 0
    me = this_process()

    def tell() -> None:
        done = result.pdfs + without_invoice
        report(done, max(done, all_work))

    def made_pdf() -> None:
        result.pdfs += 1
        tell()

    with Drawers(processes) as drawers:
        make_missing_pdfs(run, made_pdf, drawers)
        for left in run.chunks.filter(finished_at__isnull=True):
            _finish(left, result)
        for chunk in each_chunk(lambda last: issue_chunk(run, charges, last, issued_on, staff, me)):
            result.issued += len(chunk.drafts)
            result.problems += chunk.problems
            without_invoice += len(chunk.contracts) - len(chunk.drafts)
            tell()
            make_missing_pdfs(run, made_pdf, drawers)
            for issued in chunk.issued:
                _finish(issued, result)
    result.problems += vanished(run, result.problems)
    note_issued(run, result.problems)
    result.run = settle(run, staff)
    result.total = totals(run)
    return result


def _finish(chunk: BillingChunk, result: RunResult) -> None:
    """Send the e-mails of a chunk whose PDFs are made; what the mail server does not take waits."""
    result.mail_trouble = hand_over(invoices_of(chunk)) or result.mail_trouble
    close_chunk(chunk)


def totals(run: BillingRun) -> Totals:
    """The sums of all invoices of a run that stand."""
    sums = run.invoices.live().aggregate(
        count=Count("pk"), net=Sum("net"), tax=Sum("tax"), gross=Sum("gross")
    )
    return Totals(**{name: amount or 0 for name, amount in sums.items()})


def _started(
    provider: Provider, month: Month, issued_on: date, staff: User | None, sends_mail: bool
) -> BillingRun:
    """The run of the month, which may be issued."""
    with transaction.atomic():
        run, created = BillingRun.objects.select_for_update().get_or_create(
            provider=provider,
            month=month.first,
            defaults={"issued_on": issued_on, "started_by": staff, "started_at": timezone.now()},
        )
        if run.status in (Status.CALCULATING, Status.CALCULATED, Status.PREVIEWED):
            raise ValidationError(
                _("The run of %(month)s of %(provider)s is not approved yet. See its page in the admin."),
                code="not_approved",
                params={"month": str(month), "provider": provider.name},
            )
        if run.status == Status.CANCELLED:
            raise ValidationError(
                _("The run of %(month)s of %(provider)s was cancelled. Begin it again in the admin."),
                code="cancelled",
                params={"month": str(month), "provider": provider.name},
            )
        run.sends_mail = run.sends_mail or sends_mail
        run.save(update_fields=["sends_mail"])
        if created:
            record("billing_run.started", staff, run, provider=provider.code, month=str(month))
    return run


def _confirmed(run: BillingRun) -> BillingRun:
    """The run; one that was approved is calculated once more before its first invoice."""
    if is_to_confirm(run):
        with suppress(StoppedError):
            confirm(run)
        run.refresh_from_db()
        if run.status not in (Status.ISSUING, Status.DONE):
            raise ValidationError(
                _("The run of %(month)s of %(provider)s is no longer approved. See its page in the admin."),
                code="changed",
                params={"month": str(run.billed_month), "provider": run.provider.name},
            )
    return run
