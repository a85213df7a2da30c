"""Notices from the provider: when one takes effect, and how long before it must be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import model_validator

from contracts.rules.calendar.business_days import Calendars
from contracts.rules.calendar.deadline import Offset
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision, Step, step
from contracts.rules.policy.base import Rule
from contracts.rules.problems import refusal

Channel = Literal["email", "site", "letter"]
Purpose = Literal[
    "terms_change",
    "price_change",
    "service_end",
    "option_end",
    "maintenance",
    "facility_stop",
    "emergency_maintenance",
    "business_transfer",
]


class ChannelRule(Rule):
    """When a notice takes effect: on dispatch (発信主義) or on arrival (到達主義)."""

    effective: Literal["dispatch", "arrival"]


class PurposeRule(Rule):
    """How long before its effective date a notice of one purpose must have taken effect.

    Either a `lead`, or `timing`: some time before (`beforehand`), promptly after (`afterwards`),
    or beforehand only where possible (`where_possible`). `effective` overrides what the channel says
    on when the notice takes effect. What must be `in_writing` (書面) counts only as a letter. `states` is
    what the notice must say beside the day; `to_all`: it goes to all customers of the service.
    """

    effective: Literal["dispatch", "arrival"] | None = None
    lead: Offset | None = None
    timing: Literal["lead", "beforehand", "afterwards", "where_possible"] = "lead"
    in_writing: bool = False
    states: tuple[Literal["reason", "period"], ...] = ()
    to_all: bool = False
    calendar: str = "company"

    @model_validator(mode="after")
    def _lead_or_timing(self) -> PurposeRule:
        if (self.lead is None) == (self.timing == "lead"):
            raise refusal("lead_or_timing")
        return self


class NoticeRules(Rule):
    """How notices work under one version of the terms."""

    channels: dict[Channel, ChannelRule]
    purposes: dict[Purpose, PurposeRule]

    def counts(self, purpose: Purpose, channel: Channel) -> bool:
        """Whether a notice of that purpose can be given by that channel at all."""
        rule = self.purposes.get(purpose)
        return channel in self.channels and not (rule and rule.in_writing and channel != "letter")

    def effective(self, purpose: Purpose, channel: Channel) -> Literal["dispatch", "arrival"]:
        """The moment that counts; what the terms don't provide for follows the channel alone."""
        rule = self.purposes.get(purpose)
        return (rule.effective if rule else None) or self.channels[channel].effective

    def counts_by_arrival(self, purpose: Purpose, channel: Channel) -> bool:
        """Whether a notice by a channel that the terms know takes effect as it arrives."""
        return channel in self.channels and self.effective(purpose, channel) == "arrival"


@dataclass(frozen=True, kw_only=True)
class Notice(Decision):
    """`latest_send_on` is None where the notice may follow the event."""

    in_time: bool
    notice_effective_at: datetime | None
    latest_send_on: date | None


def notify(
    rules: NoticeRules,
    purpose: Purpose,
    channel: Channel,
    sent_at: datetime,
    arrived_at: datetime | None,
    effective_on: date,
    calendars: Calendars,
) -> Notice:
    """Whether a notice is in time for what takes effect on a day.

    Where arrival counts and has not been seen yet, the day of sending stands in for it. A notice that
    must be in writing is not in time by any other channel.
    KeyError if the policy knows no rule for the purpose or channel.
    """
    channel_rule, rule = rules.channels[channel], rules.purposes[purpose]
    effective = rules.effective(purpose, channel)
    effective_at = sent_at if effective == "dispatch" else arrived_at
    counted_on = japan_date(effective_at or sent_at)
    latest, latest_step = _latest_send_on(rule, effective_on, calendars)
    on_time = latest is None or counted_on <= latest
    written = rules.counts(purpose, channel)
    form = (step(rule, "notice.in_writing", written, channel=channel),) if rule.in_writing else ()
    compared = (step(rule, "notice.compare", on_time, notice=counted_on, latest=latest),) if latest else ()
    return Notice(
        in_time=on_time and written,
        notice_effective_at=effective_at,
        latest_send_on=latest,
        steps=(
            step(
                rule if rule.effective else channel_rule,
                f"notice.{effective}",
                effective_at,
                channel=channel,
                sent=sent_at,
            ),
            latest_step,
            *compared,
            *form,
        ),
    )


def _latest_send_on(rule: PurposeRule, effective_on: date, calendars: Calendars) -> tuple[date | None, Step]:
    latest: date | None
    if rule.lead:
        latest = rule.lead.before(effective_on, calendars[rule.calendar])
        key = f"notice.lead.{rule.lead.unit}"
        return latest, step(rule, key, latest, effective=effective_on, amount=rule.lead.amount)
    latest = effective_on - timedelta(days=1) if rule.timing == "beforehand" else None
    return latest, step(rule, f"notice.{rule.timing}", latest, effective=effective_on)


def earliest_effective_on(
    rules: NoticeRules, purpose: Purpose, channel: Channel, sent_at: datetime, calendars: Calendars
) -> date | None:
    """The first day for which a notice sent at a moment is in time; it counts as arriving that day.

    None where the notice may follow, so that every day will do. Whether the form is right is not asked here.
    KeyError as for `notify`.
    """
    rule = rules.purposes[purpose]
    counted_on = japan_date(sent_at)
    day = counted_on
    while (latest := _latest_send_on(rule, day, calendars)[0]) is not None and latest < counted_on:
        day += timedelta(days=1)
    return None if latest is None else day
