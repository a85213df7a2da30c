"""Consumption tax: the rate of a day, and one rounding per rate and document (消費税法57条の4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

from contracts.problems import Reason, UnfitError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step, step

from .money import rounded

if TYPE_CHECKING:
    from contracts.rules.policy.charging import TaxRule

Treatment = Literal["standard", "reduced", "outside"]
OUTSIDE: Literal["outside"] = "outside"

# Dates of application: 消費税法 and its amendments of 1994, 2012 and 2016. Percent: standard, reduced.
_RATES: tuple[tuple[date, Decimal, Decimal], ...] = (
    (date(2019, 10, 1), Decimal(10), Decimal(8)),
    (date(2014, 4, 1), Decimal(8), Decimal(8)),
    (date(1997, 4, 1), Decimal(5), Decimal(5)),
    (date(1989, 4, 1), Decimal(3), Decimal(3)),
)


def tax_percent(treatment: Literal["standard", "reduced"], day: date) -> Decimal:
    """The rate of a day in percent; `reduced` is the standard rate before 2019-10-01.

    UnfitError before 1989-04-01, when there was no consumption tax.
    """
    for since, standard, reduced in _RATES:
        if day >= since:
            return standard if treatment == "standard" else reduced
    raise UnfitError(Reason("no_tax_yet", {"day": day}))


class Taxed(Protocol):
    """An amount in yen without tax, how it is taxed, and its month of supply where that is another."""

    @property
    def amount(self) -> int: ...
    @property
    def tax(self) -> Treatment: ...
    @property
    def month(self) -> Month | None: ...


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What a document contains at one rate: `rate` is in percent, `net` and `tax` are yen."""

    rate: Decimal | Literal["outside"]
    net: int
    tax: int

    @property
    def label(self) -> str:
        """The rate as text: `10`, `8`, `outside`."""
        return str(self.rate)

    def to_json(self) -> dict[str, int]:
        return {"net": self.net, "tax": self.tax}


def tax_by_rate(
    lines: Iterable[Taxed], day: date, rule: TaxRule
) -> tuple[tuple[RateTotal, ...], tuple[Step, ...]]:
    """The totals of a document by rate, the highest rate first and untaxed amounts last.

    Tax is rounded once for each rate, on the sum. `day` is the day whose rate counts; for what was supplied
    in a month of its own, the last day of that month.
    """
    nets: dict[Decimal | Literal["outside"], int] = {}
    days: dict[Decimal | Literal["outside"], date] = {}
    for line in lines:
        counted = line.month.last if line.month else day
        rate = OUTSIDE if line.tax == "outside" else tax_percent(line.tax, counted)
        nets[rate] = nets.get(rate, 0) + line.amount
        days[rate] = max(days.get(rate, counted), counted)
    totals: list[RateTotal] = []
    steps: list[Step] = []
    for percent in sorted((rate for rate in nets if rate != OUTSIDE), reverse=True):
        net = nets[percent]
        tax = rounded(net * percent / 100, rule.rounding)
        totals.append(RateTotal(percent, net, tax))
        steps.append(step(rule, "tax.rate", percent, day=days[percent]))
        steps.append(step(rule, f"tax.rounding.{rule.rounding}", tax, net=net, percent=percent))
    if OUTSIDE in nets:
        totals.append(RateTotal(OUTSIDE, nets[OUTSIDE], 0))
        steps.append(step(rule, "tax.outside", 0, net=nets[OUTSIDE]))
    return tuple(totals), tuple(steps)
