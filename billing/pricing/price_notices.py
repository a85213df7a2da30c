"""How customers were told of a change of prices, and whether that is in time for each of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.calculation.prices import NoticeOfPrices, PriceList
from billing.models import PriceListVersion
from contracts.models import Contract, Notice, NoticeDelivery, SalesAgent, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks, rulebook_for, version_in_force
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import NotProvided
from contracts.rules.life.notice import Channel
from contracts.rules.life.notice import Notice as Decision
from contracts.rules.rulebook import Rulebook
from contracts.wording.formats import day_text

_SHOWN = 10
"""So many contracts are named one by one."""


@dataclass(frozen=True)
class ToldOtherwise:
    """That customers were told elsewhere than through the portal, with what proves it.

    `arrived_at` is the last arrival, where arrival counts.
    """

    channel: Channel
    sent_at: datetime
    arrived_at: datetime | None = None
    evidence: str = ""


@dataclass(frozen=True)
class Told:
    """What the terms say to how customers were told.

    `problem` says why prices can't change by it, with the contracts concerned; empty where they can.
    """

    stated: NoticeOfPrices | None
    problem: str = ""


def price_notices() -> QuerySet[Notice]:
    """The notices of changes of prices that were sent, the newest first."""
    sent = Notice.objects.filter(purpose=Notice.Purpose.PRICE_CHANGE, sent_at__isnull=False)
    return sent.select_related("service", "governing_version__service").order_by("-sent_at", "-pk")


def concerned(service: Service, prices: PriceList) -> QuerySet[Contract]:
    """The contracts that have not ended when prices take effect, and hold or use what then costs otherwise.

    One that is formed and whose service starts later is concerned, too.
    """
    changed, day = _changed(service, prices), prices.effective_on
    formed = Contract.objects.filter(service=service, formed_on__isnull=False).order_by("pk")
    going_on = _sold_at(prices, formed.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)))
    version = version_in_force(service, day)
    used = {one.key for one in version.policy.products if one.kind == "usage"} if version else set()
    if changed & used:
        return going_on
    lasting = Q(items__ends_on__isnull=True) | Q(items__ends_on__gte=day)
    return going_on.filter(lasting, items__product__in=changed).distinct()


def _sold_at(prices: PriceList, contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    """Those of some contracts for which a list counts: those of its agent, else all."""
    if not prices.agent:
        return contracts
    books = Rulebooks()
    rows = contracts.select_related("application__agent")
    sold = [one.pk for one in rows if _is_of(books.agent_of(one, prices.effective_on), prices.agent)]
    return contracts.filter(pk__in=sold)


def _is_of(agent: SalesAgent | None, key: str) -> bool:
    return agent is not None and agent.key == key


def _changed(service: Service, prices: PriceList) -> set[str]:
    """The products that cost otherwise than by the list in force the day before."""
    agent = service.agents.filter(key=prices.agent).first() if prices.agent else None
    day_before = date.fromordinal(prices.effective_on.toordinal() - 1)
    before = PriceListVersion.objects.in_force(service, day_before, agent)
    old = {one.product: one for one in before.prices.prices} if before else {}
    new = {one.product: one for one in prices.prices}
    return {key for key in {*old, *new} if old.get(key) != new.get(key)}


def weigh_notice(service: Service, prices: PriceList, told: Notice | ToldOtherwise | None) -> Told:
    """Whether customers were told of prices as the terms ask, by the portal's ledger or by other evidence.

    Nobody has to be told where the change concerns no contract. ValidationError names `notice`, `sent_at`,
    `arrived_at`, `channel` or `evidence`, where what is stated does not fit.
    """
    contracts = concerned(service, prices)
    if told is None:
        if not contracts.exists():
            return Told(None)
        text = _("Choose the notice by which customers were told, or state how they were told otherwise.")
        raise ValidationError({"notice": text})
    if isinstance(told, Notice):
        return _by_ledger(service, prices.effective_on, told, list(contracts))
    if contracts.exists() and not told.evidence.strip():
        text = _("State what proves that customers were told, such as the record of delivery.")
        raise ValidationError({"evidence": text})
    return _otherwise(service, prices.effective_on, told, binds=contracts.exists())


def _otherwise(service: Service, effective_on: date, told: ToldOtherwise, *, binds: bool) -> Told:
    version = version_in_force(service, japan_date(told.sent_at))
    if version is None:
        raise ValidationError({"sent_at": _("No terms of the service were in force on that day.")})
    by_arrival = version.policy.notices.counts_by_arrival("price_change", told.channel)
    if binds and by_arrival and told.arrived_at is None:
        raise ValidationError({"arrived_at": _("By the terms its arrival counts; enter when it arrived.")})
    rulebook = rulebook_for(version)
    decision = _decision(rulebook, told.channel, told.sent_at, told.arrived_at, effective_on)
    late = decision is not None and not decision.in_time
    return Told(_stated(version, decision), _too_late(rulebook, told) if late else "")


def _decision(
    rulebook: Rulebook, channel: Channel, sent_at: datetime, arrived_at: datetime | None, effective_on: date
) -> Decision | None:
    """What the rules say; None where they know no notice of this purpose."""
    try:
        return rulebook.notice("price_change", channel, sent_at, arrived_at, effective_on)
    except NotProvided as missing:
        if str(missing) == "notices.purposes.price_change":
            return None
        raise ValidationError({"channel": _("The terms know no notice by this channel.")}) from missing


def _stated(version: TermsVersion, decision: Decision | None) -> NoticeOfPrices:
    if decision is None:
        return NoticeOfPrices(terms_version=version.name, steps=())
    return NoticeOfPrices(terms_version=version.name, **decision.facts(), steps=decision.steps)


def _too_late(rulebook: Rulebook, told: ToldOtherwise) -> str:
    try:
        earliest = rulebook.earliest_effective_on(
            "price_change", told.channel, told.arrived_at or told.sent_at
        )
    except NotProvided:
        return _("By the terms this notice must be in writing.")
    return _("The notice is too late. The prices can take effect on %(day)s at the earliest.") % {
        "day": day_text(earliest) if earliest else ""
    }


def _by_ledger(service: Service, effective_on: date, notice: Notice, contracts: Sequence[Contract]) -> Told:
    """The customer for whom a notice of these prices took effect last decides on the day.

    Who became a customer after the last day for the notice must have been told by it, too, but no earlier.
    """
    _ensure_announced(service, effective_on, notice)
    version = cast(TermsVersion, notice.governed_by)
    first = _first_effects(service, effective_on)
    decisive = _last({one.organisation_id for one in contracts}, first)
    rulebook = rulebook_for(version)
    decision = _decision(rulebook, *_way_of(notice, decisive, version), effective_on)
    latest = decision.latest_send_on if decision else None
    if latest is None:
        return Told(_stated(version, decision))
    late = [one for one in contracts if _is_late(one, first.get(one.organisation_id), latest)]
    if not late:
        return Told(_stated(version, decision))
    named = ", ".join(one.number for one in late[:_SHOWN])
    problem = _(
        "By the ledger the notice did not take effect by %(day)s for %(count)s contracts (%(numbers)s)."
        " Until it is in time for them the old prices hold."
    ) % {"day": day_text(latest), "count": len(late), "numbers": named}
    return Told(_stated(version, decision), problem)


def _ensure_announced(service: Service, effective_on: date, notice: Notice) -> None:
    of_prices = notice.purpose == Notice.Purpose.PRICE_CHANGE and notice.sent_at is not None
    if not of_prices or notice.service_id != service.pk:
        raise ValidationError({"notice": _("Choose a notice of a change of prices of this service.")})
    if notice.effective_on != effective_on:
        text = _("This notice announced prices from %(day)s on.") % {"day": day_text(notice.effective_on)}
        raise ValidationError({"notice": text})


def _first_effects(service: Service, effective_on: date) -> dict[int, NoticeDelivery]:
    """By organisation the delivery by which a notice of prices from a day on first took effect for it."""
    effective = NoticeDelivery.objects.filter(
        notice__service=service,
        notice__purpose=Notice.Purpose.PRICE_CHANGE,
        notice__effective_on=effective_on,
        effective_at__isnull=False,
    )
    return {one.organisation_id: one for one in effective.order_by("-effective_at", "-pk")}


def _last(told: Collection[int], first: dict[int, NoticeDelivery]) -> NoticeDelivery | None:
    found = [one for key, one in first.items() if key in told]
    return max(found, key=lambda one: cast(datetime, one.effective_at), default=None)


def _way_of(
    notice: Notice, delivery: NoticeDelivery | None, version: TermsVersion
) -> tuple[Channel, datetime, datetime | None]:
    """By which channel and when; of a notice that has reached nobody how it was sent."""
    if delivery:
        return cast(Channel, delivery.channel), cast(datetime, delivery.sent_at), delivery.arrived_at
    rules = version.policy.notices
    counting = (one for one in rules.channels if rules.counts("price_change", one))
    channel: Channel = next(counting, "email")
    return channel, cast(datetime, notice.sent_at), None


def _is_late(contract: Contract, delivery: NoticeDelivery | None, latest: date) -> bool:
    if delivery is None or delivery.effective_at is None:
        return True
    was_customer = contract.formed_on is None or contract.formed_on <= latest
    return was_customer and japan_date(delivery.effective_at) > latest
