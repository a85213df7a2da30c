"""What is measured of the contracts that a new version touches: by contracts, and by apps above them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from contracts.rules.rulebook import Rulebook


@dataclass(frozen=True)
class Facts:
    """What the measured values of a contract depend on; contracts with the same facts fare alike.

    `starts_later_on` is the start of service where that is still to come on the day the version takes effect.
    `items` are the products, with their quantities, that are charged in the month of that day.
    """

    formed_on: date
    starts_later_on: date | None
    has_end: bool
    payment_method: str
    items: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Measured:
    """A value of a contract in words, and the articles of the rule that it follows from."""

    label: str
    text: str
    articles: tuple[str, ...]


Measure = Callable[[Rulebook, Facts, date], Measured | None]
"""Measures a contract by one version, on the day the new one takes effect. None: no such rule."""
