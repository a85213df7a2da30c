"""Questions to the rules without sending anything: what is possible, and what would follow.

Nothing here stores anything. The answers are those that a request sent at the same moment would get.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, cast

from contracts.explain import Explanation, explain
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.operations.handlers import handler_of
from contracts.operations.requests import drafted, judged
from contracts.operations.rulebooks import Rulebooks
from contracts.request_data import CancellationData, ProductChangeData, RequestData
from contracts.rules.cancellation import Cancellation
from contracts.rules.change import DROPS, KINDS, Change, ChangeKind
from contracts.rules.decision import Decision
from contracts.rules.period import japan_date
from contracts.rules.rulebook import Rulebook

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

    `items` are the quantities by product key from the first day of the new state on; None for requests that
    change none, or are refused.
    """

    outcome: str
    decision: Mapping[str, Any]
    version: TermsVersion
    items: Mapping[str, int] | None = None

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
        return Possibility(kind, earliest, decision.deadline_on, "none", decision, version)

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
    items = _items_after(request, stored) if isinstance(data, ProductChangeData) else None
    return Answer(stored["outcome"], stored, request.terms_version, items)


def _items_after(request: ContractRequest, decision: Mapping[str, Any]) -> dict[str, int] | None:
    if not decision.get("effective_on"):
        return None
    day = date.fromisoformat(decision["effective_on"])
    if request.kind in DROPS:
        day += timedelta(days=1)
    items = request.contract.items_on(day)
    held = items.get(request.product, 0)
    match request.kind:
        case Kind.ADD_ITEM | Kind.ADD_OPTION:
            after = held + request.quantity
        case Kind.DROP_ITEM | Kind.DROP_OPTION:
            after = held - request.quantity if request.quantity else 0
        case _:
            after = request.quantity
    return {key: units for key, units in {**items, request.product: after}.items() if units}


def cancelled_now(contract: Contract, at: datetime, *, monthly_fee: int | None = None) -> Answer:
    """What a cancellation sent now, for the earliest end that the terms allow, would be decided."""
    return ask(contract, Kind.CANCELLATION, CancellationData(), at, monthly_fee=monthly_fee)


def months_charged(contract: Contract, answer: Answer, day: date) -> list[date]:
    """The first days of the months, from that of a day on, that would still be charged until the end."""
    last = answer.day("billed_through_on")
    if last is None or contract.billed_from_on is None:
        return []
    month = max(day, contract.billed_from_on).replace(day=1)
    months = []
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return months
