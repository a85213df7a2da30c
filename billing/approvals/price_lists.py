"""Price lists, as proposals to a second person."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.calculation.prices import Price, PriceList, PriceListError, read_price_list
from billing.models import Adjustment, PriceListVersion
from billing.pricing.price_changes import OVERRIDE, PriceNotice, change_prices
from billing.pricing.price_lists import PRICE_LIST as PRICE_LIST_KEY
from contracts.models import Service
from contracts.policies.rulebooks import version_in_force
from contracts.rules.life.notice import Channel
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, moment_text, yen_text
from contracts.wording.local_text import localised
from contracts.wording.policies import CHARGES
from contracts.wording.problems import problem_texts
from contracts.wording.products import product_line
from contracts.wording.sentences import WORDS
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class PriceListData(Strict):
    """A price list of a service, in TOML, with the notice that customers were given of it."""

    service: str
    source: str
    channel: Channel
    sent_at: datetime
    arrived_at: datetime | None = None
    override_reason: str = ""


def price_text(price: Price | None) -> str:
    """A price of a list in words; empty where it has none."""
    if price is None:
        return ""
    if price.unit_price is not None:
        return yen_text(price.unit_price)
    return ", ".join(
        gettext("from %(first)s: %(price)s") % {"first": first, "price": yen_text(unit)}
        for first, unit in price.bands
    )


def _whole_text(price: Price | None) -> str:
    """All that a list says of a price: how it is taxed and charged, and its articles, too."""
    if price is None:
        return ""
    tax = Adjustment.Treatment(price.tax).label
    said = [localised(price.reading)] if price.reading else []
    return " / ".join([price_text(price), str(tax), str(CHARGES[price.charge]), *price.article, *said])


def _service(wanted: PriceListData) -> Service:
    return Service.objects.select_related("provider").get(slug=wanted.service)


def _subject(wanted: PriceListData) -> Subject:
    service = _service(wanted)
    return Subject(about=service, name=service.name, provider=service.provider.code)


def _lines(wanted: PriceListData) -> Iterator[Line]:
    service, prices = _service(wanted), _read(wanted.source)
    before = PriceListVersion.objects.in_force(service, prices.effective_on)
    old = _by_product(before.prices) if before else {}
    new = _by_product(prices)
    version = version_in_force(service, prices.effective_on)
    yield Line(
        gettext("Effective date"),
        day_text(before.effective_on) if before else "",
        day_text(prices.effective_on),
    )
    for product in dict.fromkeys([*new, *old]):
        name = product_line(version.policy, product, 1).name if version else product
        then, now = old.get(product), new.get(product)
        if then != now:
            yield Line(name, _whole_text(then), _whole_text(now))
    yield Line(gettext("Customers were told by"), "", str(WORDS["channel"][wanted.channel]))
    yield Line(gettext("Notice sent at"), "", moment_text(wanted.sent_at))
    if wanted.arrived_at:
        yield Line(gettext("Notice arrived at"), "", moment_text(wanted.arrived_at))
    if wanted.override_reason:
        yield Line(gettext("Reason for a notice that is too late"), "", wanted.override_reason)


def _read(source: str) -> PriceList:
    try:
        return read_price_list(source)
    except PriceListError as error:
        raise _problems(error) from error


def _problems(error: PriceListError) -> ValidationError:
    return ValidationError({"source": problem_texts(error.problems)})


def _by_product(prices: PriceList) -> Mapping[str, Price]:
    return {price.product: price for price in prices.prices}


def _publish(wanted: PriceListData, approval: Proposal, at: datetime) -> str:
    notice = PriceNotice(wanted.channel, wanted.sent_at, wanted.arrived_at)
    try:
        stored = change_prices(
            _service(wanted),
            wanted.source,
            notice,
            approval.proposed_by,
            wanted.override_reason,
            approval=approval,
        )
    except PriceListError as error:
        raise _problems(error) from error
    return gettext("The price list is published: %(list)s.") % {"list": stored}


def _binds_nobody(wanted: PriceListData, amount: int, staff: User) -> Proposal.Without | None:
    return None if _service(wanted).binds_customers else Proposal.Without.UNBOUND


def _entered(wanted: PriceListData) -> dict[str, Any]:
    return {**wanted.model_dump(), "service": _service(wanted).pk}


PRICE_LIST = Kind(
    key=PRICE_LIST_KEY,
    label=_("Price list"),
    data=PriceListData,
    right="billing.change_pricelistversion",
    subject=_subject,
    lines=_lines,
    carry_out=_publish,
    form=lambda wanted: reverse("admin:billing_pricelistversion_change_prices"),
    entered=_entered,
    right_to_approve=lambda wanted: OVERRIDE if wanted.override_reason else "billing.change_pricelistversion",
    spared=_binds_nobody,
)
