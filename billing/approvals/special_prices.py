"""Special prices of contracts, as proposals to a second person."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.amounts import about_contract, contract_of
from billing.approvals.price_lists import price_text
from billing.calculation.prices import NoPriceError, Price
from billing.models import PriceListVersion, SpecialPrice
from billing.pricing.special_prices import SPECIAL_PRICE as SPECIAL_PRICE_KEY
from billing.pricing.special_prices import SPECIAL_PRICE_END as SPECIAL_PRICE_END_KEY
from billing.pricing.special_prices import end_special_price, set_special_price
from contracts.models import Contract
from contracts.policies.rulebooks import version_in_force
from contracts.rules.calendar.period import Month
from contracts.rules.policy.base import Strict
from contracts.wording.formats import days_text, yen_text
from contracts.wording.products import product_line
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class SpecialPriceData(Strict):
    """A contract, by its number, pays its own unit price."""

    contract: str
    product: str
    unit_price: int
    starts_on: date
    ends_on: date | None = None
    reason: str


class SpecialPriceEndData(Strict):
    """A special price, by its key, holds through a last day."""

    price: int
    ends_on: date


def _product_name(contract: Contract, product: str, day: date) -> str:
    version = version_in_force(contract.service, day)
    return product_line(version.policy, product, 1).name if version else product


def _price_before(contract: Contract, product: str, day: date) -> str:
    """The unit price of a day as it is now, in words."""
    prices = SpecialPrice.objects.filter(contract=contract, product=product)
    special = next((price for price in prices if price.holds_on(day)), None)
    if special:
        return gettext("%(price)s (special price)") % {"price": yen_text(special.unit_price)}
    return price_text(_listed(contract, product, day))


def _listed(contract: Contract, product: str, day: date) -> Price | None:
    listed = PriceListVersion.objects.in_force(contract.service, day, contract.agent_on(day))
    try:
        return listed.prices.price(product) if listed else None
    except NoPriceError:
        return None


def _off_the_list(wanted: SpecialPriceData) -> int | None:
    """By how much a month differs from the list, in yen without tax, whatever special prices there are.

    None where nobody knows: for what is charged by use or not charged in that month, and where the list has
    several prices for the product, or none.
    """
    contract, product = contract_of(wanted.contract), wanted.product
    listed = _listed(contract, product, wanted.starts_on)
    quantity = contract.items_charged_in(Month.of(wanted.starts_on)).get(product)
    by_use = _is_by_use(contract, product, wanted.starts_on)
    if listed is None or listed.unit_price is None or quantity is None or by_use:
        return None
    return (wanted.unit_price - listed.unit_price) * quantity


def _is_by_use(contract: Contract, product: str, day: date) -> bool:
    version = version_in_force(contract.service, day)
    kinds = {known.key: known.kind for known in version.policy.products} if version else {}
    return kinds.get(product) == "usage"


def _special_lines(wanted: SpecialPriceData) -> Iterator[Line]:
    contract = contract_of(wanted.contract)
    before, off = _price_before(contract, wanted.product, wanted.starts_on), _off_the_list(wanted)
    yield Line(gettext("Product"), "", _product_name(contract, wanted.product, wanted.starts_on))
    yield Line(gettext("Unit price (without tax)"), before, yen_text(wanted.unit_price))
    yield Line(gettext("Holds"), "", days_text(wanted.starts_on, wanted.ends_on))
    if off is not None:
        yield Line(gettext("Difference from the list a month (without tax)"), "", yen_text(off))
    yield Line(gettext("Reason"), "", wanted.reason)


def _set(wanted: SpecialPriceData, approval: Proposal, at: datetime) -> str:
    price = set_special_price(
        contract_of(wanted.contract),
        wanted.product,
        wanted.unit_price,
        wanted.starts_on,
        wanted.reason,
        approval.proposed_by,
        ends_on=wanted.ends_on,
        now=at,
        approval=approval,
    )
    return gettext("%(contract)s pays %(price)s for %(product)s from %(day)s on.") % {
        "contract": price.contract,
        "price": yen_text(price.unit_price),
        "product": price.product,
        "day": price.starts_on,
    }


def _small(wanted: SpecialPriceData, amount: int, staff: User) -> Proposal.Without | None:
    off = _off_the_list(wanted)
    return Proposal.Without.SMALL if amount and off is not None and abs(off) <= amount else None


SPECIAL_PRICE = Kind(
    key=SPECIAL_PRICE_KEY,
    label=_("Special price"),
    data=SpecialPriceData,
    right="billing.change_specialprice",
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_special_lines,
    carry_out=_set,
    form=lambda wanted: reverse("admin:billing_specialprice_set_price"),
    spared=_small,
    has_amount=True,
)


def _price(wanted: SpecialPriceEndData) -> SpecialPrice:
    found = SpecialPrice.objects.select_related("contract__service__provider", "contract__organisation")
    return found.get(pk=wanted.price)


def _end_subject(wanted: SpecialPriceEndData) -> Subject:
    price = _price(wanted)
    if price.ends_on and price.ends_on <= wanted.ends_on:
        raise OvertakenError(gettext("The price ends before that day already."))
    return about_contract(price.contract)


def _end_lines(wanted: SpecialPriceEndData) -> Iterator[Line]:
    price = _price(wanted)
    yield Line(gettext("Product"), "", _product_name(price.contract, price.product, price.starts_on))
    yield Line(gettext("Unit price (without tax)"), yen_text(price.unit_price), gettext("as listed"))
    yield Line(
        gettext("Holds"),
        days_text(price.starts_on, price.ends_on),
        days_text(price.starts_on, wanted.ends_on),
    )


def _end(wanted: SpecialPriceEndData, approval: Proposal, at: datetime) -> str:
    price = end_special_price(_price(wanted), wanted.ends_on, approval.proposed_by, approval=approval)
    return gettext("The special price ends on %(day)s.") % {"day": price.ends_on}


SPECIAL_PRICE_END = Kind(
    key=SPECIAL_PRICE_END_KEY,
    label=_("End of a special price"),
    data=SpecialPriceEndData,
    right="billing.change_specialprice",
    subject=_end_subject,
    lines=_end_lines,
    carry_out=_end,
    form=lambda wanted: reverse("admin:billing_specialprice_end_price", args=[wanted.price]),
)
