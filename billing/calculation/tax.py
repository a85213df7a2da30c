"""Consumption tax: the rate of a day, and one rounding per rate and document (消費税法57条の4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step, step
from contracts.rules.policy.base import Strict
from contracts.rules.policy.reading import read_file, read_toml
from contracts.rules.problems import DataError

from .money import rounded

if TYPE_CHECKING:
    from contracts.rules.policy.charging import TaxRule

Category = Literal["standard", "reduced"]
Treatment = Literal["standard", "reduced", "outside"]
OUTSIDE: Literal["outside"] = "outside"

_WITHOUT_NUMBER = " unregistered"
_FILE = Path(__file__).with_name("tax_rates.toml")


class TaxRate(Strict):
    """The percentage of a category for what is supplied from a day on, and the law that says so."""

    category: Category
    since: date
    percent: Decimal
    source: str


class TaxRates(Strict):
    """All rates that there were, are and are enacted."""

    rates: tuple[TaxRate, ...]

    def percent(self, category: Category, day: date) -> Decimal:
        """The rate of a day in percent; `reduced` is the standard rate where it has none of its own.

        UnfitError before 1989-04-01, when there was no consumption tax.
        """
        holding = [rate for rate in self.rates if rate.category == category and rate.since <= day]
        if holding:
            return max(holding, key=lambda rate: rate.since).percent
        if category == "reduced":
            return self.percent("standard", day)
        raise UnfitError(Reason("no_tax_yet", {"day": day}))


@cache
def tax_rates() -> TaxRates:
    """The rates of the file `tax_rates.toml`."""
    return TaxRates.model_validate(read_toml(read_file(_FILE, DataError), DataError))


def _always(day: date) -> bool:
    return True


@dataclass(frozen=True)
class Taxation:
    """What decides how a supply is taxed: the rates, and on which days the issuer has a registration number.

    Only for what a registered issuer supplies a document is a 適格請求書 (消費税法57条の2、57条の4第1項).
    """

    rates: TaxRates = field(default_factory=tax_rates)
    registered: Callable[[date], bool] = _always


class Taxed(Protocol):
    """An amount in yen without tax, how it is taxed, and its month of supply where that is another."""

    @property
    def amount(self) -> int: ...
    @property
    def tax(self) -> Treatment: ...
    @property
    def month(self) -> Month | None: ...


@dataclass(frozen=True)
class TaxedAmount:
    """An amount that no product stands behind; see `Taxed`."""

    amount: int
    tax: Treatment
    month: Month | None = None


def supply_day(line: Taxed, day: date) -> date:
    """The day whose rate and registration count for a line: the last of its month of supply, else `day`.

    A month's service is supplied when the month is over (消費税法基本通達9-1-5).
    """
    return line.month.last if line.month else day


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What a document contains at one rate: `rate` is in percent, `net` and `tax` are yen.

    What was supplied without a registration number has a total of its own.
    """

    rate: Decimal | Literal["outside"]
    net: int
    tax: int
    registered: bool = True

    @property
    def label(self) -> str:
        """The rate as text, as `rate_label` gives it."""
        return rate_label(str(self.rate), self.registered)

    def to_json(self) -> dict[str, int]:
        return {"net": self.net, "tax": self.tax}


def rate_label(rate: str, registered: bool) -> str:
    """The name of a total: `10`, `8`, `outside`; `10 unregistered` without a registration number."""
    return rate if registered else f"{rate}{_WITHOUT_NUMBER}"


def from_label(label: str) -> tuple[Decimal | Literal["outside"], bool]:
    """The rate that a label names, and whether there was a registration number."""
    rate = label.removesuffix(_WITHOUT_NUMBER)
    return (OUTSIDE if rate == OUTSIDE else Decimal(rate)), rate == label


def in_order(label: str) -> tuple[bool, Decimal, bool]:
    """Sorts labels: the highest rate first, without a registration number after with one, untaxed last."""
    rate, registered = from_label(label)
    return (rate == OUTSIDE, Decimal(0) if rate == OUTSIDE else -rate, not registered)


def tax_by_rate(
    lines: Iterable[Taxed], day: date, rule: TaxRule, taxation: Taxation | None = None
) -> tuple[tuple[RateTotal, ...], tuple[Step, ...]]:
    """The totals of a document by rate, the highest rate first and untaxed amounts last.

    Tax is rounded once for each rate, on the sum. `day` is the day whose rate counts; for what was supplied
    in a month of its own, the last day of that month. Without `taxation` the rates are those of the law, and
    the issuer is registered.
    """
    taxation = taxation or Taxation()
    nets: dict[str, int] = {}
    days: dict[str, date] = {}
    for line in lines:
        counted = supply_day(line, day)
        label = _label(line, counted, taxation)
        nets[label] = nets.get(label, 0) + line.amount
        days[label] = max(days.get(label, counted), counted)
    totals: list[RateTotal] = []
    steps: list[Step] = []
    for label in sorted(nets, key=in_order):
        total, taken = _total(label, nets[label], days[label], rule)
        totals.append(total)
        steps += taken
    return tuple(totals), tuple(steps)


def _label(line: Taxed, day: date, taxation: Taxation) -> str:
    if line.tax == "outside":
        return OUTSIDE
    return rate_label(str(taxation.rates.percent(line.tax, day)), taxation.registered(day))


def _total(label: str, net: int, day: date, rule: TaxRule) -> tuple[RateTotal, list[Step]]:
    """The total of a label, with the steps that lead there."""
    percent, registered = from_label(label)
    if percent == OUTSIDE:
        return RateTotal(OUTSIDE, net, 0), [step(rule, "tax.outside", 0, net=net)]
    tax = rounded(net * percent / 100, rule.rounding)
    steps = [
        step(rule, "tax.rate", percent, day=day, **told(registered)),
        step(rule, f"tax.rounding.{rule.rounding}", tax, net=net, percent=percent, **told(registered)),
    ]
    if not registered:
        steps.append(step(rule, "tax.unregistered", net, day=day, percent=percent, **told(registered)))
    return RateTotal(percent, net, tax, registered), steps


def told(registered: bool) -> dict[str, object]:
    """What a step or a line says of the registration: nothing where there is one, as is usual."""
    return {} if registered else {"registered": False}
