"""What a contract's monthly fee is, and what was paid for it: the basis of credits and claims."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.calculation.charges import monthly_fee
from billing.calculation.prices import NoPriceError
from billing.models import PriceListVersion
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.wording.problems import reason_text


def monthly_fee_of(contract: Contract, month: Month, product: str = "") -> int:
    """The fee of a month in yen without tax: all that is charged monthly, nothing that is charged once.

    With a product's key, what is charged for that alone.

    ValidationError if terms or prices of the month are missing.
    """
    return _fee(contract, month, contract.items_charged_in(month), product)


def fee_as_held(contract: Contract, day: date, product: str = "") -> int:
    """What a contract, as it can be used on a day, costs a month, at the prices of that day's month.

    Unlike the month's own fee, without what is charged to the month's end though it was given up before.
    Otherwise as `monthly_fee_of`.
    """
    return _fee(contract, Month.of(day), contract.items_on(day), product)


def _fee(contract: Contract, month: Month, held: Mapping[str, int], product: str) -> int:
    version = Rulebooks().in_force_for(contract, month.last)
    prices = PriceListVersion.objects.in_force(contract.service, month.last, contract.agent_on(month.last))
    if version is None or prices is None:
        raise ValidationError(_("There are no terms or no prices for %(month)s.") % {"month": month})
    special = {
        price.product: price.unit_price
        for price in contract.special_prices.all()
        if price.holds_on(month.last)
    }
    try:
        return monthly_fee(version.policy, prices.prices, held, special, product)
    except NoPriceError as missing:
        raise ValidationError(reason_text(missing.reason)) from missing
