"""Questions to the rules without sending anything: what would follow.

Nothing here stores anything. The answers are those that a request sent at the same moment would get.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from contracts.lifecycle.items import NewQuantity
from contracts.models import Contract, ContractItem, TermsVersion
from contracts.models.request import RequestDecision
from contracts.requests.changing.imagined import rows_with
from contracts.requests.data import RequestData
from contracts.requests.registry import drafted, judged, kind_of
from contracts.rules.calendar.period import Month
from contracts.rules.life.cancellation import Cancellation
from contracts.wording.explain import Explanation, explain


@dataclass(frozen=True)
class Answer:
    """What a request sent now would be decided: `decision` is what the request would keep.

    `change` is what becomes of the product that a request is about, and from when on; `items` are the
    quantities by product key from that day on. Both are None for requests that change none, or are refused.
    """

    decision: RequestDecision
    version: TermsVersion
    items: Mapping[str, int] | None = None
    change: NewQuantity | None = None

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.decision, self.version)

    @property
    def outcome(self) -> str:
        return self.decision.outcome

    @property
    def ends_on(self) -> date | None:
        """The end of the contract; None where it would not end."""
        return self.decision.ends_on if isinstance(self.decision, Cancellation) else None

    @property
    def changes(self) -> Sequence[NewQuantity]:
        return [self.change] if self.change else []


@dataclass(frozen=True)
class Together:
    """What several requests would change, one after the other, were all of them carried out."""

    changes: Sequence[NewQuantity]

    @property
    def ends_on(self) -> None:
        """None of it ends the contract."""


def ask(
    contract: Contract, kind: str, data: RequestData, at: datetime, *, monthly_fee: int | None = None
) -> Answer:
    """What a request sent at a moment would be decided; arguments and errors as for `submit_request`."""
    request = drafted(contract, kind, data, at)
    decision, context = judged(request, monthly_fee)
    request.decided = completed = kind_of(kind).completed(request, decision, context)
    change = kind_of(kind).new_quantity(request)
    return Answer(
        decision=completed,
        version=request.terms_version,
        items=_items_after(contract, change) if change else None,
        change=change,
    )


def _items_after(contract: Contract, change: NewQuantity) -> dict[str, int]:
    items = contract.items_on(change.starts_on)
    held = items.get(change.product, 0) if change.once else 0
    after = {**items, change.product: held + change.quantity}
    return {key: units for key, units in after.items() if units}


def months_charged(contract: Contract, answer: Answer, day: date) -> list[Month]:
    """The months, from that of a day on, that would still be charged until the end."""
    last = answer.decision.billed_through_on
    if last is None or contract.billed_from_on is None:
        return []
    month, months = Month.of(max(day, contract.billed_from_on)), []
    while month.first <= last:
        months.append(month)
        month += 1
    return months


def charged_in(contract: Contract, answer: Answer | Together, month: Month) -> dict[str, int]:
    """Quantities that would be charged for a month, by product key, were the answer carried out."""
    quantities: dict[str, int] = {}
    for item in _rows_after(contract, answer):
        if item.charged_in(month):
            quantities[item.product] = quantities.get(item.product, 0) + item.quantity
    return quantities


def _rows_after(contract: Contract, answer: Answer | Together) -> list[ContractItem]:
    """The contract's rows as carrying the answer out would leave them; none of it is stored."""
    rows = rows_with(contract, answer.changes)
    if isinstance(answer, Answer) and answer.ends_on:
        return _ended(rows, answer.ends_on, answer.decision.billed_through_on)
    return rows


def _ended(rows: list[ContractItem], ends_on: date, billed_through_on: date | None) -> list[ContractItem]:
    lasting = [row for row in rows if row.starts_on <= ends_on]
    for row in lasting:
        if row.ends_on is None or row.ends_on > ends_on:
            row.ends_on, row.billed_through_on = ends_on, billed_through_on
    return lasting
