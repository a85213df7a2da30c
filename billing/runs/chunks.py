"""Contracts billed in chunks: calculated together, and issued in one transaction each."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.charged.credits import OUTAGE_CREDIT
from billing.calculation.charged.standing import Supply
from billing.differences.billed import note_beginning
from billing.differences.compare import AGREES, Compared
from billing.differences.marks import changed_before
from billing.differences.settling import Settled, note_documents
from billing.documents.invoice_document import as_original
from billing.invoicing.corrections import replace_invoice
from billing.invoicing.drafts import CannotBillError, Draft, MonthlyCharges, UnreadyAgentError
from billing.invoicing.invoice_mails import queue_mails, waiting_for_pdfs
from billing.invoicing.issuing import locked_counter, number_of, unsaved_invoice
from billing.invoicing.returns import return_difference
from billing.models import Adjustment, BillingChunk, BillingRun, Invoice, InvoiceCounter, InvoiceKind
from billing.pricing.pending import mark_as_stated, with_something_pending
from billing.receivables.owed import is_last_month, is_owed, turn_into_credit
from billing.runs.leases import LEASE
from billing.runs.preview_lines import Billed, departures, lines_without_invoice
from contracts.models import Application, Contract, Provider, Service
from contracts.models.contract import ContractQuerySet
from contracts.rules.calendar.period import Month
from portal.audit.record import record
from portal.installation.holding import going_out
from portal.organisations.models import User
from portal.search.indexing import index_all

CHUNK = 200
STATED = ("particulars", "parties", Prefetch("application", Application.everything.only("particulars")))
"""What an invoice needs to name the customer as its contract does."""


@dataclass(frozen=True)
class Unbilled:
    """A contract that could not be billed, and why; whether its sales agent is what hinders it."""

    contract: str
    service: str
    reason: str
    of_agent: bool = False


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
class Chunk:
    """Contracts looked at, in order of their numbers, and what came of them; `issued` once they are.

    What is issued are numbers in a row of each issuer.

    `compared` is what is settled of their earlier months, by their primary keys.
    """

    contracts: Sequence[Contract] = ()
    drafts: list[Draft] = field(default_factory=list)
    compared: dict[int, Compared] = field(default_factory=dict)
    problems: list[Unbilled] = field(default_factory=list)
    issued: list[BillingChunk] = field(default_factory=list)

    @property
    def by_issuer(self) -> list[tuple[Provider, list[Draft]]]:
        """The drafts by who issues them, in the order in which all runs lock the issuers' counters."""
        found: dict[int, list[Draft]] = {}
        for draft in self.drafts:
            found.setdefault(draft.issuer.pk, []).append(draft)
        return [(drafts[0].issuer, drafts) for _pk, drafts in sorted(found.items())]

    @property
    def uncharged(self) -> list[Contract]:
        """The contracts without any amount to charge."""
        dealt_with = {draft.contract.number for draft in self.drafts}
        dealt_with |= {problem.contract for problem in self.problems}
        dealt_with |= {contract.number for contract in self.contracts if contract.pk in self.compared}
        return [contract for contract in self.contracts if contract.number not in dealt_with]

    @property
    def billed(self) -> list[Billed]:
        """What is issued to each contract that gets an invoice, or whose earlier ones are corrected."""
        drafts = {draft.contract.pk: draft for draft in self.drafts}
        found = (
            Billed(contract, drafts.get(contract.pk), self.compared.get(contract.pk, AGREES))
            for contract in self.contracts
        )
        return [one for one in found if one.draft or one.compared.corrects]


def each_chunk(take: Callable[[str], Chunk]) -> Iterator[Chunk]:
    """Chunk after chunk; `take` is given the contract number after which to go on."""
    chunk = take("")
    while chunk.contracts:
        yield chunk
        chunk = take(chunk.contracts[-1].number)


def unbilled(provider: Provider, month: Month) -> QuerySet[Contract]:
    """The contracts without an invoice for a month that may be charged for it, or for earlier ones by now."""
    billed = Invoice.objects.charging().filter(contract=OuterRef("pk"), month=month.first)
    contracts = _contracts_of(provider)
    concerned = (
        contracts.charged_in(month)
        | with_something_pending(contracts, month)
        | contracts.filter(changed_before(month))
    )
    return concerned.filter(~Exists(billed))


def _contracts_of(provider: Provider) -> ContractQuerySet:
    """Asked contract by contract: a join would read and sort all of them where some numbers are looked at."""
    return Contract.objects.filter(Exists(Service.objects.filter(pk=OuterRef("service"), provider=provider)))


def _next_unbilled(provider: Provider, month: Month, last: str) -> list[Contract]:
    """The next unbilled contracts after a number, `CHUNK` at most; none once there are no more.

    Contracts are looked at so many at a time, by their numbers: what a chunk costs does not depend on how
    many there are in all, whatever the database knows of its tables.
    """
    while numbers := _next_numbers(provider, last):
        contracts = (
            unbilled(provider, month)
            .filter(number__gt=last, number__lte=numbers[-1])
            .select_related("organisation")
            .prefetch_related(
                "items",
                "contracted_version",
                *STATED,
                Prefetch("service", Service.objects.select_related("provider")),
                "service__provider__particulars",
            )
            .order_by("number")
        )
        if found := list(contracts):
            return found
        last = numbers[-1]
    return []


def _next_numbers(provider: Provider, last: str) -> list[str]:
    following = _contracts_of(provider).filter(number__gt=last).order_by("number")
    return list(following.values_list("number", flat=True)[:CHUNK])


def calculate_chunk(provider: Provider, charges: MonthlyCharges, last: str) -> Chunk:
    """What the next contracts after a number are charged."""
    chunk = Chunk(_next_unbilled(provider, charges.month, last))
    charges.prepare(chunk.contracts)
    for contract in chunk.contracts:
        try:
            draft = charges.draft(contract)
        except CannotBillError as reason:
            of_agent = isinstance(reason, UnreadyAgentError)
            chunk.problems.append(_unbilled(contract, str(reason), of_agent=of_agent))
        else:
            chunk.drafts += [draft] if draft else []
            if (compared := charges.compared(contract)).differences:
                chunk.compared[contract.pk] = compared
    return chunk


@going_out()
def issue_chunk(
    run: BillingRun,
    charges: MonthlyCharges,
    last: str,
    issued_on: date,
    staff: User | None,
    held_by: str = "",
) -> Chunk:
    """Issue the invoices of the next contracts.

    An empty chunk where the run was cancelled meanwhile, even if it was begun anew and approved since. What
    differs from what was approved is left out, with the reason among the problems.
    If the run sends e-mails, they are in the ledger from then on. `held_by` leases the chunk to who goes on
    with its PDFs. Raises HeldBackError.
    """
    current = BillingRun.objects.select_for_update().get(pk=run.pk)
    goes_on = current.status in (BillingRun.Status.ISSUING, BillingRun.Status.DONE)
    if not goes_on or current.started_at != run.started_at:
        return Chunk()
    note_beginning(current)
    since = timezone.now()
    locked_counter(run.provider, InvoiceKind.INVOICE, issued_on)
    chunk = calculate_chunk(run.provider, charges, last)
    if run.is_bound:
        _leave_out(chunk, departures(current, chunk.billed))
    for issuer, drafts in chunk.by_issuer:
        counter = locked_counter(issuer, InvoiceKind.INVOICE, issued_on)
        chunk.issued.append(_issue_invoices(drafts, current, counter, issued_on, staff, held_by))
    _correct(chunk, charges, since)
    return chunk


def _issue_invoices(
    drafts: Sequence[Draft],
    run: BillingRun,
    counter: InvoiceCounter,
    issued_on: date,
    staff: User | None,
    held_by: str,
) -> BillingChunk:
    """Issue the month's invoices of one issuer's drafts, under the next numbers of its counter."""
    replaced = _cancelled(drafts)
    invoices: list[Invoice] = []
    for sequence, draft in enumerate(drafts, counter.last + 1):
        old = replaced.get(draft.contract.pk)
        number = number_of(draft.issuer, counter, sequence)
        document = draft.document(number, issued_on, as_original(old.document) if old else None)
        invoices.append(unsaved_invoice(document, counter, sequence, draft.contract, run=run, replaces=old))
    Invoice.objects.bulk_create(invoices)
    index_all(invoices)
    if run.sends_mail:
        queue_mails(invoices)
    mark_as_stated(invoices, [draft.pending for draft in drafts])
    for owed in (*(owed for draft in drafts for owed in draft.left_over), *_owed_after(drafts)):
        turn_into_credit(owed, staff)
    counter.last = invoices[-1].sequence
    counter.save(update_fields=["last"])
    issued = BillingChunk.objects.create(
        run=run,
        issuer=drafts[0].issuer,
        fiscal_year=counter.fiscal_year,
        first=invoices[0].sequence,
        last=invoices[-1].sequence,
        worker=held_by,
        leased_until=timezone.now() + (LEASE if held_by else timedelta()),
    )
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
    return issued


def _owed_after(drafts: Sequence[Draft]) -> list[Adjustment]:
    """The damages that wait of contracts for a later invoice, where the one of the draft is the last."""
    ending = [draft.contract.pk for draft in drafts if is_last_month(draft.contract, draft.month)]
    left_over = {owed.pk for draft in drafts for owed in draft.left_over}
    waiting = Adjustment.objects.pending().filter(contract__in=ending).exclude(pk__in=left_over)
    return [one for one in waiting.select_related("contract__service__provider") if is_owed(one)]


def _correct(chunk: Chunk, charges: MonthlyCharges, since: datetime) -> None:
    """Correct earlier months, and note the contracts whose documents charge by now what facts give."""
    settled: dict[int, Settled] = {draft.contract.pk: {} for draft in chunk.drafts}
    for one in chunk.billed:
        if one.compared.corrects:
            try:
                with transaction.atomic():
                    settled[one.contract.pk] = _correct_one(one)
            except ValidationError as reason:
                settled.pop(one.contract.pk, None)
                chunk.problems.append(_unbilled(one.contract, " ".join(reason.messages)))
    _note_documents(chunk, charges.month, settled)
    charges.note_settled([one for one in chunk.contracts if one.pk in settled], since)


def _correct_one(billed: Billed) -> Settled:
    """Issue what corrects earlier months of a contract, each document for its cause.

    A reduction is returned (消費税法57条の4第3項), an invoice with another price or rate than holds replaced
    (第4項). Gives which of the documents settles which supply. ValidationError where one can't be issued.
    """
    compared, issued = billed.compared, Invoice.objects.charging().filter(contract=billed.contract)
    settled: dict[Supply, Invoice] = {}
    for number in sorted({*compared.returns, *compared.returned_with}):
        taken, credit = compared.returns.get(number, ()), compared.returned_with.get(number)
        returned = return_difference(issued.get(number=number), taken, credit)
        settled |= {taking.supply: returned for taking in taken}
        if credit:
            settled[Supply(Month.of(credit.month), OUTAGE_CREDIT)] = returned
    for number in compared.errors:
        anew = replace_invoice(issued.get(number=number))
        settled |= {one.supply: anew for one in compared.differences if one.invoice == number}
    return settled


def _note_documents(chunk: Chunk, month: Month, settled: Mapping[int, Settled]) -> None:
    """Note which documents settled differences of contracts: without another, the month's invoice."""
    concerned = [pk for pk in chunk.compared if pk in settled]
    charging = Invoice.objects.charging().filter(contract__in=concerned, month=month.first)
    invoices = {invoice.contract_id: invoice for invoice in charging.defer("document")} if concerned else {}
    noted: dict[int, Settled] = {}
    for pk in concerned:
        own = {one.supply: invoices[pk] for one in chunk.compared[pk].differences if pk in invoices}
        noted[pk] = {**own, **settled[pk]}
    note_documents(noted)


def _leave_out(chunk: Chunk, reasons: Mapping[int, str]) -> None:
    """Make problems of what must not be issued; the reasons are by the contracts' primary keys."""
    chunk.drafts = [draft for draft in chunk.drafts if draft.contract.pk not in reasons]
    chunk.compared = {pk: one for pk, one in chunk.compared.items() if pk not in reasons}
    chunk.problems += [
        _unbilled(contract, reasons[contract.pk]) for contract in chunk.contracts if contract.pk in reasons
    ]


def _unbilled(contract: Contract, reason: str, *, of_agent: bool = False) -> Unbilled:
    return Unbilled(contract.number, contract.service.name, reason, of_agent)


def vanished(run: BillingRun, problems: Collection[Unbilled]) -> list[Unbilled]:
    """After a pass over the contracts: those that were approved, without an invoice or a problem by now."""
    if not run.is_bound:
        return []
    reason = _("It was approved, but by now there is nothing to charge.")
    named = {problem.contract for problem in problems}
    contracts = (line.contract for line in lines_without_invoice(run).iterator())
    return [
        Unbilled(contract.number, contract.service.name, reason)
        for contract in contracts
        if contract.number not in named
    ]


def invoices_of(chunk: BillingChunk) -> QuerySet[Invoice]:
    """The invoices of a chunk, found by their numbers, which the database has an index of."""
    return Invoice.objects.filter(
        run=chunk.run_id,
        provider=chunk.issuer_id,
        kind=InvoiceKind.INVOICE,
        fiscal_year=chunk.fiscal_year,
        sequence__range=(chunk.first, chunk.last),
    )


def close_chunk(chunk: BillingChunk) -> None:
    """Note that a chunk is finished, unless PDFs of it are left, or e-mails that nobody has tried to send."""
    invoices = invoices_of(chunk)
    if not invoices.filter(pdf="").exists() and not waiting_for_pdfs(invoices).exists():
        BillingChunk.objects.filter(pk=chunk.pk).update(finished_at=timezone.now())
        BillingRun.objects.filter(pk=chunk.run_id).exclude(trouble="").update(trouble="")


def _cancelled(drafts: Sequence[Draft]) -> dict[int, Invoice]:
    """Cancelled ones of the same month and issuer that nothing has replaced yet, each contract's last."""
    cancelled = Invoice.objects.filter(
        provider=drafts[0].issuer,
        contract__in=[draft.contract.pk for draft in drafts],
        month=drafts[0].month.first,
        kind=InvoiceKind.INVOICE,
        cancelled_on__isnull=False,
        replaced_by__isnull=True,
    )
    return {invoice.contract_id: invoice for invoice in cancelled.order_by("pk")}
