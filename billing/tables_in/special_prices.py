"""Tables of special prices: each is proposed to a second person, as on its own page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.special_prices import (
    SPECIAL_PRICE,
    SPECIAL_PRICE_END,
    SpecialPriceData,
    SpecialPriceEndData,
)
from billing.models import SpecialPrice
from billing.tables_in.products import product_named
from contracts.models import Contract
from contracts.rules.limits import LARGEST_AMOUNT
from portal.approvals.decide import put_forward
from portal.tables_in.columns import Column, DayCell, WholeCell, WordsCell
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.organisations.finding import in_batches
from portal.tables_in.waiting import refuse_as_waiting, told, waiting


class SpecialPriceTable(TableKind):
    """A new row is a new price; of a price that holds without end a last day can be proposed."""

    key = "special_prices"
    label = _("Special prices")
    says = _(
        "Unit prices of single contracts. Each becomes a proposal, which a second person approves. Of a price"
        " that holds already only the last day can be changed."
    )
    right = "billing.change_specialprice"
    order = 50
    most_rows = 500
    once = ("contract", "product", "starts_on")
    columns = (
        Column(
            key="contract", heading=_("Contract number"), field=WordsCell(max_length=50), example="C26-000001"
        ),
        Column(
            key="product",
            heading=_("Product"),
            field=WordsCell(max_length=100),
            example="line",
            help=_("By its key, or by its name in the terms."),
        ),
        Column(
            key="unit_price",
            heading=_("Unit price (without tax)"),
            field=WholeCell(most=LARGEST_AMOUNT),
            example=4500,
            help=_("In yen."),
        ),
        Column(key="starts_on", heading=_("Starts on"), field=DayCell(), example="2026-12-01"),
        Column(
            key="ends_on",
            heading=_("Ends on"),
            field=DayCell(required=False),
            help=_("The last day; empty for a price without end."),
        ),
        Column(key="reason", heading=_("Reason"), field=WordsCell(max_length=2000), example="個別見積による"),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        contracts: dict[str, Contract] = {}
        standing: dict[tuple[Any, ...], SpecialPrice] = {}
        for some in in_batches({row.values.get("contract") for row in rows if row.values.get("contract")}):
            found = Contract.objects.filter(number__in=some, service__provider=desk.provider)
            contracts.update({one.number: one for one in found.select_related("service")})
            for price in self._prices(desk).filter(contract__number__in=some):
                standing[price.contract.number, price.product, price.starts_on] = price
        asked = {(one.contract, one.product, one.starts_on) for one in waiting(SPECIAL_PRICE, desk.provider)}
        ending = {one.price for one in waiting(SPECIAL_PRICE_END, desk.provider)}
        known: dict[Any, Any] = {}
        for row in rows:
            contract = contracts.get(row.values.get("contract") or "")
            if contract is None:
                if row.values.get("contract"):
                    row.refuse(gettext("There is no contract of this number."), "contract")
                continue
            self._by_key(row, contract, known)
            name = tuple(row.values.get(key) for key in self.once)
            row.target = standing.get(name)
            if row.target:
                row.now = _stated(row.target)
                if row.target.pk in ending and row.changes:
                    refuse_as_waiting(row)
            elif name in asked:
                refuse_as_waiting(row)

    def _by_key(self, row: Row, contract: Contract, known: dict[Any, Any]) -> None:
        day, product = row.values.get("starts_on"), row.values.get("product")
        if isinstance(day, date) and product:
            row.values["product"] = product_named(contract.service, day, product, known)

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        (row,) = unit
        if row.target is None:
            wanted = SpecialPriceData(
                contract=row.values["contract"],
                product=row.values["product"],
                unit_price=row.values["unit_price"],
                starts_on=row.values["starts_on"],
                ends_on=row.get("ends_on"),
                reason=row.values["reason"],
            )
            told(unit, put_forward(SPECIAL_PRICE, wanted, desk.staff, desk.at))
        elif row.changes == ["ends_on"] and row.values["ends_on"]:
            end = SpecialPriceEndData(price=row.target.pk, ends_on=row.values["ends_on"])
            told(unit, put_forward(SPECIAL_PRICE_END, end, desk.staff, desk.at))
        else:
            raise ValidationError(
                gettext(
                    "A price that is set never changes. Let it end, and enter another from a later day on."
                )
            )

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        yield from map(_stated, self._prices(desk).order_by("contract", "product", "starts_on"))

    def _prices(self, desk: Desk) -> Any:
        found = SpecialPrice.objects.filter(contract__service__provider=desk.provider)
        return found.select_related("contract")


def _stated(price: SpecialPrice) -> dict[str, Any]:
    return {
        "contract": price.contract.number,
        "product": price.product,
        "unit_price": price.unit_price,
        "starts_on": price.starts_on,
        "ends_on": price.ends_on,
        "reason": price.reason,
    }
