"""Questions to the rules without sending anything: what is possible, and what would follow.

Nothing here stores anything. The answers are those that a request sent at the same moment would get.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, cast

from contracts.lifecycle.items import NewQuantity
from contracts.models import Contract, ContractItem, ContractRequest, TermsVersion
from contracts.models.request_data import CancellationData, ProductChangeData, RequestData
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.decide import drafted, judged
from contracts.requests.product_changes import new_quantity
from contracts.requests.registry import handler_of
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import KINDS, Change, ChangeKind
from contracts.rules.rulebook import Rulebook
from contracts.wording.explain import Explanation, explain

Kind = ContractRequest.Kind


@dataclass(frozen=True)
class Possibility:
    """What can be asked for now: the earliest date that is reached, and the last day to ask for that date.

    `deadline_on` is None where the terms set no last day, `proof` says whether a document must prove it.
    """

    kind: str
    earliest_on: date
    deadline_on: date | None
    proof: str
    decision: Decision
    version: TermsVersion

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.decision, self.version)


@dataclass(frozen=True)
class Answer:
    """What a request sent now would be decided: `decision` as it would be stored.

    `change` is what becomes of the product that a request is about, and from when on; `items` are the
    quantities by product key from that day on. Both are None for requests that change none, or are refused.
    """

    outcome: str
    decision: Mapping[str, Any]
    version: TermsVersion
    items: Mapping[str, int] | None = None
    change: NewQuantity | None = None

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.decision, self.version)

    def day(self, fact: str) -> date | None:
        """A date of the decision by name, such as `ends_on`; None where there is none."""
        stored = self.decision.get(fact)
        return date.fromisoformat(stored) if stored else None


def possibilities(contract: Contract, at: datetime, books: Rulebooks | None = None) -> list[Possibility]:
    """Every kind of request that the terms in force provide for, with its earliest date, before any typing.

    Whether the contract contains what a change needs is not asked here. An ended or unformed contract has
    none; one that ends already has no further end to ask for.
    """
    today = japan_date(at)
    if contract.formed_on is None or (contract.ends_on and contract.ends_on < today):
        return []
    asked = _Asked(contract, at, books or Rulebooks())
    return [*asked.endings(), *asked.changes()]


@dataclass(frozen=True)
class _Asked:
    contract: Contract
    at: datetime
    books: Rulebooks

    def _version(self, kind: str) -> TermsVersion:
        """The version that a request of a kind is decided by."""
        day = japan_date(self.at)
        return self.books.governing(self.contract, day, lambda policy: policy.rule_on(kind))

    def endings(self) -> Iterator[Possibility]:
        if self.contract.ends_on:
            return
        version = self._version(Kind.CANCELLATION)
        yield self._ending(Kind.CANCELLATION, self._first_end(self.books.of(version)), version)
        starts_on, version = self.contract.service_starts_on, self._version(Kind.NON_RENEWAL)
        if version.policy.renewal and starts_on:
            decision = self.books.of(version).non_renewal(starts_on, self.at, None)
            yield self._ending(Kind.NON_RENEWAL, decision, version)

    def _first_end(self, rules: Rulebook) -> Cancellation:
        """The first possible end, no earlier than the start of service, with the deadline that it has."""
        earliest = rules.cancellation(self.at, None)
        starts_on = self.contract.service_starts_on
        ends_on = earliest.earliest_ends_on
        if starts_on and ends_on < starts_on:
            ends_on = starts_on
        return rules.cancellation(self.at, ends_on)

    def _ending(self, kind: Kind, decision: Cancellation, version: TermsVersion) -> Possibility:
        earliest = cast(date, decision.ends_on)
        return Possibility(kind, earliest, decision.last_day, "none", decision, version)

    def changes(self) -> Iterator[Possibility]:
        if self.contract.service_starts_on is None:
            return
        first = max(japan_date(self.at), self.contract.service_starts_on)
        for kind in KINDS:
            version = self._version(kind)
            rule = version.policy.change_rule(kind)
            if rule is None:
                continue
            decision = self._first_change(kind, first, self.books.of(version))
            earliest = decision.effective_on
            beyond_end = self.contract.ends_on and earliest and earliest > self.contract.ends_on
            if earliest and not beyond_end:
                yield Possibility(kind, earliest, decision.deadline_on, rule.proof, decision, version)

    def _first_change(self, kind: ChangeKind, first: date, rules: Rulebook) -> Change:
        decision = rules.change_by_dates(kind, self.at, first)
        if decision.outcome == "refused" and decision.earliest_effective_on:
            return rules.change_by_dates(kind, self.at, decision.earliest_effective_on)
        return decision


def ask(
    contract: Contract, kind: str, data: RequestData, at: datetime, *, monthly_fee: int | None = None
) -> Answer:
    """What a request sent at a moment would be decided; arguments and errors as for `submit_request`."""
    request = drafted(contract, kind, data, at)
    decision, context = judged(request, monthly_fee)
    stored = handler_of(kind).stored(request, decision, context)
    answer = Answer(stored["outcome"], stored, request.terms_version)
    if not isinstance(data, ProductChangeData) or not stored["effective_on"]:
        return answer
    request.decision = stored
    change = new_quantity(request)
    return replace(answer, items=_items_after(contract, change), change=change)


def _items_after(contract: Contract, change: NewQuantity) -> dict[str, int]:
    items = contract.items_on(change.starts_on)
    held = items.get(change.product, 0) if change.once else 0
    after = {**items, change.product: held + change.quantity}
    return {key: units for key, units in after.items() if units}


def cancelled_now(contract: Contract, at: datetime, *, monthly_fee: int | None = None) -> Answer:
    """What a cancellation sent now, for the earliest end that the terms allow, would be decided."""
    return ask(contract, Kind.CANCELLATION, CancellationData(), at, monthly_fee=monthly_fee)


def months_charged(contract: Contract, answer: Answer, day: date) -> list[Month]:
    """The months, from that of a day on, that would still be charged until the end."""
    last = answer.day("billed_through_on")
    if last is None or contract.billed_from_on is None:
        return []
    month, months = Month.of(max(day, contract.billed_from_on)), []
    while month.first <= last:
        months.append(month)
        month += 1
    return months


def charged_in(contract: Contract, answer: Answer, month: Month) -> dict[str, int]:
    """Quantities that would be charged for a month, by product key, were the answer carried out."""
    quantities: dict[str, int] = {}
    for item in _rows_after(contract, answer):
        if item.charged_in(month):
            quantities[item.product] = quantities.get(item.product, 0) + item.quantity
    return quantities


def _rows_after(contract: Contract, answer: Answer) -> list[ContractItem]:
    """The contract's rows as carrying the answer out would leave them; none of it is stored."""
    rows = [copy(item) for item in contract.items.all()]
    ends_on = answer.day("ends_on")
    if ends_on:
        return _ended(rows, ends_on, answer.day("billed_through_on"))
    return _changed(contract, rows, answer.change) if answer.change else rows


def _ended(rows: list[ContractItem], ends_on: date, billed_through_on: date | None) -> list[ContractItem]:
    lasting = [row for row in rows if row.starts_on <= ends_on]
    for row in lasting:
        if row.ends_on is None or row.ends_on > ends_on:
            row.ends_on, row.billed_through_on = ends_on, billed_through_on
    return lasting


def _changed(contract: Contract, rows: list[ContractItem], new: NewQuantity) -> list[ContractItem]:
    billed_from = max(new.billed_from, contract.billed_from_on or new.billed_from)
    last = billed_from - timedelta(days=1)
    for row in rows:
        if row.product == new.product and not new.once:
            row.billed_through_on = min(row.billed_through_on or last, last)
    begun = ContractItem(
        product=new.product,
        quantity=new.quantity,
        starts_on=new.starts_on,
        billed_from_on=billed_from,
        billed_through_on=Month.of(billed_from).last if new.once else contract.billed_through_on,
    )
    return [*rows, begun] if new.quantity else rows
