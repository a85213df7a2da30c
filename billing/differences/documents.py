"""The documents of contracts as the comparison reads them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from billing.calculation.charged.rounding import StatedTax
from billing.calculation.charged.standing import StatedDocument, StatedLine, Supply
from billing.models import Invoice
from contracts.rules.calendar.period import Month


@dataclass
class Documents:
    """The live documents of one contract, its months' invoices, by number, and what they state as tax.

    `returned` are the invoices of which something was returned.
    """

    stated: list[StatedDocument] = field(default_factory=list)
    invoices: dict[Month, str] = field(default_factory=dict)
    taxes: dict[Month, list[StatedTax]] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)


def documents_of(contracts: Collection[int]) -> dict[int, Documents]:
    """The documents of contracts by primary key; one query however many."""
    found: dict[int, Documents] = defaultdict(Documents)
    rows = (
        Invoice.objects.live()
        .filter(contract__in=contracts)
        .order_by("pk")
        .values_list(
            "contract",
            "number",
            "month",
            "original__number",
            "document__lines",
            "document__corrects",
            "document__rates",
        )
    )
    for contract, number, first, original, lines, corrects, rates in rows.iterator():
        month = Month.of(first)
        document = StatedDocument(
            number=number,
            month=month,
            lines=stated_lines(lines, month),
            returns=original,
            corrects=bool(corrects),
        )
        found[contract].stated.append(document)
        if original is None:
            found[contract].invoices[month] = number
            found[contract].taxes[month] = [StatedTax(one["rate"], one["net"], one["tax"]) for one in rates]
        else:
            found[contract].returned.add(original)
    return found


def stated_lines(lines: Sequence[Mapping[str, Any]], month: Month) -> list[StatedLine]:
    """The lines of a document of a month that charge or return products."""
    return [
        StatedLine(
            supply=Supply(_supplied(line, month), line["product"]),
            place=place,
            amount=line["amount"],
            quantity=line["quantity"],
            unit_price=line["unit_price"],
            rate=line["rate"],
        )
        for place, line in enumerate(lines)
        if "adjustment" not in line
    ]


def _supplied(line: Mapping[str, Any], month: Month) -> Month:
    return Month.of(date.fromisoformat(line["period"]["from"])) if "period" in line else month
