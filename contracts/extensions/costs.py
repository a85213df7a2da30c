"""What a contract will cost, as whoever knows prices tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.rules.calendar.period import Month


@dataclass(frozen=True)
class MonthCosts:
    """What a month costs as things are, and as they would be; yen with tax."""

    month: Month
    now: int
    then: int

    @property
    def difference(self) -> int:
        return self.then - self.now


@dataclass(frozen=True)
class CostsAhead:
    """The fees of coming months, in their order, up to one in which nothing changes any more.

    `sample`: a price is only an example.
    """

    months: Sequence[MonthCosts]
    sample: bool

    @property
    def monthly(self) -> MonthCosts:
        """What each month costs in the end."""
        return self.months[-1]

    @property
    def first_changed(self) -> MonthCosts | None:
        """The first month that costs otherwise; None where none does."""
        return next((one for one in self.months if one.difference), None)

    @property
    def then(self) -> int:
        """All these months, as they would be."""
        return sum(one.then for one in self.months)
