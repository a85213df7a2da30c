"""Tables of price lists: all rows of a service and a day are one list, and one proposal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.price_lists import PRICE_LIST, PriceListData
from billing.calculation.prices import Price
from billing.models import Adjustment, PriceListVersion
from billing.tables_in.products import product_named
from contracts.forms.fields import MomentField
from contracts.models import Service
from contracts.rules.limits import LARGEST_AMOUNT
from contracts.wording.policies import CHARGES
from contracts.wording.sentences import WORDS
from portal.approvals.decide import put_forward
from portal.tables_in.columns import ChoiceCell, Column, DayCell, WholeCell, WordsCell
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.waiting import refuse_as_waiting, told, waiting

_TOLD = ("notice", "channel", "sent_at", "arrived_at", "evidence", "override_reason")


class PriceListTable(TableKind):
    """A list is whole: each product of the list before has to be there. What a cell leaves out stays."""

    key = "price_lists"
    label = _("Price lists")
    says = _(
        "Prices of a service from a day on. All rows of a service and a day are one list, which has to name"
        " each product of the list before, and becomes one proposal that a second person approves. What"
        " customers have to be told first, the terms say."
    )
    right = "billing.change_pricelistversion"
    order = 40
    once = ("service", "effective_on", "product", "first")
    columns = (
        Column(
            key="service",
            heading=_("Service"),
            field=WordsCell(max_length=100),
            example="cloud-phone",
            help=_("By its key, or by its name."),
        ),
        Column(key="effective_on", heading=_("Effective date"), field=DayCell(), example="2027-04-01"),
        Column(
            key="product",
            heading=_("Product"),
            field=WordsCell(max_length=100),
            example="line",
            help=_("By its key, or by its name in the terms."),
        ),
        Column(
            key="first",
            heading=_("From this quantity on"),
            field=WholeCell(least=1, most=10**6, required=False),
            help=_(
                "For prices by quantity: a row for each step, the first from 1. Empty where there is one"
                " price."
            ),
        ),
        Column(
            key="unit_price",
            heading=_("Unit price (without tax)"),
            field=WholeCell(most=LARGEST_AMOUNT),
            example=5200,
            help=_("In yen."),
        ),
        Column(
            key="tax",
            heading=_("Tax"),
            field=ChoiceCell(dict(Adjustment.Treatment.choices), required=False),
            help=_("Empty: as in the list before."),
        ),
        Column(
            key="charge",
            heading=_("Charged as"),
            field=ChoiceCell(CHARGES, required=False),
            help=_("Empty: as in the list before."),
        ),
        Column(
            key="article",
            heading=_("Articles"),
            field=WordsCell(required=False, max_length=200),
            help=_("Keys of articles of the terms with commas between them. Empty: as in the list before."),
        ),
        Column(
            key="notice",
            heading=_("Number of the notice"),
            field=WholeCell(least=1, most=2**31, required=False),
            help=_("The notice by which customers were told, where the terms ask for one."),
        ),
        Column(
            key="channel",
            heading=_("Told otherwise, by"),
            field=ChoiceCell(WORDS["channel"], required=False),
            help=_("Where customers were told elsewhere than through the portal; with the next three."),
        ),
        Column(
            key="sent_at",
            heading=_("Notice sent at"),
            field=MomentField(required=False),
            help=_("As 2026-12-01 10:00."),
        ),
        Column(key="arrived_at", heading=_("Notice arrived at"), field=MomentField(required=False)),
        Column(
            key="evidence",
            heading=_("What proves it"),
            field=WordsCell(required=False, max_length=1000),
        ),
        Column(
            key="override_reason",
            heading=_("Reason for a notice that is too late"),
            field=WordsCell(required=False, max_length=1000),
        ),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        services = {name: one for one in desk.provider.services.all() for name in (one.slug, one.name)}
        asked = {one.service for one in waiting(PRICE_LIST, desk.provider)}
        listed: dict[tuple[Any, ...], Mapping[str, Any]] = {
            (stated["service"], stated["effective_on"], stated["product"], stated["first"]): stated
            for stated in self.stored(desk)
        }
        known: dict[Any, Any] = {}
        for row in rows:
            row.target = services.get(row.values.get("service") or "")
            if row.target is None:
                if row.values.get("service"):
                    row.refuse(gettext("There is no such service."), "service")
                continue
            row.values["service"] = row.target.slug
            if row.values.get("effective_on") and row.values.get("product"):
                row.values["product"] = product_named(
                    row.target, row.values["effective_on"], row.values["product"], known
                )
            row.now = listed.get(tuple(row.values.get(key) for key in self.once))
            if row.now is not None:
                for key in ("tax", "charge", "article"):
                    if row.values.get(key) in (None, ""):
                        row.values.pop(key, None)
                for key in _TOLD:  # how customers were told is no part of the prices
                    row.values.pop(key, None)
            elif row.target.slug in asked:
                refuse_as_waiting(row)

    def unit_of(self, row: Row) -> tuple[Any, ...]:
        return (row.values.get("service"), row.values.get("effective_on"))

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        service, day = unit[0].target, unit[0].values["effective_on"]
        before = PriceListVersion.objects.in_force(service, day)
        old = {price.product: price for price in before.prices.prices} if before else {}
        rows: dict[str, list[Row]] = {}
        for row in unit:
            rows.setdefault(row.values["product"], []).append(row)
        if missing := [product for product in old if product not in rows]:
            text = gettext("The table lacks these products of the list before: %(products)s.")
            raise ValidationError(text % {"products": gettext(", ").join(missing)})
        source = [f"effective_on = {day.isoformat()}\n"]
        source += [
            _priced(product, old.get(product), rows[product]) for product in [*old, *(rows.keys() - old)]
        ]
        wanted = PriceListData(
            service=service.slug,
            source="\n".join(source),
            **{key: value for key in _TOLD if (value := _first(unit, key)) not in (None, "")},
        )
        told(unit, put_forward(PRICE_LIST, wanted, desk.staff, desk.at))

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        services = Service.objects.filter(provider=desk.provider)
        found = PriceListVersion.objects.filter(service__in=services).select_related("service")
        for version in found.order_by("service", "effective_on"):
            for price in version.prices.prices:
                yield from _stated(version, price)


def _stated(version: PriceListVersion, price: Price) -> Iterator[dict[str, Any]]:
    for first, unit_price in price.bands:
        yield {
            "service": version.service.slug,
            "effective_on": version.effective_on,
            "product": price.product,
            "first": None if price.unit_price is not None else first,
            "unit_price": unit_price,
            "tax": price.tax,
            "charge": price.charge,
            "article": ", ".join(price.article),
            **dict.fromkeys(_TOLD),
        }


def _first(rows: Sequence[Row], key: str) -> Any:
    """What the rows say in a column, which is the same for all of them."""
    said = {value for row in rows if (value := row.get(key)) not in (None, "")}
    if len(said) > 1:
        raise ValidationError({key: gettext("This must be the same in all rows of a list.")})
    return next(iter(said), None)


def _priced(product: str, before: Price | None, rows: Sequence[Row]) -> str:
    """A price of a list in TOML. ValidationError for a new product whose tax or articles nobody states."""
    article = _first(rows, "article")
    keys = [key for key in article.replace("、", ",").replace(",", " ").split() if key] if article else None
    stated: dict[str, Any] = {
        "article": keys or (list(before.article) if before else None),
        "product": product,
        "tax": _first(rows, "tax") or (before.tax if before else None),
        "charge": _first(rows, "charge") or (before.charge if before else "usage"),
    }
    for key in ("tax", "article"):
        if not stated[key]:
            text = gettext("“%(product)s” is not in the list before: fill this in.") % {"product": product}
            raise ValidationError({key: text})
    lines = [
        "[[prices]]",
        *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in stated.items()),
    ]
    if before and before.reading:
        reading = before.reading
        ja, en = (json.dumps(text, ensure_ascii=False) for text in (reading.ja, reading.en))
        lines.append(f"reading = {{ ja = {ja}, en = {en} }}")
    if before and before.sample:
        lines.append("sample = true")
    if len(rows) == 1 and rows[0].get("first") is None:
        lines.append(f"unit_price = {rows[0].values['unit_price']}")
    else:
        steps = sorted((row.get("first") or 1, row.values["unit_price"]) for row in rows)
        tiers = ", ".join(f"{{ from = {first}, unit_price = {price} }}" for first, price in steps)
        lines.append(f"tiers = [{tiers}]")
    return "\n".join(lines) + "\n"
