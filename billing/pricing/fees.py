"""What a contract's monthly fee is, and what was paid for it: the basis of credits and claims."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from billing.calculation.charges import ChargeLine, monthly_lines, net_of
from billing.calculation.prices import NoPriceError
from billing.calculation.tax import tax_by_rate
from billing.models import PriceListVersion
from contracts.extensions.prices import HeldPrice
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.rules.policy.schema import Policy
from contracts.wording.problems import reason_text


def monthly_fee_of(contract: Contract, month: Month, product: str = "") -> int:
    """The fee of a month in yen without tax: all that is charged monthly, nothing that is charged once.

    With a product's key, what is charged for that alone.

    ValidationError if terms or prices of the month are missing.
    """
    return _Fees(month).of(contract, contract.items_charged_in(month), product)


def fee_as_held(contract: Contract, day: date, product: str = "") -> int:
    """What a contract, as it can be used on a day, costs a month, at the prices of that day's month.

    Unlike the month's own fee, without what is charged to the month's end though it was given up before.
    Otherwise as `monthly_fee_of`.
    """
    return _Fees(Month.of(day)).of(contract, contract.items_on(day), product)


def fees_as_held(contracts: Sequence[Contract], day: date) -> dict[int, int]:
    """The same of many contracts, by primary key; those whose fee is not known are left out."""
    prefetch_related_objects(contracts, *_READ_AT_ONCE)
    fees, found = _Fees(Month.of(day)), {}
    for contract in contracts:
        with suppress(ValidationError):
            found[contract.pk] = fees.of(contract, contract.items_on(day), "")
    return found


def fees_with_tax(
    contracts: Sequence[Contract], month: Month, books: Rulebooks | None = None
) -> dict[int, int]:
    """What many contracts are charged monthly in a month, in yen with tax, as `fees_as_held` otherwise."""
    prefetch_related_objects(contracts, *_READ_AT_ONCE)
    fees, found = _Fees(month, books), {}
    for contract in contracts:
        with suppress(ValidationError):
            found[contract.pk] = fees.with_tax(contract, contract.items_charged_in(month))
    return found


def prices_as_held(contract: Contract, day: date) -> dict[str, HeldPrice]:
    """What each product of a contract, as it can be used on a day, costs a month, by the product's key.

    Without what is charged once, or by use. ValidationError as of `monthly_fee_of`.
    """
    lines: dict[str, list[ChargeLine]] = {}
    for line in _Fees(Month.of(day)).lines(contract, contract.items_on(day), ""):
        lines.setdefault(str(line.product), []).append(line)
    return {product: _held_price(found) for product, found in lines.items()}


def _held_price(lines: Sequence[ChargeLine]) -> HeldPrice:
    return HeldPrice(
        amount=net_of(lines),
        unit_prices=tuple(line.unit_price for line in lines if line.unit_price is not None),
        included=sum(line.included for line in lines),
        special=any(line.special for line in lines),
        sample=any(line.sample for line in lines),
    )


_READ_AT_ONCE = ("items", "special_prices", "agreements")


class _Fees:
    """Fees by the terms and the prices of a month's last day, each read once."""

    def __init__(self, month: Month, books: Rulebooks | None = None) -> None:
        self._month = month
        self._books = books or Rulebooks()
        self._lists: dict[tuple[int, int | None], PriceListVersion | None] = {}

    def of(self, contract: Contract, held: Mapping[str, int], product: str) -> int:
        return net_of(self.lines(contract, held, product))

    def with_tax(self, contract: Contract, held: Mapping[str, int]) -> int:
        policy, lines = self._priced(contract, held, "")
        totals, _steps = tax_by_rate(lines, self._month.last, policy.charging.tax)
        return net_of(lines) + sum(total.tax for total in totals)

    def lines(self, contract: Contract, held: Mapping[str, int], product: str) -> Sequence[ChargeLine]:
        return self._priced(contract, held, product)[1]

    def _priced(
        self, contract: Contract, held: Mapping[str, int], product: str
    ) -> tuple[Policy, Sequence[ChargeLine]]:
        day = self._month.last
        version, prices = self._books.in_force_for(contract, day), self._prices_of(contract)
        if version is None or prices is None:
            raise ValidationError(
                _("There are no terms or no prices for %(month)s.") % {"month": self._month}
            )
        special = {
            price.product: price.unit_price for price in contract.special_prices.all() if price.holds_on(day)
        }
        try:
            return version.policy, monthly_lines(version.policy, prices.prices, held, special, product)
        except NoPriceError as missing:
            raise ValidationError(reason_text(missing.reason)) from missing

    def _prices_of(self, contract: Contract) -> PriceListVersion | None:
        agent = self._books.agent_of(contract, self._month.last)
        key = (contract.service_id, agent.pk if agent else None)
        if key not in self._lists:
            listed = PriceListVersion.objects.in_force(contract.service, self._month.last, agent)
            self._lists[key] = listed
        return self._lists[key]
