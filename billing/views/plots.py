"""Amounts by month as bars that a page draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billing.invoicing.by_month import ChargedByMonth, ServiceCharges

_STEP, _WIDTH, _HEIGHT = 10, 8, 40


@dataclass(frozen=True)
class Bar:
    """A month's bar in the units of its drawing; `amount` in yen, below zero without a bar."""

    month: date
    amount: int
    x: int
    height: int
    width: int = _WIDTH

    @property
    def y(self) -> int:
        return _HEIGHT - self.height


@dataclass(frozen=True)
class Plot:
    """The months of one service, with the last one that charged anything and the highest."""

    charges: ServiceCharges
    bars: Sequence[Bar]

    @property
    def width(self) -> int:
        return _STEP * len(self.bars)

    @property
    def height(self) -> int:
        return _HEIGHT

    @property
    def latest(self) -> Bar:
        return next((bar for bar in reversed(self.bars) if bar.amount), self.bars[-1])

    @property
    def highest(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.amount)


def plots(charged: ChargedByMonth) -> list[Plot]:
    """A plot for each service, all on one scale, so that their bars can be compared."""
    highest = max(charged.highest, 1)
    return [
        Plot(
            one,
            [
                Bar(month.first, amount, place * _STEP + 1, _height(amount, highest))
                for place, (month, amount) in enumerate(zip(charged.months, one.amounts, strict=True))
            ],
        )
        for one in charged.services
    ]


def _height(amount: int, highest: int) -> int:
    """However small an amount is, its bar is seen."""
    return max(1, round(amount * _HEIGHT / highest)) if amount > 0 else 0
