"""What a contract will cost in coming months: as it stands, and if something changed. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from billing.calculation.charges import ChargeLine
from billing.calculation.invoice import calculate
from billing.invoicing.drafts import CannotBillError, MonthlyCharges
from billing.models import Invoice
from billing.pricing.pending import Pending, pending_of
from contracts.models import Contract, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.what_if.asking import Answer, Together, charged_in, months_charged
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from contracts.rules.life.end_with_minimum_term import minimum_term_charge

_MONTHS_AFTER_A_CHANGE = 2
_WHEN_USE_MAY_FOLLOW = (1, 2)  # months after the end


@dataclass(frozen=True)
class Amount:
    """Whole yen; `sample` says that a price in it is only an example."""

    net: int
    tax: int
    sample: bool = False

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def instead_of(self, other: "Amount", invoiced: "Amount") -> "Amount":
        """What was invoiced, less another amount and with this one in its place."""
        return Amount(
            invoiced.net + self.net - other.net,
            invoiced.tax + self.tax - other.tax,
            self.sample or other.sample,
        )


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
    """What coming months cost, without use that is still to come."""

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


def forecast(
    contract: Contract,
    answer: Answer | Together,
    day: date,
    *,
    fees_only: bool = False,
    through: Month | None = None,
) -> Forecast | None:
    """What the months from that of a day on cost, and would cost were an answer carried out.

    An end is counted up to the last invoice, changes up to the second month after the last of them, or
    `through` a later month. The rest of a minimum term stands in the month of the end. A month that is
    invoiced costs what its documents say. None where nothing would change, or a price is missing.
    """
    months = _months(contract, answer, day, through)
    if not months:
        return None
    later = [months[-1] + further for further in _WHEN_USE_MAY_FOLLOW] if answer.ends_on else []
    try:
        charges = _Charges(contract, Month.of(day), [*months, *later][-1], fees_only)
        months += [month for month in later if charges.known_in(month)]
        return Forecast([_ahead(contract, answer, charges, month) for month in months])
    except (KeyError, CannotBillError, NotProvided):
        return None


def _ahead(contract: Contract, answer: Answer | Together, charges: "_Charges", month: Month) -> MonthAhead:
    rest = _rest_of_minimum_term(answer, month)
    now = charges.amount(month, contract.items_charged_in(month))
    then = charges.amount(month, charged_in(contract, answer, month), rest)
    invoiced = charges.invoiced.get(month)
    if invoiced is None:
        return MonthAhead(month, now, then, invoiced=False)
    return MonthAhead(month, invoiced, then.instead_of(now, invoiced), invoiced=True)


def _months(contract: Contract, answer: Answer | Together, day: date, through: Month | None) -> list[Month]:
    if isinstance(answer, Answer) and (ends_on := answer.ends_on):
        months = months_charged(contract, answer, day)
        last = Month.of(ends_on)
        return months if not _rest_of_minimum_term(answer, last) or last in months else [*months, last]
    if not answer.changes:
        return []
    changes_in = max(Month.of(max(new.billed_from for new in answer.changes)), Month.of(day))
    last = changes_in + _MONTHS_AFTER_A_CHANGE
    months = [Month.of(day)]
    while months[-1] < max(last, through or last):
        months.append(months[-1] + 1)
    return months


def _rest_of_minimum_term(answer: Answer | Together, month: Month) -> int:
    """Yen without tax that the rest of the minimum term costs, in the month of the end."""
    if not isinstance(answer, Answer) or answer.ends_on is None or Month.of(answer.ends_on) != month:
        return 0
    return minimum_term_charge(answer.decision) or 0


class _Charges:
    """What a contract is charged by the terms and prices of each month's last day.

    That is its monthly fees and, but for `fees_only`, what is known beyond them already: imported usage and
    one-off amounts such as credits for outages, each in the month whose invoice will state it.
    """

    def __init__(self, contract: Contract, first: Month, last: Month, fees_only: bool) -> None:
        self._contract = contract
        self._books = Rulebooks()
        self._of_month: dict[Month, MonthlyCharges] = {}
        waiting = pending_of([contract], last)[contract.pk]
        self._special_prices = waiting.special_prices
        before = first + -1  # may still be to be invoiced
        self.invoiced = _invoiced(contract, before)
        begins_before = before not in self.invoiced and contract.items_charged_in(before)
        begins = before if begins_before else first
        self._known = {} if fees_only else self._due_by_month(waiting, begins, last)

    def known_in(self, month: Month) -> bool:
        """Whether something beyond the monthly fees is known to stand on a month's invoice."""
        known = self._known.get(month)
        return known is not None and bool(known.used or known.adjustments)

    def amount(self, month: Month, items: Mapping[str, int], extra: int = 0) -> Amount:
        """What quantities, and an extra in yen without tax, come to on an invoice of a month.

        Raises CannotBillError and NotProvided.
        """
        version = self._version_in(month)
        known = self._known.get(month) or Pending(special_prices=self._special_prices)
        lines = [*self._charges_of(month).lines(self._contract, version.policy, dict(items), known)]
        if extra:
            lines.append(ChargeLine(amount=extra, tax="standard"))
        if not lines:
            return Amount(0, 0)
        invoice = calculate(self._books.of(version), lines, month)
        return Amount(invoice.net, invoice.tax, any(line.sample for line in lines))

    def _version_in(self, month: Month) -> TermsVersion:
        return self._books.governing(self._contract, month.last)

    def _charges_of(self, month: Month) -> MonthlyCharges:
        return self._of_month.setdefault(month, MonthlyCharges(month))

    def _due_by_month(self, waiting: Pending, month: Month, last: Month) -> dict[Month, Pending]:
        """What waits, by the first month not yet invoiced whose invoice may state it."""
        found: dict[Month, Pending] = {}
        while month <= last:
            if month not in self.invoiced:
                found[month] = due = self._due_in(month, waiting)
                stated = set(due.used)
                waiting = Pending(
                    [used for used in waiting.used if used not in stated],
                    [amount for amount in waiting.adjustments if amount not in due.adjustments],
                    waiting.special_prices,
                )
            month += 1
        return found

    def _due_in(self, month: Month, waiting: Pending) -> Pending:
        ripe = Pending(
            [used for used in waiting.used if used.month <= month],
            [amount for amount in waiting.adjustments if amount.month <= month.first],
            waiting.special_prices,
        )
        return self._charges_of(month).due_now(self._contract, self._version_in(month).policy, ripe)


def _invoiced(contract: Contract, since: Month) -> dict[Month, Amount]:
    """What the documents of each month come to that is invoiced: its invoice and what was returned of it."""
    charged = Invoice.objects.charging().filter(contract=contract, month__gte=since.first)
    documents = Invoice.objects.live().filter(contract=contract, month__in=charged.values("month"))
    sums = documents.order_by("month").values("month").annotate(nets=Sum("net"), taxes=Sum("tax"))
    return {Month.of(row["month"]): Amount(row["nets"], row["taxes"]) for row in sums}
