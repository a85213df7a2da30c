"""What billing a month would do: totals, what differs from the month before, and what looks wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Literal

from django.db.models import Sum

from billing.invoicing.drafts import Draft, MonthlyCharges
from billing.models import Invoice
from billing.pricing.pending import MissingUsage, missing_usage
from billing.runs.chunks import Chunk, Totals, Unbilled, calculate_chunk, each_chunk
from billing.runs.corrections import Correction, corrections
from billing.runs.preview_lines import Billed
from contracts.models import ContractRequest, Provider
from contracts.rules.calendar.period import Month

JUMP = 50  # per cent, up or down, from which a change is worth a look
SHOWN = 200  # of each kind of remark, in a preview that is kept

WarningKind = Literal["zero", "jump"]


@dataclass(frozen=True)
class AmountWarning:
    """A contract whose amount is worth a look: zero, or far from that of the month before."""

    kind: WarningKind
    contract: str
    service: str
    before: int | None
    now: int


@dataclass
class DueTooEarly:
    """How many invoices of a service would be due before they are issued, and the first of those days."""

    service: str
    count: int
    due_on: date


@dataclass(frozen=True)
class IssuedLate:
    """A service whose terms want its invoices issued by a day that has passed."""

    service: str
    issue_by: date


@dataclass(frozen=True)
class UndecidedRequest:
    """A request on a contract of the month that nobody has decided, and that may change what is charged.

    `counts` says whether it counts by its receipt, so that it is billed as asked for; `kind` is its key.
    """

    contract: str
    number: str
    kind: str
    settled_on: date | None
    counts: bool


@dataclass
class Preview:
    """What billing a month would do, by the name of the service, by that of the issuer, and in total.

    `before` are the totals of the month before, by the name of the service too. `uncharged` counts contracts
    of the month without any amount to charge; `missing_usage` names products that were used the month before,
    and of whose use nothing has come in. `undecided` are requests that wait.
    `corrections` are the products of earlier months that are charged later, returned, or stated anew.
    """

    provider: Provider
    month: Month
    services: dict[str, Totals] = field(default_factory=dict)
    issuers: dict[str, Totals] = field(default_factory=dict)
    total: Totals = field(default_factory=Totals)
    before: dict[str, int] = field(default_factory=dict)
    already_issued: int = 0
    uncharged: int = 0
    problems: list[Unbilled] = field(default_factory=list)
    missing_usage: list[MissingUsage] = field(default_factory=list)
    warnings: list[AmountWarning] = field(default_factory=list)
    due_too_early: list[DueTooEarly] = field(default_factory=list)
    issued_late: list[IssuedLate] = field(default_factory=list)
    undecided: list[UndecidedRequest] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each service of either month, and the total last."""
        names = sorted({*self.services, *self.before})
        rows = [_row(name, self.services.get(name, Totals()), self.before.get(name, 0)) for name in names]
        return [*rows, _row("", self.total, sum(self.before.values()))]

    @property
    def has_agents(self) -> bool:
        """Whether sales agents issue some of the invoices."""
        return bool(self.issuers.keys() - {self.provider.name})

    @property
    def unready_agents(self) -> list[str]:
        """What sales agents lack to bill their customers, in words."""
        return sorted({problem.reason for problem in self.problems if problem.of_agent})

    @property
    def leaves_nothing(self) -> bool:
        """Whether every invoice of the month is issued already."""
        to_do = self.total.count or self.problems or self.corrections
        return bool(self.already_issued) and not to_do

    def note_due(self, draft: Draft) -> None:
        """Count an invoice that would be due too early."""
        service, due_on = draft.contract.service.name, draft.calculation.due_on
        for noted in self.due_too_early:
            if noted.service == service:
                noted.count, noted.due_on = noted.count + 1, min(noted.due_on, due_on)
                return
        self.due_too_early.append(DueTooEarly(service, 1, due_on))

    def as_json(self) -> dict[str, Any]:
        """What is kept with the run for the one who approves: the first of many remarks, and their number."""
        remarks: dict[str, Iterable[Any]] = {
            "problems": self.problems,
            "warnings": self.warnings,
            "missing_usage": self.missing_usage,
            "due_too_early": self.due_too_early,
            "issued_late": self.issued_late,
            "undecided": self.undecided,
            "corrections": self.corrections,
        }
        kept: dict[str, Any] = {"rows": self.rows, "already_issued": self.already_issued}
        if self.has_agents:
            kept["issuers"] = [
                {"issuer": name, **asdict(self.issuers[name])} for name in sorted(self.issuers)
            ]
        if self.unready_agents:
            kept["unready_agents"] = self.unready_agents
        kept |= {"uncharged": self.uncharged, "counts": {}}
        for name, found in remarks.items():
            every = list(found)
            kept[name] = [_plain(remark) for remark in every[:SHOWN]]
            kept["counts"][name] = len(every)
        return kept


def preview(
    provider: Provider,
    month: Month,
    issued_on: date | None = None,
    report: Callable[[int], None] = lambda done: None,
    keep: Callable[[Sequence[Billed]], None] = lambda billed: None,
) -> Preview:
    """Calculate what is not yet issued of a month, without storing anything.

    With the day on which it would be issued, what would be due before that day is named, and what should
    have been issued before it. `report` is told how many contracts are calculated by now; `keep` is given
    what is issued to them, chunk by chunk, in the order of their numbers.
    """
    result = Preview(provider, month)
    issued = Invoice.objects.charging().filter(provider__in=provider.issuing_keys, month=month.first)
    result.already_issued = issued.count()
    result.before = _totals_of(provider, month + -1)
    charges = MonthlyCharges(month)
    result.missing_usage = missing_usage(
        (service, charges.usage_month(service)) for service in provider.services.all()
    )
    if issued_on:
        result.issued_late = _issued_late(provider, charges, issued_on)
    done = 0
    for chunk in each_chunk(lambda last: calculate_chunk(provider, charges, last)):
        result.problems += chunk.problems
        result.uncharged += len(chunk.uncharged)
        result.warnings += _warnings(chunk, month)
        result.undecided += _undecided(chunk, month)
        result.corrections += corrections(chunk.contracts, chunk.compared)
        for draft in chunk.drafts:
            if issued_on and draft.calculation.due_on < issued_on:
                result.note_due(draft)
            result.services.setdefault(draft.contract.service.name, Totals()).add(draft)
            result.issuers.setdefault(draft.issuer.name, Totals()).add(draft)
            result.total.add(draft)
        keep(chunk.billed)
        done += len(chunk.contracts)
        report(done)
    return result


def _undecided(chunk: Chunk, month: Month) -> Iterator[UndecidedRequest]:
    """What waits for a decision on the contracts of a chunk, and would take effect within the month."""
    waiting = ContractRequest.objects.filter(contract__in=chunk.contracts, status__in=ContractRequest.OPEN)
    for asked in waiting.select_related("contract").order_by("contract__number", "number"):
        settled_on = (asked.decided and asked.decided.settled_on) or asked.wanted_on
        if settled_on is None or settled_on <= month.last:
            number, counts = asked.contract.number, asked.counts_by_itself
            yield UndecidedRequest(number, asked.number, asked.kind, settled_on, counts)


def _issued_late(provider: Provider, charges: MonthlyCharges, issued_on: date) -> list[IssuedLate]:
    days = ((service.name, charges.issue_by(service)) for service in provider.services.all())
    return [IssuedLate(name, day) for name, day in days if day and day < issued_on]


def _totals_of(provider: Provider, month: Month) -> dict[str, int]:
    """What the invoices of a month charged, by the name of the service."""
    invoices = Invoice.objects.charging().filter(provider__in=provider.issuing_keys, month=month.first)
    sums = invoices.values("contract__service").order_by("contract__service").annotate(sum=Sum("gross"))
    names = {service.pk: service.name for service in provider.services.all()}
    return {names[found["contract__service"]]: found["sum"] for found in sums}


def _warnings(chunk: Chunk, month: Month) -> list[AmountWarning]:
    before = dict(
        Invoice.objects.charging()
        .filter(contract__in=chunk.contracts, month=(month + -1).first)
        .values_list("contract", "gross")
    )
    found = [
        AmountWarning("zero", contract.number, contract.service.name, before[contract.pk], 0)
        for contract in chunk.uncharged
        if before.get(contract.pk)
    ]
    for draft in chunk.drafts:
        contract, now = draft.contract, draft.calculation.gross
        earlier = before.get(contract.pk)
        if not now and earlier != 0:
            found.append(AmountWarning("zero", contract.number, contract.service.name, earlier, 0))
        elif earlier and abs(now - earlier) * 100 > JUMP * earlier:
            found.append(AmountWarning("jump", contract.number, contract.service.name, earlier, now))
    return found


def _row(name: str, totals: Totals, before: int) -> dict[str, Any]:
    return {"service": name, **asdict(totals), "before": before, "difference": totals.gross - before}


def _plain(remark: Any) -> dict[str, str | int | dict[str, str] | None]:
    stated = {part.name: getattr(remark, part.name) for part in fields(remark)}
    return {
        name: value if value is None or isinstance(value, int | dict) else str(value)
        for name, value in stated.items()
    }
