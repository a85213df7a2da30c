"""A row of a file of running contracts, in the reader's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from contracts.models import Contract, TakeoverRow
from contracts.models.fields import in_current_language
from contracts.rules.calendar.period import Month
from contracts.takeover.words import DEADLINES, place, sentence
from contracts.wording.formats import day_text, month_text, until_text, yen_text


@dataclass(frozen=True)
class ShownRow:
    """What a page shows of a row: who and what, why not, what is unusual, what differs, what follows."""

    number: str
    customer: str
    service: str
    contract: Contract | None
    annulled: bool
    problems: list[str]
    remarks: list[str]
    changes: list[str]
    dates: list[tuple[str, str, str]]
    invoice: "ShownInvoice | None"


@dataclass(frozen=True)
class ShownInvoice:
    month: str
    lines: list[tuple[str, str, str]]
    total: str
    trouble: str


def shown_row(row: TakeoverRow) -> ShownRow:
    values = row.lines.get("contracts", [{"values": {}}])[0]["values"]
    return ShownRow(
        number=row.old_number,
        customer=values.get("customer") or values.get("corporate_number") or "",
        service=values.get("service") or "",
        contract=row.contract,
        annulled=row.annulled_at is not None,
        problems=[f"{place(said)}: {sentence(said)}" for said in row.problems],
        remarks=[f"{place(said)}: {sentence(said)}" for said in row.remarks],
        changes=[f"{place(cell)}: {_cell(cell['before'])} → {_cell(cell['after'])}" for cell in row.changes],
        dates=list(_dates(row.foreseen.get("dates", []))),
        invoice=_invoice(row.foreseen.get("invoice")),
    )


def _cell(value: Any) -> str:
    return "—" if value is None else str(value)


def _dates(stated: list[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for one in stated:
        until = one["until"]
        on = until_text(datetime.fromisoformat(until)) if until else day_text(date.fromisoformat(one["on"]))
        yield str(DEADLINES[one["kind"]]), on, in_current_language(one["articles"])


def _invoice(stated: Mapping[str, Any] | None) -> ShownInvoice | None:
    if stated is None:
        return None
    month = month_text(Month.parse(stated["month"]))
    if "trouble" in stated:
        return ShownInvoice(month, [], "", in_current_language(stated["trouble"]))
    lines = [
        (in_current_language(line["name"]), f"{line['quantity']:,}", yen_text(line["amount"]))
        for line in stated["lines"]
    ]
    total = _("%(gross)s with tax (%(net)s without)") % {
        "gross": yen_text(stated["gross"]),
        "net": yen_text(stated["net"]),
    }
    return ShownInvoice(month, lines, total, "")
