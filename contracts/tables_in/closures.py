"""Tables of closed days: a year at once, as one proposal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.approvals.closure_lists import CLOSURES, ClosedDay, ClosuresData
from contracts.approvals.closures import CLOSURE
from contracts.models import CompanyClosure
from portal.approvals.decide import put_forward
from portal.tables_in.columns import Column, DayCell, WordsCell
from portal.tables_in.kinds import Desk, Outcome, Row, TableKind
from portal.tables_in.waiting import refuse_as_waiting, sent_back, told, waiting


class ClosureTable(TableKind):
    """New days and other notes are proposed together; a day that the table leaves out stays."""

    key = "closures"
    label = _("Closed days")
    says = _(
        "Days on which the provider is closed, for a year at once. All days of the table become one proposal,"
        " which a second person approves. Days that are not in the table stay as they are."
    )
    right = "contracts.change_companyclosure"
    order = 30
    most_rows = 400
    once = ("day",)
    columns = (
        Column(
            key="day",
            heading=_("Day"),
            field=DayCell(),
            example="2026-12-30",
            also=("日付", "休業日"),
            help=_("A day, as 2026-12-30 or 2026年12月30日."),
        ),
        Column(
            key="note",
            heading=_("Note"),
            field=WordsCell(required=False, max_length=100),
            example="年末休業",
        ),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        known = {closure.day: closure for closure in desk.provider.closures.all()}
        asked = {one.day for wanted in waiting(CLOSURES, desk.provider) for one in wanted.days}
        asked |= {wanted.day for wanted in waiting(CLOSURE, desk.provider)}
        for row in rows:
            row.target = known.get(row.values.get("day"))
            if row.target:
                row.now = _stated(row.target)
            elif row.values.get("day") in asked:
                refuse_as_waiting(row)

    def unit_of(self, row: Row) -> str:
        return self.key

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        days = [
            ClosedDay(day=row.values["day"], note=row.get("note") or "")
            for row in unit
            if row.outcome != Outcome.UNCHANGED
        ]
        wanted = ClosuresData(provider=desk.provider.code, days=days)
        follows = sent_back(CLOSURES, desk)
        told(unit, put_forward(CLOSURES, wanted, desk.staff, desk.at, follows=follows))

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        yield from map(_stated, desk.provider.closures.order_by("day"))


def _stated(closure: CompanyClosure) -> dict[str, Any]:
    return {"day": closure.day, "note": closure.note}
