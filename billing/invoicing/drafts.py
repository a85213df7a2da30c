"""What a contract is charged for a month: everything that its invoice will state, but for the number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import cast

from django.utils.translation import gettext as _

from billing.calculation.charges import ChargeLine, SpecialPrices, charge_lines, unpriced, usage_lines
from billing.calculation.due import issue_by, months_behind
from billing.calculation.invoice import Invoice as Calculation
from billing.calculation.invoice import calculate
from billing.calculation.prices import NoPriceError, PriceList, price_list_on
from billing.calculation.tax import Taxation, TaxRates, Treatment, tax_rates
from billing.documents.invoice_document import InvoiceDocument, Original
from billing.invoicing.draft_document import draft_document
from billing.models import PriceListVersion
from billing.pricing.pending import Pending, Used, pending_of
from contracts.models import Contract, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.problems import UnknownError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from contracts.rules.limits import LARGEST_TOTAL
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.charging import PaymentMethod
from contracts.rules.policy.products import Items
from contracts.rules.policy.schema import Policy
from contracts.wording.problems import reason_text
from contracts.wording.products import product_lines

_NOTHING = Pending()


class CannotBillError(Exception):
    """A contract that cannot be billed; the message says why, in words for the back office."""


@dataclass(frozen=True)
class Draft:
    """A calculated invoice of a contract, before it has a number; `pending` is what else it states."""

    contract: Contract
    version: TermsVersion
    calculation: Calculation
    month: Month
    taxation: Taxation
    pending: Pending

    def document(self, number: str, issued_on: date, original: Original | None = None) -> InvoiceDocument:
        """All that the invoice states, from facts as they are now; `original` is the one that it replaces."""
        return draft_document(
            self.contract,
            self.version,
            self.calculation,
            self.month,
            self.taxation,
            self.pending.adjustments,
            number,
            issued_on,
            original,
        )


class MonthlyCharges:
    """Drafts of a month. Terms, calendars and prices are read once and serve every contract.

    `prepare` reads for many contracts at once what else waits to be charged. `rates` are those of the law
    unless others are given.
    """

    def __init__(self, month: Month, rates: TaxRates | None = None) -> None:
        self.month = month
        self._rates = rates or tax_rates()
        self._rulebooks = Rulebooks()
        self._prices: dict[int, list[PriceList]] = {}
        self._pending: dict[int, Pending] = {}

    def prepare(self, contracts: Collection[Contract]) -> None:
        """Read the usage, one-off amounts and special prices of the contracts that come next."""
        self._pending = pending_of(contracts, self.month)

    def usage_month(self, service: Service) -> Month:
        """The month whose call charges stand on this month's invoices."""
        version = self._rulebooks.in_force(service, self.month.last)
        if version is None:
            return self.month
        return self.month + -months_behind(version.policy.charging, "calls", None)

    def issue_by(self, service: Service) -> date | None:
        """By when the terms want the month's invoices issued; None where they name no day."""
        version = self._rulebooks.in_force(service, self.month.last)
        if version is None or version.policy.charging.issue is None:
            return None
        return issue_by(version.policy.charging, self.month).issue_by

    def draft(self, contract: Contract) -> Draft | None:
        """What the contract is charged by the terms and prices of the month's last day; None for nothing.

        Reads `items`, `organisation` and `service__provider__particulars`: fetch them beforehand. Raises
        CannotBillError.
        """
        items = contract.items_charged_in(self.month)
        waiting = self._pending.get(contract.pk, _NOTHING)
        if not (items or waiting.used or waiting.adjustments):
            return None
        version = self._rulebooks.in_force_for(contract, self.month.last)
        if version is None:
            raise CannotBillError(_("No terms of the service are in force at the end of the month."))
        try:
            taken = self.due_now(contract, version.policy, waiting)
            lines = self.lines(contract, version.policy, items, taken)
            if not any(line.amount for line in lines):
                return None
            taxation = Taxation(self._rates, cache(contract.service.provider.is_registered_on))
            book = self._rulebooks.of(version)
            amounts = calculate(book, lines, self.month, _method(contract), taxation)
        except NotProvided as missing:
            raise CannotBillError(_("The policy has no rule “%(rule)s”.") % {"rule": missing}) from missing
        except UnknownError as unknown:
            why = reason_text(unknown.reason)
            raise CannotBillError(
                _("The policy does not fit the contract: %(why)s") % {"why": why}
            ) from unknown
        if amounts.gross < 0:
            raise CannotBillError(
                _(
                    "The credits exceed the charges of the month. Return an amount of an earlier invoice, or"
                    " give damages as credit."
                )
            )
        if amounts.gross > LARGEST_TOTAL:
            raise CannotBillError(_("The total is too large for an invoice. Check prices and quantities."))
        return Draft(contract, version, amounts, self.month, taxation, taken)

    def due_now(self, contract: Contract, policy: Policy, waiting: Pending) -> Pending:
        """What of the waiting usage belongs on this month's invoice, with all one-off amounts."""
        if not waiting.used:
            return waiting
        method = _method(contract)

        def belongs(month: Month, product: str) -> bool:
            prices = self._price_list(contract.service, month)
            charge = _with_price(prices, [product]).price(product).charge
            return month + months_behind(policy.charging, charge, method) <= self.month

        kinds = {(used.month, used.product) for used in waiting.used}
        due = {kind for kind in kinds if belongs(*kind)}
        return Pending(
            used=[used for used in waiting.used if (used.month, used.product) in due],
            adjustments=waiting.adjustments,
            special_prices=waiting.special_prices,
        )

    def lines(
        self, contract: Contract, policy: Policy, items: dict[str, int], taken: Pending
    ) -> tuple[ChargeLine, ...]:
        """The lines of quantities that are charged, and of what else is due. Raises CannotBillError."""
        lines: list[ChargeLine] = []
        if items:
            prices = _with_price(self._price_list(contract.service, self.month), items)
            special = taken.special_on(self.month.last)
            _ensure_priced(policy, items, special)
            lines += charge_lines(policy, prices, items, special)
        for month, used in sorted(_by_month(taken.used).items()):
            version = self._rulebooks.in_force_for(contract, month.last)
            prices = _with_price(self._price_list(contract.service, month), used)
            special = taken.special_on(month.last)
            lines += usage_lines(version.policy if version else policy, prices, used, month, special)
        for adjustment in taken.adjustments:
            supplied = Month.of(adjustment.month)
            lines.append(
                ChargeLine(
                    amount=adjustment.amount,
                    tax=cast(Treatment, adjustment.tax),
                    unit_price=adjustment.amount,
                    articles=tuple(adjustment.articles),
                    month=supplied if supplied != self.month else None,
                    name=LocalText(**adjustment.names),
                )
            )
        return tuple(lines)

    def _price_list(self, service: Service, month: Month) -> PriceList:
        if service.pk not in self._prices:
            self._prices[service.pk] = [
                stored.prices for stored in PriceListVersion.objects.filter(service=service)
            ]
        try:
            return price_list_on(self._prices[service.pk], month.last)
        except NoPriceError as missing:
            raise CannotBillError(
                _("No price list of the service is in force at the end of the month.")
            ) from missing


def _method(contract: Contract) -> PaymentMethod:
    return cast(PaymentMethod, contract.payment_method)


def _with_price(prices: PriceList, products: Collection[str]) -> PriceList:
    """The list, if it has a price for every product."""
    missing = set(products) - {price.product for price in prices.prices}
    if missing:
        raise CannotBillError(
            _("The price list has no price for %(products)s.") % {"products": ", ".join(sorted(missing))}
        )
    return prices


def _ensure_priced(policy: Policy, items: Items, special: SpecialPrices) -> None:
    """Refuse to charge a list price where the terms want an individual quotation."""
    waiting = unpriced(policy, items, special)
    if waiting:
        names = ", ".join(line.name for line in product_lines(policy, [(key, 1) for key in waiting]))
        raise CannotBillError(
            _("%(products)s: the price by individual quotation is not entered yet.") % {"products": names}
        )


def _by_month(used: Sequence[Used]) -> dict[Month, dict[str, int]]:
    """Quantities by month of use and product."""
    sums: dict[Month, dict[str, int]] = {}
    for record in used:
        quantities = sums.setdefault(record.month, {})
        quantities[record.product] = quantities.get(record.product, 0) + record.quantity
    return sums
