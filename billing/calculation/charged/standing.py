"""What stands charged: for each month of supply and product, by the documents that were issued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.rules.calendar.period import Month

REST = "return"
"""The product of a line that returns whatever is left of an invoice at its rate."""


class Supply(NamedTuple):
    """A product in the month in which it was supplied."""

    month: Month
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLine:
    """A line of a document that charges or returns a product; amounts in yen without tax.

    `place` counts the document's lines from 0, `rate` is the tax rate in percent as text, None outside the
    tax. What follows from a decision (interest, a credit) is no such line.
    """

    supply: Supply
    place: int
    amount: int
    quantity: int
    unit_price: int
    rate: str | None


@dataclass(frozen=True, kw_only=True)
class StatedDocument:
    """An invoice that was not cancelled, or a return (`returns` names its invoice).

    `corrects` marks a return that followed from a comparison; any other was decided by staff.
    """

    number: str
    month: Month
    lines: Sequence[StatedLine]
    returns: str | None = None
    corrects: bool = False


@dataclass(slots=True)
class Place:
    """A line of an invoice, and how much of its amount no return took back."""

    document: str
    line: StatedLine
    left: int

    def take(self, wanted: int) -> int:
        """Take back at most an amount; gives what was there to take."""
        taken = min(self.left, wanted)
        self.left -= taken
        return taken


@dataclass(slots=True)
class Standing:
    """What stands charged of one supply, in yen without tax.

    `charged` is what invoices state, less returns that followed from comparisons; `given_back` is what staff
    returned beyond those, for whatever reason.
    """

    places: list[Place] = field(default_factory=list)
    charged: int = 0
    given_back: int = 0

    @property
    def is_untouched(self) -> bool:
        """Whether one invoice alone charges it, and nothing of it was returned."""
        return len({place.document for place in self.places}) == 1 and not any(
            place.left != place.line.amount for place in self.places
        )


def standing(documents: Iterable[StatedDocument]) -> dict[Supply, Standing]:
    """What the live documents of one contract charge, by supply."""
    documents = list(documents)
    found: dict[Supply, Standing] = defaultdict(Standing)
    for invoice in documents:
        if invoice.returns is None:
            for line in invoice.lines:
                found[line.supply].places.append(Place(invoice.number, line, line.amount))
                found[line.supply].charged += line.amount
    for document in documents:
        if document.returns is not None:
            _take_back(found, document)
    return dict(found)


def _take_back(found: Mapping[Supply, Standing], document: StatedDocument) -> None:
    for line in document.lines:
        wanted = None if line.supply.product == REST else -line.amount
        for supply, stands in found.items():
            for place in _places_of(stands, supply, document, line):
                taken = place.take(place.left if wanted is None else wanted)
                wanted = None if wanted is None else wanted - taken
                if document.corrects:
                    stands.charged -= taken
                else:
                    stands.given_back += taken


def _places_of(
    stands: Standing, supply: Supply, document: StatedDocument, line: StatedLine
) -> Iterable[Place]:
    """The places of the returned invoice that a line of a return takes from."""
    of_invoice = [place for place in stands.places if place.document == document.returns]
    if line.supply.product == REST:
        return [place for place in of_invoice if place.line.rate == line.rate]
    if line.supply != supply:
        return []
    return sorted(of_invoice, key=lambda place: place.line.unit_price != line.unit_price)
