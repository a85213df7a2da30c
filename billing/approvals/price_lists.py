"""Price lists, as proposals to a second person."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.calculation.prices import Price, PriceList, PriceListError, read_price_list
from billing.models import Adjustment, PriceListVersion
from billing.pricing.price_changes import OVERRIDE, change_prices
from billing.pricing.price_lists import PRICE_LIST as PRICE_LIST_KEY
from billing.pricing.price_lists import agent_named
from billing.pricing.price_notices import ToldOtherwise, price_notices, weigh_notice
from contracts.models import Notice, Service
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
    """A price list of a service, in TOML, and how customers were told: by a notice or otherwise."""

    service: str
    source: str
    notice: int | None = None
    channel: Channel | None = None
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    evidence: str = ""
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
    agent = agent_named(service, prices)
    before = PriceListVersion.objects.in_force(service, prices.effective_on, agent)
    old = _by_product(before.prices) if before else {}
    new = _by_product(prices)
    version = version_in_force(service, prices.effective_on)
    if agent:
        yield Line(gettext("Sales agent"), "", agent.name)
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
    yield from _told_lines(wanted)
    if wanted.override_reason:
        yield Line(gettext("Reason for a notice that is too late"), "", wanted.override_reason)


def _told_lines(wanted: PriceListData) -> Iterator[Line]:
    told = _told(wanted)
    match told:
        case None:
            yield Line(gettext("Customers were told by"), "", gettext("Nobody had to be told"))
        case Notice():
            yield Line(gettext("Notice of the prices"), "", told.subject)
            yield Line(gettext("Notice sent at"), "", moment_text(cast(datetime, told.sent_at)))
        case ToldOtherwise():
            yield Line(gettext("Customers were told by"), "", str(WORDS["channel"][told.channel]))
            yield Line(gettext("Notice sent at"), "", moment_text(told.sent_at))
            if told.arrived_at:
                yield Line(gettext("Notice arrived at"), "", moment_text(told.arrived_at))
            yield Line(gettext("What proves it"), "", told.evidence)
    if problem := _problem_of(wanted, told):
        yield Line(gettext("What the terms say to it"), "", problem)


def _problem_of(wanted: PriceListData, told: Notice | ToldOtherwise | None) -> str:
    try:
        return weigh_notice(_service(wanted), _read(wanted.source), told).problem
    except ValidationError as error:
        return " ".join(error.messages)


def _told(wanted: PriceListData) -> Notice | ToldOtherwise | None:
    if wanted.notice is not None:
        return price_notices().get(pk=wanted.notice)
    if wanted.channel is None or wanted.sent_at is None:
        return None
    return ToldOtherwise(wanted.channel, wanted.sent_at, wanted.arrived_at, wanted.evidence)


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
    try:
        stored = change_prices(
            _service(wanted),
            wanted.source,
            _told(wanted),
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
