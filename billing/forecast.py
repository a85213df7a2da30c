"""What a contract will cost in coming months: as it stands, and if something changed. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.calculation.charges import ChargeLine, charge_lines, unpriced
from billing.calculation.invoice import calculate
from billing.calculation.prices import NoPriceError, price_list_on
from billing.models import Invoice, PriceListVersion, SpecialPrice
from contracts.models import Contract
from contracts.operations.rulebooks import Rulebooks
from contracts.rules.period import Month
from contracts.rules.rulebook import NotProvided
from contracts.what_if import Answer, charged_in, months_charged

_MONTHS_AFTER_A_CHANGE = 2


@dataclass(frozen=True)
class Amount:
    """Whole yen; `sample` says that a price in it is only an example."""

    net: int
    tax: int
    sample: bool = False

    @property
    def gross(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True)
class MonthAhead:
    """A month as it stands now, and as it would be. `invoiced`: its invoice is out already."""

    month: Month
    now: Amount
    then: Amount
    invoiced: bool

    @property
    def difference(self) -> int:
        return self.then.gross - self.now.gross


@dataclass(frozen=True)
class Forecast:
    """The fees of coming months, without what is charged by use."""

    months: Sequence[MonthAhead]

    @property
    def now(self) -> int:
        return sum(ahead.now.gross for ahead in self.months)

    @property
    def then(self) -> int:
        return sum(ahead.then.gross for ahead in self.months)

    @property
    def difference(self) -> int:
        return self.then - self.now

    @property
    def sample(self) -> bool:
        return any(ahead.now.sample or ahead.then.sample for ahead in self.months)


def forecast(contract: Contract, answer: Answer, day: date) -> Forecast | None:
    """What the months from that of a day on cost, and would cost were an answer carried out.

    An end is counted up to the last month that is charged, a change up to the second month after it. The rest
    of a minimum term stands in the month of the end. None where nothing would change, or a price is missing.
    """
    fees = _Fees(contract)
    invoiced = set(
        Invoice.objects.charging()
        .filter(contract=contract, month__gte=Month.of(day).first)
        .values_list("month", flat=True)
    )
    try:
        found = [
            MonthAhead(
                month,
                fees.amount(month, contract.items_charged_in(month)),
                fees.amount(month, charged_in(contract, answer, month), _rest_of_minimum_term(answer, month)),
                month.first in invoiced,
            )
            for month in _months(contract, answer, day)
        ]
    except (KeyError, NoPriceError, NotProvided):
        return None
    return Forecast(found) if found else None


def _months(contract: Contract, answer: Answer, day: date) -> list[Month]:
    ends_on = answer.day("ends_on")
    if ends_on:
        months = months_charged(contract, answer, day)
        last = Month.of(ends_on)
        return months if not _rest_of_minimum_term(answer, last) or last in months else [*months, last]
    if answer.change is None:
        return []
    changes_in = max(Month.of(answer.change.billed_from), Month.of(day))
    months = [Month.of(day)]
    while months[-1] < changes_in + _MONTHS_AFTER_A_CHANGE:
        months.append(months[-1] + 1)
    return months


def _rest_of_minimum_term(answer: Answer, month: Month) -> int:
    """Yen without tax that the rest of the minimum term costs, in the month of the end."""
    ends_on = answer.day("ends_on")
    if ends_on is None or Month.of(ends_on) != month:
        return 0
    return answer.decision.get("minimum_term_charge") or 0


class _Fees:
    """The monthly fees of a contract by the terms and prices of each month's last day."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._books = Rulebooks()
        lists = PriceListVersion.objects.filter(service=contract.service_id)
        self._price_lists = [stored.prices for stored in lists]
        self._special = list(SpecialPrice.objects.filter(contract=contract))

    def amount(self, month: Month, items: Mapping[str, int], extra: int = 0) -> Amount:
        """What quantities, and an extra in yen without tax, come to on an invoice of a month."""
        version = self._books.in_force(self._contract.service, month.last)
        rules = self._books.of(version or self._contract.contracted_version)
        special = {price.product: price.unit_price for price in self._special if price.holds_on(month.last)}
        lines: list[ChargeLine] = []
        if items:
            prices = price_list_on(self._price_lists, month.last)
            if unpriced(rules.policy, items, special):
                raise NoPriceError(f"{self._contract} waits for a price by individual quotation")
            lines += charge_lines(rules.policy, prices, items, special)
        if extra:
            lines.append(ChargeLine(amount=extra, tax="standard"))
        if not lines:
            return Amount(0, 0)
        invoice = calculate(rules, lines, month)
        return Amount(invoice.net, invoice.tax, any(line.sample for line in lines))
