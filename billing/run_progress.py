"""How far a billing run is."""

from dataclasses import dataclass

from django.db.models import Count, Q

from billing.models import BillingRun, InvoiceKind

Status = BillingRun.Status


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
    """A run's invoices, PDFs and e-mails. `goes_on` while somebody is to wait for more."""

    invoices: Step
    pdfs: Step
    mails: Step | None
    uncertain_mails: int
    goes_on: bool


def progress_of(run: BillingRun) -> RunProgress:
    """What is done of a run; the number of its invoices is expected from its preview."""
    counts = run.invoices.filter(kind=InvoiceKind.INVOICE).aggregate(
        issued=Count("pk"),
        drawn=Count("pk", filter=~Q(pdf="")),
        told=Count("mail", filter=Q(mail__accepted_at__isnull=False)),
        uncertain=Count("mail", filter=Q(mail__claimed_at__isnull=False, mail__accepted_at__isnull=True)),
    )
    issued = counts["issued"]
    expected = run.preview["rows"][-1]["count"] + run.preview["already_issued"] if run.preview else issued
    of = max(issued, expected) if _is_under_way(run) else issued
    return RunProgress(
        invoices=Step(issued, of),
        pdfs=Step(counts["drawn"], of),
        mails=Step(counts["told"], of) if run.sends_mail else None,
        uncertain_mails=counts["uncertain"],
        goes_on=_is_under_way(run) or run.chunks.filter(finished_at__isnull=True).exists(),
    )


def _is_under_way(run: BillingRun) -> bool:
    return run.status == Status.APPROVED or (run.status == Status.ISSUING and not run.issued_at)
