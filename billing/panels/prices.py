"""What products cost, on pages of contracts: price tables, unit prices and estimates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.charges import ChargeLine, charge_lines, net_of
from billing.calculation.prices import NoPriceError, Price, PriceList
from billing.calculation.tax import RateTotal, Treatment, tax_by_rate, tax_rates
from billing.models import PriceListVersion
from contracts.extensions.panels import Panel, ProductPrice
from contracts.models import TermsVersion
from contracts.rules.policy.products import Product, brought_by, quotations_needed
from contracts.rules.policy.schema import Policy
from contracts.wording.local_text import localised
from contracts.wording.products import products_by_kind


@dataclass(frozen=True)
class PriceRow:
    """A product with its price; `bands` gives from which unit on each costs how much, without and with tax.

    With tax only where the terms show that; else None.
    """

    product: Product
    price: Price | None
    bands: Sequence[tuple[int, int, int | None]] = ()

    @property
    def gross(self) -> int | None:
        """One unit with tax, where each costs the same."""
        return self.bands[0][2] if len(self.bands) == 1 else None

    @property
    def name(self) -> str:
        return localised(self.product.name)

    @property
    def unit(self) -> str:
        return localised(self.product.unit)

    @property
    def tax_label(self) -> str:
        if self.price and self.price.tax == "outside" and self.product.exported:
            return _("Exempt as an export")
        return tax_label(self.price.tax, localdate()) if self.price else ""

    @property
    def as_used(self) -> bool:
        """Whether the unit is the yen itself: what was used is charged as it is."""
        return self.product.kind == "usage" and self.price is not None and self.price.unit_price == 1

    @property
    def once(self) -> bool:
        return self.product.kind == "one_time"

    @property
    def sample(self) -> bool:
        return self.product.sample or (self.price is not None and self.price.sample)


@dataclass(frozen=True)
class EstimatedLine:
    row: PriceRow
    line: ChargeLine


@dataclass(frozen=True)
class Estimate:
    """What is charged each month, or once, at today's prices and tax rates; amounts are yen."""

    label: str
    lines: Sequence[EstimatedLine]
    totals: Sequence[RateTotal]

    @property
    def net(self) -> int:
        return net_of([estimated.line for estimated in self.lines])

    @property
    def gross(self) -> int:
        return self.net + sum(total.tax for total in self.totals)

    @property
    def sample(self) -> bool:
        return any(estimated.row.sample for estimated in self.lines)


def tax_label(treatment: Treatment, day: date) -> str:
    """How a price is taxed on a day, in words."""
    if treatment == "outside":
        return _("Outside the scope of tax")
    percent = tax_rates().percent(treatment, day)
    if treatment == "reduced":
        return _("%(percent)s%% (reduced rate)") % {"percent": percent}
    return f"{percent}%"


def product_prices(version: TermsVersion) -> dict[str, ProductPrice]:
    """What a unit of each product of a version costs today, by product key."""
    return {
        key: ProductPrice(Panel("billing/_unit_price.html", {"row": row}), row.sample)
        for key, row in _rows(version, localdate()).items()
    }


def _rows(version: TermsVersion, day: date) -> dict[str, PriceRow]:
    price_list = _price_list(version, day)
    return {
        product.key: _row(version.policy, product, price_list, day) for product in version.policy.products
    }


def price_table(version: TermsVersion) -> Panel:
    """All products of a version, by kind, with price, tax treatment and articles, and what is announced."""
    today = localdate()
    rows = _rows(version, today)
    with_gross = version.policy.charging.tax.inclusive_shown
    return Panel(
        "billing/_price_table.html",
        {
            "version": version,
            "groups": [
                (label, [rows[product.key] for product in products])
                for label, products in products_by_kind(version.policy)
            ],
            "with_gross": with_gross,
            "amounts_label": _("Unit price with tax (without tax)")
            if with_gross
            else _("Unit price (without tax)"),
            "announced": list(_announced(version, today)),
        },
    )


@dataclass(frozen=True)
class AnnouncedPrices:
    """What costs otherwise from a day to come on: each product before and after."""

    effective_on: date
    rows: Sequence[tuple[PriceRow, PriceRow]]


def _announced(version: TermsVersion, today: date) -> Iterator[AnnouncedPrices]:
    """The price lists that are published for days to come, as far as they change something."""
    seller = version.agent or version.service.first_agent
    of_seller = Q(agent__isnull=True) | Q(agent=seller) if seller else Q(agent__isnull=True)
    coming = PriceListVersion.objects.filter(of_seller, service=version.service, effective_on__gt=today)
    for listed in coming.order_by("effective_on"):
        before = _rows(version, listed.effective_on - timedelta(days=1))
        after = _rows(version, listed.effective_on)
        rows = [(before[key], after[key]) for key in after if before[key].price != after[key].price]
        if rows:
            yield AnnouncedPrices(listed.effective_on, rows)


def price_estimate(version: TermsVersion, quantities: Mapping[str, int], day: date | None = None) -> Panel:
    """What the given quantities would cost a month and once, today or on a day; nothing without a price.

    What needs an individual quotation has no price yet: it is named, and not counted.
    """
    context = {**estimates_of(version, quantities, day or localdate()), "day": day}
    return Panel("billing/_price_estimate.html", context)


def price_estimate_for_staff(version: TermsVersion, quantities: Mapping[str, int], day: date) -> Panel:
    """The estimate that `price_estimate` gave on a day."""
    context = {**estimates_of(version, quantities, day), "day": day}
    return Panel("admin/billing/_price_estimate.html", context)


def estimates_of(version: TermsVersion, quantities: Mapping[str, int], today: date) -> dict[str, Any]:
    """What quantities cost each month, and once, by the prices of a day; `quoted` are left out of it."""
    price_list = _price_list(version, today)
    brought = brought_by(version.policy.products, quantities)
    wanted = {**quantities, **{key: quantities.get(key, 0) + units for key, units in brought.items()}}
    try:
        lines = charge_lines(version.policy, price_list, wanted) if price_list else ()
    except NoPriceError:
        lines = ()
    rows = _rows(version, today)
    quoted = quotations_needed(version.policy.products, quantities)
    monthly: list[EstimatedLine] = []
    once: list[EstimatedLine] = []
    for line in lines:
        if line.product in quoted:
            continue
        row = rows[str(line.product)]
        (once if row.once else monthly).append(EstimatedLine(row, line))
    parts = ((_("Every month"), monthly), (_("Once"), once))
    return {
        "estimates": [_estimate(version.policy, label, found, today) for label, found in parts if found],
        "quoted": [rows[product].name for product in quoted],
    }


def _estimate(policy: Policy, label: str, lines: Sequence[EstimatedLine], today: date) -> Estimate:
    totals, _steps = tax_by_rate([estimated.line for estimated in lines], today, policy.charging.tax)
    return Estimate(label, lines, totals)


def _price_list(version: TermsVersion, today: date) -> PriceList | None:
    found = PriceListVersion.objects.in_force(version.service, today, version.agent)
    return found.prices if found else None


def _row(policy: Policy, product: Product, price_list: PriceList | None, today: date) -> PriceRow:
    price = None
    if price_list:
        price = next((price for price in price_list.prices if price.product == product.key), None)
    bands = price.bands if price else ()
    return PriceRow(
        product,
        price,
        tuple((first, net, _gross(policy, net, price.tax, today) if price else None) for first, net in bands),
    )


def _gross(policy: Policy, net: int, treatment: Treatment, day: date) -> int | None:
    """An amount with tax; None where the terms don't show that."""
    if not policy.charging.tax.inclusive_shown:
        return None
    line = ChargeLine(amount=net, tax=treatment)
    totals, _steps = tax_by_rate([line], day, policy.charging.tax)
    return net + sum(total.tax for total in totals)
