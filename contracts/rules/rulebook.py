"""One version's rules, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from contracts.problems.reasons import Reason, UnknownError
from contracts.rules.calendar.business_days import BusinessCalendar
from contracts.rules.calendar.holidays import NationalHolidays, national_holidays
from contracts.rules.calendar.hours import HoursOf, WithinHours, within_hours
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision, NotProvided, step
from contracts.rules.life.cancellation import Cancellation, cancel
from contracts.rules.life.change import Change, ChangeRequest, ChangeRule, change, reduce_option
from contracts.rules.life.device import DeviceReturn, return_device
from contracts.rules.life.ending import Ending, OfferKind, end_offer
from contracts.rules.life.formation import Formation, FormationFacts, form
from contracts.rules.life.non_renewal import not_renew, not_renew_by_provider
from contracts.rules.life.notice import Channel, Notice, NoticeRules, Purpose, earliest_effective_on, notify
from contracts.rules.life.rescission import rescind
from contracts.rules.life.stop import Stop, pause, suspend, with_fees
from contracts.rules.life.term import (
    DataErasure,
    MinimumTerm,
    Renewal,
    erase_data,
    minimum_term,
    renew,
)
from contracts.rules.life.termination import Termination, terminate
from contracts.rules.life.withdrawal import Withdrawal, withdraw_application, withdraw_change
from contracts.rules.policy.base import ListedReason
from contracts.rules.policy.schema import Policy

R = TypeVar("R", bound=ListedReason)


def listed(reasons: Iterable[R], key: str) -> R:
    """The listed reason of a key; UnknownError if there is none."""
    for reason in reasons:
        if reason.key == key:
            return reason
    raise UnknownError(Reason("no_reason", {"key": key}))


def _day_of(at: date | datetime) -> date:
    return japan_date(at) if isinstance(at, datetime) else at


@dataclass(frozen=True, kw_only=True)
class BusinessDay(Decision):
    is_business_day: bool
    received_on: date


@dataclass(frozen=True, kw_only=True)
class CountedDay(Decision):
    on: date


@dataclass(frozen=True)
class Rulebook:
    """A policy together with the closures that staff entered for its company calendar, and the holidays.

    Every method answers with a decision; `NotProvided` if the policy has no such rule. It counts with the
    national holidays that were known on the day decided on: that of a submission, else the day asked about.
    So a decision of then comes out as it did, whatever the law has made a holiday since.
    """

    policy: Policy
    closures: frozenset[date] = frozenset()
    holidays: NationalHolidays = field(default_factory=national_holidays)

    @property
    def calendars(self) -> dict[str, BusinessCalendar]:
        """The calendars by all that is known."""
        return self.calendars_on(date.max)

    def calendars_on(self, at: date | datetime) -> dict[str, BusinessCalendar]:
        """The calendars with the national holidays that were known on a day, or at a moment."""
        known = self.holidays.known_on(_day_of(at))
        if known not in self._calendars:
            self._calendars[known] = {
                name: BusinessCalendar(rule, self.closures, known)
                for name, rule in self.policy.calendars.items()
            }
        return self._calendars[known]

    @cached_property
    def _calendars(self) -> dict[frozenset[date], dict[str, BusinessCalendar]]:
        """The calendars by the holidays with which they count, as far as they were asked for."""
        return {}

    def business_day(self, at: date | datetime) -> BusinessDay:
        day = _day_of(at)
        calendar = self.calendars_on(day)["company"]
        is_open = calendar.is_business_day(day)
        received = calendar.received_on(at) if isinstance(at, datetime) else calendar.received_on_day(day)
        taken = step(calendar.rule, "calendar.is_business_day", is_open, day=day)
        received_step = step(calendar.rule, "calendar.received_on", received, at=at)
        return BusinessDay(is_business_day=is_open, received_on=received, steps=(taken, received_step))

    def count_business_days(self, start: date, days: int) -> CountedDay:
        calendar = self.calendars_on(start)["company"]
        counted = calendar.count(start, days)
        return CountedDay(
            on=counted, steps=(step(calendar.rule, "calendar.count", counted, start=start, days=days),)
        )

    def formation(self, facts: FormationFacts) -> Formation:
        return form(self.policy.formation, facts)

    def cancellation(self, submitted_at: datetime, wanted_on: date | None) -> Cancellation:
        return cancel(self.policy.cancellation, submitted_at, wanted_on, self.calendars_on(submitted_at))

    def change(self, request: ChangeRequest) -> Change:
        rule = self.policy.changes.get(request.kind)
        if rule is None:
            raise NotProvided(f"changes.{request.kind}")
        return self._changed(rule, request)

    def change_by_dates(self, request: ChangeRequest) -> Change:
        """What the dates alone say of a change, whatever the contract contains."""
        rule = self.policy.changes.get(request.kind)
        if rule is None:
            raise NotProvided(f"changes.{request.kind}")
        return self._changed(rule.without_conditions, request)

    def _changed(self, rule: ChangeRule, request: ChangeRequest) -> Change:
        calendars, base = self.calendars_on(request.submitted_at), self.policy.base_products
        if rule.for_options and request.product in self.policy.options:
            return reduce_option(rule.for_options, request, base, calendars)
        return change(rule, request, base, calendars)

    def rescission(self, kind: str, submitted_at: datetime) -> Cancellation:
        """What follows where the customer ends the contract at once; `kind` is that of such a request."""
        rule = self.policy.changes.get(kind)
        if rule is None:
            raise NotProvided(f"changes.{kind}")
        return rescind(rule, kind, submitted_at, self.calendars_on(submitted_at))

    def renewal(self, term_ends_on: date, notice_at: datetime | None) -> Renewal:
        if self.policy.renewal is None:
            raise NotProvided("renewal")
        calendars = self.calendars_on(notice_at or term_ends_on)
        return renew(self.policy.renewal, term_ends_on, notice_at, calendars)

    def non_renewal(
        self, service_starts_on: date, notice_at: datetime, wanted_term_end: date | None
    ) -> Cancellation:
        rule = self.policy.renewal
        if rule is None:
            raise NotProvided("renewal")
        billed_through = self.policy.cancellation.billed_through
        calendars = self.calendars_on(notice_at)
        return not_renew(rule, billed_through, service_starts_on, notice_at, wanted_term_end, calendars)

    def non_renewal_by_provider(
        self, service_starts_on: date, given_at: datetime, wanted_term_end: date | None
    ) -> Cancellation:
        rule = self.policy.renewal
        if rule is None or rule.by_provider is None:
            raise NotProvided("renewal.by_provider")
        return not_renew_by_provider(
            rule,
            rule.by_provider,
            self.policy.cancellation.billed_through,
            service_starts_on,
            given_at,
            wanted_term_end,
            self.calendars_on(given_at),
        )

    def suspension(
        self, reason_key: str, starts_on: date, ends_on: date | None, *, until_paid: bool = False
    ) -> Stop:
        """UnknownError for a reason that is not listed."""
        rule = self.policy.suspension
        if rule is None:
            raise NotProvided("suspension")
        reason = listed(rule.reasons, reason_key)
        stop = suspend(rule, reason, starts_on, ends_on, until_paid=until_paid)
        return with_fees(stop, self.policy.charging.during_suspension)

    def pause(self, reason_key: str, starts_on: date, ends_on: date | None) -> Stop:
        """UnknownError for a reason that is not listed."""
        rule = self.policy.pause
        if rule is None:
            raise NotProvided("pause")
        return pause(rule, listed(rule.reasons, reason_key), starts_on, ends_on)

    def termination(
        self, ground_key: str, on: date, since_on: date | None, *, told_on: date | None = None
    ) -> Termination:
        """UnknownError for a ground that is not listed, UnfitError where one lacks the day it counts from."""
        rule = self.policy.termination
        if rule is None:
            raise NotProvided("termination")
        calendars = self.calendars_on(on)
        return terminate(rule, rule.ground(ground_key), on, since_on, calendars, told_on=told_on)

    def ending(
        self,
        offer: OfferKind,
        ends_on: date,
        channel: Channel,
        sent_at: datetime,
        arrived_at: datetime | None = None,
    ) -> Ending:
        """Whether an option, or the service, can end on a day after a notice sent at a moment."""
        rule = self.policy.endings.get(offer)
        if rule is None:
            raise NotProvided(f"endings.{offer}")
        purpose: Purpose = "option_end" if offer == "option" else "service_end"
        return end_offer(rule, ends_on, self.notice(purpose, channel, sent_at, arrived_at, ends_on))

    def withdrawal(self, on: date, formed_on: date | None, starts_on: date | None) -> Withdrawal:
        """Withdrawing an application, and with it the contract that it may have formed."""
        policy = self.policy
        return withdraw_application(policy.withdrawal, policy.formation, on, formed_on, starts_on)

    def withdrawal_of_change(self, kind: str, on: date, *, accepted: bool) -> Withdrawal:
        """Withdrawing a request, by the rule on which it rests where the terms say nothing else."""
        policy = self.policy
        founded = policy.rule_on(kind) or policy.application
        return withdraw_change(policy.withdrawal, founded, on, accepted=accepted)

    def device_return(
        self, received_on: date, sent_back_on: date | None, on: date, list_price: int
    ) -> DeviceReturn:
        rule = self.policy.device_return
        if rule is None:
            raise NotProvided("device_return")
        return return_device(rule, received_on, sent_back_on, on, list_price, self.calendars_on(on))

    def within_hours(self, of: HoursOf, at: datetime) -> WithinHours:
        """Whether support is open, or regular maintenance under way, at a moment."""
        rules = [rule for rule in self.policy.daily_hours if rule.purpose == of]
        if not rules:
            raise NotProvided(f"daily_hours ({of})")
        return within_hours(rules, at, self.calendars_on(at))

    def minimum_term(self, service_started_on: date, ends_on: date, monthly_fee: int) -> MinimumTerm:
        if self.policy.minimum_term is None:
            raise NotProvided("minimum_term")
        return minimum_term(self.policy.minimum_term, service_started_on, ends_on, monthly_fee)

    def data_erasure(self, ends_on: date) -> DataErasure:
        rule = self.policy.data_erasure
        if rule is None:
            raise NotProvided("data_erasure")
        return erase_data(rule, ends_on, self.calendars_on(ends_on)[rule.calendar])

    def notice(
        self,
        purpose: Purpose,
        channel: Channel,
        sent_at: datetime,
        arrived_at: datetime | None,
        effective_on: date,
    ) -> Notice:
        rules = self._notice_rules(purpose, channel)
        calendars = self.calendars_on(sent_at)
        return notify(rules, purpose, channel, sent_at, arrived_at, effective_on, calendars)

    def earliest_effective_on(self, purpose: Purpose, channel: Channel, sent_at: datetime) -> date | None:
        """The first day for which a notice is in time; None for any. NotProvided where the form is wrong."""
        rules = self._notice_rules(purpose, channel)
        if not rules.counts(purpose, channel):
            raise NotProvided(f"notices.purposes.{purpose}.in_writing")
        return earliest_effective_on(rules, purpose, channel, sent_at, self.calendars_on(sent_at))

    def _notice_rules(self, purpose: Purpose, channel: Channel) -> NoticeRules:
        rules = self.policy.notices
        if purpose not in rules.purposes:
            raise NotProvided(f"notices.purposes.{purpose}")
        if channel not in rules.channels:
            raise NotProvided(f"notices.channels.{channel}")
        return rules
