"""Billing a month: preview it, issue it, and go on where an interrupted run stopped.

The database alone says what is done. Contracts are billed in chunks, a transaction each, that holds the row
of the provider's invoice counter: two runs at once take turns and never bill a contract twice, and a killed
run leaves whole chunks behind. An invoice whose PDF is missing says so by its empty `pdf`; whoever comes next
makes it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Sum
from django.utils import timezone

from billing.documents.drawers import Drawers
from billing.documents.invoice_document import as_original
from billing.models import BillingRun, Invoice, InvoiceKind
from billing.operations.drafts import CannotBillError, Draft, MonthlyCharges
from billing.operations.issuing import locked_counter, number_of, unsaved_invoice
from billing.operations.pdfs import make_missing_pdfs, without_pdf
from billing.operations.pending import MissingUsage, mark_as_stated, missing_usage, with_something_pending
from contracts.models import Contract, Provider, Service
from contracts.rules.period import Month
from portal.audit.record import record
from portal.organisations.models import User

CHUNK = 200


@dataclass(frozen=True)
class Unbilled:
    """A contract that could not be billed, and why."""

    contract: str
    service: str
    reason: str


@dataclass
class Totals:
    """How many invoices, and their sums in yen."""

    count: int = 0
    net: int = 0
    tax: int = 0
    gross: int = 0

    def add(self, draft: Draft) -> None:
        self.count += 1
        self.net += draft.calculation.net
        self.tax += draft.calculation.tax
        self.gross += draft.calculation.gross


@dataclass
class Preview:
    """What billing a month would do, by the name of the service and in total.

    `uncharged` counts contracts of the month without any amount to charge; `missing_usage` names products
    that were used the month before, and of whose use nothing has come in.
    """

    provider: Provider
    month: Month
    services: dict[str, Totals] = field(default_factory=dict)
    total: Totals = field(default_factory=Totals)
    already_issued: int = 0
    uncharged: int = 0
    problems: list[Unbilled] = field(default_factory=list)
    missing_usage: list[MissingUsage] = field(default_factory=list)


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


@dataclass
class _Chunk:
    """Contracts looked at, in order of their numbers, and what came of them."""

    contracts: Sequence[Contract]
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Unbilled] = field(default_factory=list)

    @property
    def uncharged(self) -> int:
        return len(self.contracts) - len(self.drafts) - len(self.problems)


Report = Callable[[int, int], None]
"""Told how many contracts and missing PDFs are dealt with, out of how many in all."""


def preview(provider: Provider, month: Month) -> Preview:
    """Calculate what is not yet issued of a month, without storing anything."""
    result = Preview(provider, month)
    issued = Invoice.objects.charging().filter(provider=provider, month=month.first)
    result.already_issued = issued.count()
    charges = MonthlyCharges(month)
    result.missing_usage = missing_usage(
        (service, charges.usage_month(service)) for service in provider.services.all()
    )
    for chunk in _each_chunk(lambda last: _calculate_chunk(provider, charges, last)):
        result.problems += chunk.problems
        result.uncharged += chunk.uncharged
        for draft in chunk.drafts:
            result.services.setdefault(draft.contract.service.name, Totals()).add(draft)
            result.total.add(draft)
    return result


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
    `processes` draw them.
    """
    run = _started(provider, month, issued_on, staff)
    result = RunResult(run)
    charges = MonthlyCharges(month)
    all_work = _unbilled(provider, month).count() + without_pdf(run).count()
    without_invoice = 0

    def tell() -> None:
        done = result.pdfs + without_invoice
        report(done, max(done, all_work))

    def made_pdf() -> None:
        result.pdfs += 1
        tell()

    with Drawers(processes) as drawers:
        make_missing_pdfs(run, made_pdf, drawers)
        for chunk in _each_chunk(lambda last: _issue_chunk(run, charges, last, issued_on, staff)):
            result.issued += len(chunk.drafts)
            result.problems += chunk.problems
            without_invoice += len(chunk.contracts) - len(chunk.drafts)
            tell()
            make_missing_pdfs(run, made_pdf, drawers)
    result.run = _settled(run, result.problems, staff)
    result.total = totals(run)
    return result


def totals(run: BillingRun) -> Totals:
    """The sums of all invoices of a run that stand."""
    sums = run.invoices.live().aggregate(
        count=Count("pk"), net=Sum("net"), tax=Sum("tax"), gross=Sum("gross")
    )
    return Totals(**{name: amount or 0 for name, amount in sums.items()})


def _started(provider: Provider, month: Month, issued_on: date, staff: User | None) -> BillingRun:
    with transaction.atomic():
        run, created = BillingRun.objects.get_or_create(
            provider=provider,
            month=month.first,
            defaults={"issued_on": issued_on, "started_by": staff, "started_at": timezone.now()},
        )
        if created:
            record("billing_run.started", staff, run, provider=provider.code, month=str(month))
    return run


def _settled(run: BillingRun, problems: Sequence[Unbilled], staff: User | None) -> BillingRun:
    """The run as it stands now: done when nothing is left to do, open otherwise."""
    with transaction.atomic():
        current = BillingRun.objects.select_for_update().select_related("provider").get(pk=run.pk)
        done = not problems and not without_pdf(current).exists()
        status = BillingRun.Status.DONE if done else BillingRun.Status.ISSUING
        if current.status != status:
            current.status = status
            current.finished_at = timezone.now() if done else None
            current.save(update_fields=["status", "finished_at"])
            action = "billing_run.finished" if done else "billing_run.reopened"
            record(action, staff, current, provider=current.provider.code, month=str(current.billed_month))
    return current


def _each_chunk(take: Callable[[str], _Chunk]) -> Iterator[_Chunk]:
    """Chunk after chunk; `take` is given the contract number after which to go on."""
    chunk = take("")
    while chunk.contracts:
        yield chunk
        chunk = take(chunk.contracts[-1].number)


def _unbilled(provider: Provider, month: Month) -> QuerySet[Contract]:
    billed = Invoice.objects.charging().filter(contract=OuterRef("pk"), month=month.first)
    contracts = Contract.objects.filter(service__provider=provider)
    charged = Contract.objects.charged_in(month).filter(service__provider=provider)
    return (charged | with_something_pending(contracts, month)).filter(~Exists(billed))


def _calculate_chunk(provider: Provider, charges: MonthlyCharges, last: str) -> _Chunk:
    contracts = (
        _unbilled(provider, charges.month)
        .filter(number__gt=last)
        .select_related("organisation")
        .prefetch_related("items", Prefetch("service", Service.objects.select_related("provider")))
        .order_by("number")
    )
    chunk = _Chunk(list(contracts[:CHUNK]))
    charges.prepare(chunk.contracts)
    for contract in chunk.contracts:
        try:
            draft = charges.draft(contract)
        except CannotBillError as reason:
            chunk.problems.append(Unbilled(contract.number, contract.service.name, str(reason)))
        else:
            chunk.drafts += [draft] if draft else []
    return chunk


@transaction.atomic
def _issue_chunk(
    run: BillingRun, charges: MonthlyCharges, last: str, issued_on: date, staff: User | None
) -> _Chunk:
    provider = run.provider
    counter = locked_counter(provider, InvoiceKind.INVOICE, issued_on)
    chunk = _calculate_chunk(provider, charges, last)
    if not chunk.drafts:
        return chunk
    replaced = _cancelled(chunk.drafts)
    invoices: list[Invoice] = []
    for sequence, draft in enumerate(chunk.drafts, counter.last + 1):
        old = replaced.get(draft.contract.pk)
        number = number_of(provider, counter, sequence)
        document = draft.document(number, issued_on, as_original(old.document) if old else None)
        invoices.append(unsaved_invoice(document, counter, sequence, draft.contract, run=run, replaces=old))
    Invoice.objects.bulk_create(invoices)
    mark_as_stated(invoices, [draft.pending for draft in chunk.drafts])
    counter.last = invoices[-1].sequence
    counter.save(update_fields=["last"])
    record(
        "invoices.issued",
        staff,
        run,
        first=invoices[0].number,
        last=invoices[-1].number,
        count=len(invoices),
        gross=sum(invoice.gross for invoice in invoices),
        documents=[invoice.document_hash for invoice in invoices],
    )
    return chunk


def _cancelled(drafts: Sequence[Draft]) -> dict[int, Invoice]:
    """Cancelled invoices of the same month that nothing has replaced yet, the last of each contract."""
    if not drafts:
        return {}
    cancelled = Invoice.objects.filter(
        contract__in=[draft.contract.pk for draft in drafts],
        month=drafts[0].month.first,
        kind=InvoiceKind.INVOICE,
        cancelled_on__isnull=False,
        replaced_by__isnull=True,
    )
    return {invoice.contract_id: invoice for invoice in cancelled.order_by("pk")}
