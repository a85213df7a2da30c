"""What is true at the end of a life: each field that lives expect has its function here.

A function is given the stage, with the clock at the end of the day, and what is expected, which says what is
asked about.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet, Sum

from billing.differences.listing import differences_of
from billing.documents.invoice_document import InvoiceDocument, Line
from billing.inbox import work
from billing.models import Adjustment, CreditBalance, Deposit, Invoice
from billing.receivables.balances import late_charge_on, overdue_on
from billing.receivables.deposits import left_of
from contracts.extensions.waiting import Queued, Wanted
from contracts.models import Claim, Contract, ContractRequest, Suspension, Task
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.policy.governing import terms_at
from contracts.terms.numbering import ArticleRef
from portal.lives.stage import Stage

_Kind = Adjustment.Kind
_OTHER: Mapping[str, str] = {
    _Kind.MINIMUM_TERM: "minimum_term",
    _Kind.COSTS: "costs",
    _Kind.LATE_INTEREST: "interest",
    _Kind.DAMAGES: "damages",
    _Kind.OUTAGE_CREDIT: "outage",
    _Kind.SURCHARGE: "surcharge",
    _Kind.DEPOSIT: "billed_deposit",
}
"""What lives call the amounts that are no fees, by what documents call them."""

_PENALTIES = (Claim.Kind.ACTUAL_DAMAGE, Claim.Kind.DEVICE_PENALTY)


def charged(stage: Stage, expected: Mapping[str, int]) -> dict[str, int]:
    """The fees of each month of use, by all documents that stand."""
    sums: Counter[str] = Counter()
    for document, line in _lines(stage):
        if _called(line) is None:
            sums[_month_of(document, line)] += line["amount"]
    return {month: sums[month] for month in expected}


def other(stage: Stage, expected: Mapping[str, int]) -> dict[str, int]:
    """What was charged or credited beside fees, by kind; of a deposit what is held."""
    sums: Counter[str] = Counter()
    for _document, line in _lines(stage):
        if kind := _called(line):
            sums[kind] += line["amount"]
    given = Adjustment.objects.filter(contract=stage.contract, credit_entry__isnull=False)
    for adjustment in given:
        sums[_OTHER[adjustment.kind]] += adjustment.amount
    penalties = Adjustment.objects.filter(
        contract=stage.contract, claim__kind__in=_PENALTIES, invoice__isnull=False
    )
    for penalty in penalties:
        sums["costs"] -= penalty.amount
        sums["penalty"] += penalty.amount
    sums["deposit"] = sum(left_of(deposit) for deposit in Deposit.objects.filter(contract=stage.contract))
    return {kind: sums[kind] for kind in expected}


def _documents(stage: Stage) -> Iterator[InvoiceDocument]:
    for invoice in Invoice.objects.live().filter(contract=stage.contract):
        yield invoice.document


def _lines(stage: Stage) -> Iterator[tuple[InvoiceDocument, Line]]:
    for document in _documents(stage):
        for line in document["lines"]:
            yield document, line


def _called(line: Line) -> str | None:
    """What lives call a line that states no fee; None for fees."""
    return _OTHER.get(line.get("adjustment", ""))


def _month_of(document: InvoiceDocument, line: Line) -> str:
    """The month of use of a line: its own, or that of its document."""
    return line["period"]["from"][:7] if "period" in line else document["month"]


def tax(stage: Stage, expected: int) -> int:
    """The consumption tax of all documents that stand."""
    return sum(document["tax"] for document in _documents(stage))


def ends_on(stage: Stage, expected: Any) -> Any:
    return stage.contract.ends_on


def billed_through_on(stage: Stage, expected: Any) -> Any:
    return stage.contract.billed_through_on


def state(stage: Stage, expected: str) -> str:
    return Contract.State(stage.contract.state_on(stage.today)).value


def version(stage: Stage, expected: str) -> str:
    """The version of the terms that governs the contract."""
    return Rulebooks().governing(stage.contract, stage.today).name


def requests(stage: Stage, expected: Mapping[str, str]) -> dict[str, str]:
    """What became of each request, with the reason of a refusal where one is asked for."""
    return {name: _became(stage, name, with_reason=":" in expected[name]) for name in expected}


def _became(stage: Stage, name: str, *, with_reason: bool) -> str:
    if name not in stage.requests:
        return "not taken in"
    request = stage.request(name)
    if request.completed_at:
        return "completed"
    refused = request.status == ContractRequest.Status.REFUSED
    if refused and with_reason:
        return f"refused:{_reason(request)}"
    return str(request.status)


def _reason(request: ContractRequest) -> str:
    """Why a request was refused: by the rules, or by staff."""
    decided = request.decided
    if request.refusal_reason or decided is None:
        return request.refusal_reason
    return getattr(decided, "reason", None) or "late"


def articles_apply(stage: Stage, expected: Mapping[str, bool]) -> dict[str, bool]:
    """Whether clauses hold for the contract, by the transitional provisions of its version."""
    contract = stage.contract
    governing = Rulebooks().governing(contract, stage.today)
    policy, terms = governing.policy, governing.terms
    return {
        article: bool(
            terms_at(
                policy.version,
                policy.effective,
                policy.transitional,
                lambda key: terms.has(ArticleRef.parse(key)),
                stage.today,
                contract.formed_on,
                article,
            ).article_applies
        )
        for article in expected
    }


def open_amount(stage: Stage, expected: int) -> int:
    """What the customer owes by all documents, less what it has to its credit."""
    contract = stage.contract
    owed = _sum_open(_theirs(contract))
    balances = CreditBalance.objects.filter(
        provider=contract.issuer_on(stage.today), organisation=contract.organisation
    )
    return owed - int(balances.aggregate(sum=Sum("amount", default=0))["sum"])


def overdue(stage: Stage, expected: int) -> int:
    """What of that is past its due day."""
    return _sum_open(overdue_on(stage.today, _theirs(stage.contract)))


def _sum_open(invoices: QuerySet[Invoice]) -> int:
    return int(invoices.aggregate(sum=Sum("open_amount", default=0))["sum"])


def _theirs(contract: Contract) -> QuerySet[Invoice]:
    """The documents of who holds the contract by now."""
    return Invoice.objects.filter(contract=contract, debtor=contract.organisation)


def interest(stage: Stage, expected: int) -> int:
    """The late interest that no document has charged, if all that is open were paid on the day."""
    stated = Adjustment.objects.filter(kind=_Kind.LATE_INTEREST, invoice__isnull=False)
    invoices = (
        Invoice.objects.charging().filter(contract=stage.contract).exclude(adjustments_about__in=stated)
    )
    return sum(late_charge_on(invoice, stage.today).interest for invoice in invoices)


def due(stage: Stage, expected: Mapping[str, Any]) -> dict[str, Any]:
    """The due days of the invoices of billing months; None where there is none."""
    charging = Invoice.objects.charging().filter(contract=stage.contract)
    days = {f"{invoice.month:%Y-%m}": invoice.due_on for invoice in charging}
    return {month: days.get(month) for month in expected}


def quantities(stage: Stage, expected: Mapping[str, int]) -> dict[str, int]:
    """How many of each product asked about are in use."""
    items = stage.contract.items_on(stage.today)
    return {product: items.get(product, 0) for product in expected}


def named(stage: Stage, expected: Any) -> list[str]:
    """The kinds of open work on the contract that staff see, of those that lives know."""
    contract = stage.contract
    waits = {
        "to_correct": _is_to_correct(contract),
        "price_to_enter": contract.pk in _in_queue(work.PRICES),
        "to_lift": Suspension.objects.filter(contract=contract, pk__in=_in_queue(work.PAID)).exists(),
        "to_erase": Task.objects.undone().filter(contract=contract, kind=Task.Kind.DATA_ERASURE).exists(),
    }
    return sorted(name for name, does in waits.items() if does)


def _is_to_correct(contract: Contract) -> bool:
    """Whether documents charge something else for a billed month than the facts known by now give."""
    found = Contract.objects.select_related("service__provider").get(pk=contract.pk)
    return any(one.differences for one in differences_of([found]).values())


def _in_queue(queued: Queued) -> set[int]:
    return {row.pk for row in queued.rows(Wanted())}


OUTCOMES: Mapping[str, Callable[[Stage, Any], Any]] = {
    "charged": charged,
    "other": other,
    "tax": tax,
    "ends_on": ends_on,
    "billed_through_on": billed_through_on,
    "state": state,
    "version": version,
    "requests": requests,
    "articles_apply": articles_apply,
    "open": open_amount,
    "overdue": overdue,
    "interest": interest,
    "due": due,
    "quantities": quantities,
    "named": named,
}
"""By the names under which lives expect them."""
