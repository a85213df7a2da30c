"""Changing prices: a new price list, for which customers were given notice in time."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from billing.calculation.prices import NoticeOfPrices, read_price_list
from billing.models import PriceListVersion
from billing.pricing.price_lists import PRICE_LIST, publish_price_list
from contracts.models import Service, TermsVersion
from contracts.policies.rulebooks import rulebook_for, version_in_force
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import NotProvided
from contracts.rules.life.notice import Channel, Notice
from contracts.rules.rulebook import Rulebook
from contracts.wording.formats import day_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.organisations.models import User

OVERRIDE = "billing.override_notice_pricelistversion"


@dataclass(frozen=True)
class PriceNotice:
    """The notice of a price change that customers were given; `arrived_at` where arrival counts."""

    channel: Channel
    sent_at: datetime
    arrived_at: datetime | None = None


@transaction.atomic
def change_prices(
    service: Service,
    source: str,
    notice: PriceNotice,
    staff: User,
    override_reason: str = "",
    *,
    approval: Proposal | None = None,
) -> PriceListVersion:
    """Publish a price list, written in TOML, that customers were told of as the terms ask.

    The terms in force when the notice was sent say how long before. A notice that is too late, or in the
    wrong form, is refused with the earliest day that it is in time for; with a reason it is taken, and then
    a manager (`OVERRIDE`) has to approve it. ValidationError without the approval of a second person
    (`second_person`). PriceListError names what is wrong in the list.
    """
    effective_on = read_price_list(source).effective_on
    if service.binds_customers and effective_on.day != 1:
        text = _("Prices change with the first day of a month: months are charged whole.")
        raise ValidationError({"source": text})
    version = version_in_force(service, japan_date(notice.sent_at))
    if version is None:
        raise ValidationError({"sent_at": _("No terms of the service were in force on that day.")})
    rulebook = rulebook_for(version)
    decision: Notice | None = None
    try:
        decision = rulebook.notice(
            "price_change", notice.channel, notice.sent_at, notice.arrived_at, effective_on
        )
    except NotProvided as missing:
        if str(missing) != "notices.purposes.price_change":
            raise ValidationError({"channel": _("The terms know no notice by this channel.")}) from missing
    if decision is not None and not decision.in_time:
        _ensure_overridden(approval, override_reason, _too_late(rulebook, notice))
    facts = _stated(version, decision)
    return publish_price_list(service, source, staff, facts, override_reason.strip(), approval=approval)


def _stated(version: TermsVersion, decision: Notice | None) -> NoticeOfPrices:
    if decision is None:
        return NoticeOfPrices(terms_version=version.name, steps=())
    return NoticeOfPrices(terms_version=version.name, **decision.facts(), steps=decision.steps)


def _too_late(rulebook: Rulebook, notice: PriceNotice) -> str:
    try:
        earliest = rulebook.earliest_effective_on(
            "price_change", notice.channel, notice.arrived_at or notice.sent_at
        )
    except NotProvided:
        return _("By the terms this notice must be in writing.")
    return _("The notice is too late. The prices can take effect on %(day)s at the earliest.") % {
        "day": day_text(earliest) if earliest else ""
    }


def _ensure_overridden(approval: Proposal | None, reason: str, problem: str) -> None:
    if not reason.strip():
        raise ValidationError({"source": problem})
    ensure_second_person(approval, PRICE_LIST)
