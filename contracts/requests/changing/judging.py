"""What would follow from a change of the contents: each line by its own article, and what all cost together.

Nothing here stores anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from contracts.extensions.costs import CostsAhead
from contracts.extensions.registered import costs_ahead
from contracts.lifecycle.items import NewQuantity
from contracts.models import ContractItem, ContractRequest
from contracts.models.request import RequestDecision
from contracts.requests.changing.imagined import contract_with
from contracts.requests.changing.rows import Changeable, OfferedRow
from contracts.requests.changing.wishes import Wish, wishes
from contracts.requests.kind import Note
from contracts.requests.offer import Offer
from contracts.requests.product_change import ProductChange
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.registry import drafted, judged
from contracts.requests.verdict import Verdict, verdict
from contracts.requests.what_if.asking import Together
from contracts.rules.calendar.period import Month, japan_date
from contracts.wording.dated_lines import DatedLine, dated_lines

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """The totals wanted from a day on, by product; `ids_deleted`: user IDs are deleted already."""

    starts_on: date
    totals: Mapping[str, int]
    ids_deleted: bool = False


@dataclass(frozen=True)
class JudgedLine:
    """A product that changes, as it would be asked for, with what the terms say to that.

    `problems` are what it can't be asked for by; without them there are a request and its decision.
    """

    wish: Wish
    offered: OfferedRow
    kind: ProductChange
    offer: Offer
    data: ProductChangeData
    request: ContractRequest
    decision: RequestDecision | None
    problems: Sequence[str] = ()

    @property
    def verdict(self) -> Verdict | None:
        if self.decision is None:
            return None
        return verdict(self.kind.key, self.request.terms_version, self.decision, self.data.wanted_on)

    @property
    def before(self) -> str:
        """How many there are, with the unit."""
        return self.offered.line.amount if self.offered.row.held else "—"

    @property
    def after(self) -> str:
        """How many there are to be; of what is charged once, how many come."""
        return replace(self.offered.line, quantity=self.wish.total).amount if self.wish.total else "—"

    @property
    def possible(self) -> bool:
        return self.decision is not None and self.decision.outcome != "refused"

    @property
    def starts_on(self) -> date | None:
        """The first day of the new state; None where it is refused."""
        settled = self.decision.settled_on if self.decision else None
        return self.kind.first_day(settled) if settled else None

    @property
    def earliest_on(self) -> date | None:
        """The first day that the new state can begin on where it was asked for too late, or too early.

        That is after a change of the same product that is settled.
        """
        found = self.verdict
        if found is None:
            settled = [one.starts_on for one in self.request.contract.items.all() if self._is_of(one)]
            return max(settled) + ONE_DAY if settled else None
        return self.kind.first_day(found.instead) if found.instead else None

    def _is_of(self, item: ContractItem) -> bool:
        """Whether a row of its product begins only after what was last as it is before the change."""
        return item.product == self.wish.product and item.starts_on >= self.data.wanted_on

    @property
    def dates(self) -> list[DatedLine]:
        return dated_lines(self.decision, self.request.terms_version, planned=self.request.is_planned)

    @property
    def changes(self) -> list[NewQuantity]:
        """What becomes of its product, and what is charged once beside it."""
        new = self.kind.new_quantity(self.request) if self.possible else None
        if new is None:
            return []
        once = self.kind.charged_once(self.request)
        brought = {product: units for product, units in once.items() if product != new.product}
        return [
            new,
            *(replace(new, product=key, quantity=units, once=True) for key, units in brought.items()),
        ]

    @property
    def notes(self) -> list[Note]:
        hints = self.kind.hints(self.request) if self.possible else ()
        return [*self.kind.notes(self.offer, self.decision), *hints]


def judge(changeable: Changeable, wanted: Wanted) -> list[JudgedLine]:
    """What the terms say to each product that is to change, in the order in which they would be sent.

    Each counts with what those before it change. ValueError for a total that the contract can't have.
    """
    offered = {row.key: row for _label, rows in changeable.groups_on(wanted.starts_on) for row in rows}
    lines: list[JudgedLine] = []
    for wish in wishes([one.row for one in offered.values()], wanted.totals):
        lines.append(_judged(changeable, wanted, wish, offered[wish.product], lines))
    return lines


def _judged(
    changeable: Changeable, wanted: Wanted, wish: Wish, offered: OfferedRow, before: Sequence[JudgedLine]
) -> JudgedLine:
    kind, offer = changeable.offer_of(wish.kind)
    data = ProductChangeData(
        wanted_on=kind.day_for(offer.version, wanted.starts_on),
        product=wish.product,
        quantity=wish.quantity,
        user_ids_deleted=wanted.ids_deleted and changeable.asks_for_deleted_ids,
    )
    contract = contract_with(changeable.contract, beside(kind, offer, before))
    request = drafted(contract, kind.key, data, changeable.at)
    try:
        request.decided = decision = judged(request)[0]
    except ValidationError as error:
        return JudgedLine(wish, offered, kind, offer, data, request, None, error.messages)
    return JudgedLine(wish, offered, kind, offer, data, request, decision)


def beside(kind: ProductChange, offer: Offer, before: Sequence[JudgedLine]) -> list[NewQuantity]:
    """The changes that a line counts with. What counts by its receipt begins without what has to wait."""
    by_receipt = _counts_by_receipt(kind, offer)
    return [
        new
        for line in before
        if not by_receipt or _counts_by_receipt(line.kind, line.offer)
        for new in line.changes
    ]


def _counts_by_receipt(kind: ProductChange, offer: Offer) -> bool:
    return offer.version.policy.effect_of(kind.key) is not None


def costs_of(
    changeable: Changeable, lines: Sequence[JudgedLine], through: Month | None = None
) -> CostsAhead | None:
    """What coming months cost without and with lines; None where one isn't possible, or no price is known."""
    changes = [new for line in lines for new in line.changes]
    if not changes or not all(line.possible for line in lines):
        return None
    return costs_ahead(changeable.contract, Together(changes), japan_date(changeable.at), through)


def earliest_for_all(lines: Sequence[JudgedLine]) -> date | None:
    """The first day for all that is too late now; None where nothing is, or one could never begin."""
    days = [line.earliest_on for line in lines if not line.possible]
    return max(days) if days and all(days) else None  # type: ignore[type-var]


@dataclass(frozen=True)
class BetterDay:
    """A day that is cheaper than the wanted one by so many yen with tax, for the month that costs less.

    `later`: the wanted day is charged for its whole month, of which nothing would be charged; otherwise the
    number so far is charged for that month, of which less would be.
    """

    day: date
    saving: int
    month: Month
    later: bool


def better_day(changeable: Changeable, wanted: Wanted, lines: Sequence[JudgedLine]) -> BetterDay | None:
    """The first of the wanted day's month, or of the next one, where that costs less; else None."""
    month = Month.of(wanted.starts_on)
    through = month + 3
    costs = costs_of(changeable, lines, through)
    if costs is None:
        return None
    found = [
        BetterDay(day, costs.then - cheaper, month, day > wanted.starts_on)
        for day in _candidates(changeable, wanted.starts_on)
        if (cheaper := _cost_from(changeable, wanted, day, through)) is not None and cheaper < costs.then
    ]
    return max(found, key=lambda one: one.saving, default=None)


def _candidates(changeable: Changeable, day: date) -> Iterator[date]:
    """Days to begin on instead. Whoever begins on the first of a month has all of what that month costs."""
    month, ends_on = Month.of(day), changeable.contract.ends_on
    for first in (month.first, (month + 1).first) if day != month.first else ():
        if first >= japan_date(changeable.at) and (ends_on is None or first <= ends_on):
            yield first


def _cost_from(changeable: Changeable, wanted: Wanted, day: date, through: Month) -> int | None:
    """Yen with tax, up to a month, where all begins on another day; None where it can't."""
    try:
        lines = judge(changeable, replace(wanted, starts_on=day))
    except ValueError:
        return None
    costs = costs_of(changeable, lines, through)
    return costs.then if costs else None
