"""What an approval is about: what each contract of a run is charged, who receives that, and when it is due.

A calculation keeps a line for each contract, chunk by chunk, under a key of its own; its lines count once the
run names that key. Of calculations that were stopped, or done by two at once, nobody reads anything.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.charges import ChargeLine
from billing.correspondence.letters import email_on, issuer_on, recipient_on
from billing.models import BillingRun, Invoice, PreviewLine
from contracts.models import Contract, Provider
from contracts.wording.formats import yen_text

if TYPE_CHECKING:
    from billing.differences.compare import Compared
    from billing.invoicing.drafts import Draft


@dataclass(frozen=True)
class ChangedLine:
    """A contract that would be issued something else than before, with the amounts; None for no invoice.

    Where they are equal, something else has changed: the recipient, a line, the due day, the bank account.
    """

    contract: str
    service: str
    before: int | None
    now: int | None


@dataclass(frozen=True)
class Billed:
    """What a billing issues to one contract: the month's invoice, and what corrects earlier ones."""

    contract: Contract
    draft: "Draft | None"
    compared: "Compared"

    @property
    def gross(self) -> int:
        """The total of the month's invoice."""
        return self.draft.calculation.gross if self.draft else 0


_NO_LINE: tuple[str, int | None] = ("", None)


class KeptLines:
    """Keeps the lines of one calculation of a run; `digest` covers them all, in the contracts' order."""

    def __init__(self, run: BillingRun) -> None:
        self.calculation = uuid4()
        self._run = run
        self._digest = hashlib.sha256()

    def add(self, billed: Sequence[Billed]) -> None:
        """Keep the lines of the next contracts."""
        digests = content_digests(billed, self._run.issued_on)
        lines = [
            PreviewLine(
                run_id=self._run.pk,
                calculation=self.calculation,
                contract_id=one.contract.pk,
                gross=one.gross,
                charges=one.draft is not None,
                digest=digest,
            )
            for one, digest in zip(billed, digests, strict=True)
        ]
        PreviewLine.objects.bulk_create(lines)
        for line in lines:
            self._digest.update(line.digest.encode())

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()


def content_digests(billed: Sequence[Billed], issued_on: date) -> list[str]:
    """The SHA-256, in hexadecimal, of what each invoice of a run asks of whom, by facts as they are now.

    That is its lines and totals, who issues it, who receives it and its e-mail, and when and where to pay;
    and what of earlier invoices is returned, and which are replaced.
    """
    if not billed:
        return []
    today = localdate()
    provider = _stated_by(billed[0].contract.service.provider, issued_on)
    issuers: dict[int, Any] = {}
    digests = []
    for one in billed:
        digest = provider.copy()
        if one.draft and one.draft.issuer.principal_id:
            key = one.draft.issuer.pk
            issuers[key] = issuers.get(key) or _stated_by(one.draft.issuer, issued_on)
            digest = issuers[key].copy()
        if one.draft:
            digest.update(_content(one.draft, issued_on, today).encode())
        if one.compared.corrects:
            digest.update(_corrections(one).encode())
        digests.append(digest.hexdigest())
    return digests


def _stated_by(issuer: Provider, issued_on: date) -> Any:
    """The hash of what an issuer's documents state of it, from which that of each one goes on."""
    held = issuer.on(issued_on)
    stated = [issuer_on(issuer, issued_on), held.bank_account, *filter(None, [held.payment_note])]
    return hashlib.sha256(json.dumps(stated).encode())


def _content(draft: "Draft", issued_on: date, today: date) -> str:
    contract, amounts = draft.contract, draft.calculation
    content = [
        contract.number,
        contract.organisation_id,
        recipient_on(contract, issued_on),
        email_on(contract, today),
        contract.payment_method,
        str(amounts.due_on),
        draft.version.name,
        [_line(line) for line in amounts.lines],
        [(label, total.net, total.tax) for label, total in amounts.by_rate.items()],
        amounts.gross,
    ]
    return json.dumps(content)


def _corrections(billed: Billed) -> str:
    compared = billed.compared
    returns = {
        number: [(one.place, one.amount) for one in taken] for number, taken in compared.returns.items()
    }
    credited = {number: credit.amount for number, credit in compared.returned_with.items()}
    stated = [billed.contract.number, returns, compared.errors, *([credited] if credited else ())]
    return json.dumps(stated, sort_keys=True)


def _line(line: ChargeLine) -> tuple[Any, ...]:
    name = line.product or (line.name and line.name.ja)
    amounts = line.quantity, line.included, line.unit_price, line.amount, line.tax
    return name, str(line.month), *amounts, *((line.follows,) if line.later else ())


def forget_lines(run: BillingRun, but: UUID | None = None) -> None:
    """Delete the lines of a run, `but` those of one calculation."""
    lines = run.lines.exclude(calculation=but) if but else run.lines.all()
    lines.delete()


def changed_lines(run: BillingRun, calculation: UUID, most: int) -> tuple[int, list[ChangedLine]]:
    """How many lines of a newer calculation of a run differ from those that count, and `most` of them.

    Both are read side by side, so that it takes as long whatever the database knows of its tables.
    """
    old, new = lines_that_count(run), run.lines.filter(calculation=calculation)
    count = 0
    amounts: dict[int, tuple[int | None, int | None]] = {}
    both = merge(_in_order(old, "old"), _in_order(new, "new"))
    for contract, found in groupby(both, key=itemgetter(0)):
        lines = {side: (digest, gross) for _contract, side, digest, gross in found}
        before, now = lines.get("old", _NO_LINE), lines.get("new", _NO_LINE)
        if before != now:
            count += 1
            if count <= most:
                amounts[contract] = (before[1], now[1])
    contracts = Contract.objects.filter(pk__in=amounts).select_related("service").order_by("number")
    return count, [
        ChangedLine(contract.number, contract.service.name, *amounts[contract.pk]) for contract in contracts
    ]


def _in_order(lines: QuerySet[PreviewLine], side: str) -> Iterator[tuple[int, str, str, int]]:
    """Lines by the primary keys of their contracts, read a part at a time."""
    rows = lines.order_by("contract_id").values_list("contract_id", "digest", "gross")
    return ((contract, side, digest, gross) for contract, digest, gross in rows.iterator())


def departures(run: BillingRun, billed: Sequence[Billed]) -> dict[int, str]:
    """Why what is billed to some contracts is not what was approved for a run, by their primary keys."""
    lines = lines_that_count(run).filter(contract__in=[one.contract.pk for one in billed])
    approved = {pk: (digest, gross) for pk, digest, gross in lines.values_list("contract", "digest", "gross")}
    reasons: dict[int, str] = {}
    for one, digest in zip(billed, content_digests(billed, run.issued_on), strict=True):
        contract = one.contract.pk
        if contract not in approved:
            reasons[contract] = _(
                "It was not among what was approved. Choose “Bill what is left” once the others are issued."
            )
        elif approved[contract][0] != digest:
            amounts = {
                "before": yen_text(approved[contract][1]),
                "now": yen_text(one.gross),
            }
            reasons[contract] = (
                _(
                    "Its amount, recipient or due day has changed since the approval (%(before)s → %(now)s). "
                    "Choose “Bill what is left” once the others are issued."
                )
                % amounts
            )
    return reasons


def lines_without_invoice(run: BillingRun) -> QuerySet[PreviewLine]:
    """The lines that count of a run, are about an invoice of the month, and whose contracts have none."""
    invoices = Invoice.objects.charging().filter(contract=OuterRef("contract"), month=run.month)
    lines = lines_that_count(run).filter(~Exists(invoices), charges=True).order_by("contract__number")
    return lines.select_related("contract__service")


def lines_that_count(run: BillingRun) -> QuerySet[PreviewLine]:
    """By what the database says of the run now: it may have been calculated again since it was read."""
    return PreviewLine.objects.filter(run=run, calculation=F("run__calculation"))
