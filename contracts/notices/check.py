"""Whether a notice is in time, and when it took effect, by the terms that govern it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast

from contracts.models import Notice, NoticeDelivery, TermsVersion
from contracts.policies.rulebooks import rulebook_for, version_in_force
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import NotProvided
from contracts.rules.life.consent import start_of
from contracts.rules.life.notice import Channel, Purpose, PurposeRule
from contracts.rules.life.notice import Notice as Decision

Missing = Literal["reason", "period", "all"]


@dataclass(frozen=True)
class NoticeCheck:
    """What the terms say of a notice sent at a moment, by each channel that they know.

    `provided` is false where they say nothing on its purpose. `earliest_effective_on` is the first day that
    could be announced in time; None where every day could, or none by the channels used. `missing` is what
    the notice does not say, or to whom it does not go, though the terms ask for it. `since` is how long after
    what it tells of, where the terms name no day by which it is given; None where that is to come.
    """

    version: TermsVersion
    decisions: Mapping[Channel, Decision]
    provided: bool
    earliest_effective_on: date | None
    missing: tuple[Missing, ...] = ()
    has_deadline: bool = True
    since: timedelta | None = None

    @property
    def in_time(self) -> bool:
        """Whether one channel at least makes it; what the terms don't provide for needs no time."""
        return not self.provided or any(decision.in_time for decision in self.decisions.values())

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles of a channel that is in time, or else of the first."""
        decisions = sorted(self.decisions.values(), key=lambda decision: not decision.in_time)
        return decisions[0].articles if decisions else ()


def channels_of(notice: Notice) -> tuple[Channel, ...]:
    """How a notice goes out: by e-mail and on the site, and by letter where that was chosen."""
    return ("email", "site", "letter") if notice.by_letter else ("email", "site")


def check_notice(notice: Notice, at: datetime) -> NoticeCheck | None:
    """Check a notice as if it was sent at a moment; None while no terms of its service are in force."""
    version = version_in_force(notice.service, japan_date(at))
    if version is None:
        return None
    purpose = cast(Purpose, notice.purpose)
    rules = version.policy.notices
    channels = [channel for channel in channels_of(notice) if channel in rules.channels]
    if purpose not in rules.purposes:
        return NoticeCheck(version, {}, provided=False, earliest_effective_on=None)
    book = rulebook_for(version)
    decisions = {
        channel: book.notice(purpose, channel, at, None, notice.effective_on) for channel in channels
    }
    days = [
        book.earliest_effective_on(purpose, channel, at)
        for channel in channels
        if rules.counts(purpose, channel)
    ]
    earliest = min((day for day in days if day), default=None)
    rule = rules.purposes[purpose]
    has_deadline = rule.lead is not None or rule.timing == "beforehand"
    return NoticeCheck(
        version,
        decisions,
        provided=True,
        earliest_effective_on=earliest,
        missing=tuple(_missing(notice, rule)),
        has_deadline=has_deadline,
        since=None if has_deadline else _since(notice, at),
    )


def _missing(notice: Notice, rule: PurposeRule) -> Iterator[Missing]:
    if "reason" in rule.states and not notice.reason.strip():
        yield "reason"
    if "period" in rule.states and notice.ends_at is None:
        yield "period"
    if rule.to_all and (notice.scope != Notice.Scope.ALL or notice.product):
        yield "all"


def _since(notice: Notice, at: datetime) -> timedelta | None:
    """How long before a moment it was over what a notice tells of; None where it is to come."""
    over = notice.ends_at or notice.starts_at or start_of(notice.effective_on)
    return at - over if over <= at else None


def effective_at(delivery: NoticeDelivery) -> datetime | None:
    """When a delivery made its notice effective; None before that, and where its channel doesn't count."""
    notice = delivery.notice
    handed_over = delivery.accepted_at if delivery.channel == "email" else delivery.sent_at
    version = notice.governed_by if handed_over else None
    if version is None:
        return None
    rules = version.policy.notices
    purpose, channel = cast(Purpose, notice.purpose), cast(Channel, delivery.channel)
    if not rules.counts(purpose, channel):
        return None
    return delivery.sent_at if rules.effective(purpose, channel) == "dispatch" else delivery.arrived_at


@dataclass(frozen=True)
class FirstEffect:
    """When a notice first became effective for somebody, and why.

    `decision` is None where the terms say nothing on the notice's purpose.
    """

    at: datetime
    version: TermsVersion
    decision: Decision | None


def first_effect(notice: Notice, deliveries: Iterable[NoticeDelivery]) -> FirstEffect | None:
    """By which of some deliveries a notice first became effective; None before any has."""
    effective = [(found.effective_at, found) for found in deliveries if found.effective_at]
    version = notice.governed_by
    if not effective or version is None:
        return None
    moment, first = min(effective, key=lambda pair: pair[0])
    try:
        decision = rulebook_for(version).notice(
            cast(Purpose, notice.purpose),
            cast(Channel, first.channel),
            cast(datetime, first.sent_at),
            first.arrived_at,
            notice.effective_on,
        )
    except NotProvided:
        return FirstEffect(moment, version, None)
    return FirstEffect(moment, version, decision)
