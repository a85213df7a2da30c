"""What comes next in a contract: the dates still ahead, each with the decision behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from contracts.explain import Explanation, explain
from contracts.formats import day_text
from contracts.models import Contract, TermsVersion
from contracts.operations.rulebooks import Rulebooks
from contracts.rules.cancellation import Cancellation
from contracts.rules.decision import Decision
from contracts.rules.period import JAPAN, Month
from contracts.rules.rulebook import Rulebook
from contracts.rules.term import Renewal, first_term_end

Kind = Literal[
    "service_start",
    "billing_start",
    "cancel_by",
    "renewal_notice",
    "minimum_term_end",
    "contract_end",
    "data_erasure",
]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class UpcomingDeadline:
    """A date ahead. `decision` is what it follows from, or its stored JSON, by the rules of `version`."""

    on: date
    kind: Kind
    label: str
    decision: Decision | Mapping[str, Any]
    version: TermsVersion
    days_left: int

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.decision, self.version)


def next_deadlines(contract: Contract, day: date, books: Rulebooks | None = None) -> list[UpcomingDeadline]:
    """The dates ahead of a day, in order, by the version in force on that day.

    The contract should come with `service`, `contracted_version` and `requests`. For several contracts, share
    one `Rulebooks`. An ended contract has none but the erasure of its data.
    """
    books = books or Rulebooks()
    version = books.in_force(contract.service, day) or contract.contracted_version
    upcoming = _Upcoming(contract, day, version, books.of(version))
    return sorted(upcoming.all(), key=lambda deadline: deadline.on)


@dataclass(frozen=True)
class _Upcoming:
    contract: Contract
    day: date
    version: TermsVersion
    rules: Rulebook

    def all(self) -> Iterator[UpcomingDeadline]:
        yield from self._starts()
        if self.contract.ends_on:
            yield from self._end(self.contract.ends_on)
        elif self.contract.formed_on:
            yield from self._cancellations()
            if self.contract.service_starts_on:
                yield from self._renewal(self.contract.service_starts_on)
                yield from self._minimum_term(self.contract.service_starts_on)

    def _ahead(
        self,
        on: date | None,
        kind: Kind,
        label: str,
        decision: Decision | Mapping[str, Any],
        version: TermsVersion | None = None,
    ) -> Iterator[UpcomingDeadline]:
        if on and on >= self.day:
            days_left = (on - self.day).days
            yield UpcomingDeadline(on, kind, label, decision, version or self.version, days_left)

    def _starts(self) -> Iterator[UpcomingDeadline]:
        contract, agreed = self.contract, self.contract.contracted_version
        decision = contract.formation
        yield from self._ahead(
            contract.service_starts_on, "service_start", _("Service starts"), decision, agreed
        )
        yield from self._ahead(
            contract.billed_from_on, "billing_start", _("Charging starts"), decision, agreed
        )

    def _cancellations(self) -> Iterator[UpcomingDeadline]:
        """By when to cancel for the earliest end that is still possible, and for the end a month later."""
        asked_at = datetime.combine(self.day, time(), JAPAN)
        earliest = self.rules.cancellation(asked_at, None).earliest_ends_on
        starts_on = self.contract.service_starts_on
        if starts_on and earliest < starts_on:
            earliest = self.rules.cancellation(asked_at, starts_on).wanted_ends_on or starts_on
        for ends_on in (earliest, _a_month_later(earliest)):
            decision: Cancellation = self.rules.cancellation(asked_at, ends_on)
            label = _("Last day to cancel for an end on %(day)s") % {"day": day_text(ends_on)}
            yield from self._ahead(decision.deadline_on, "cancel_by", label, decision)

    def _renewal(self, starts_on: date) -> Iterator[UpcomingDeadline]:
        rule = self.version.policy.renewal
        if rule is None:
            return
        decision = self._current_term(first_term_end(rule, starts_on))
        label = _("Last day for notice that the contract is not to be renewed")
        yield from self._ahead(decision.notice_deadline_on, "renewal_notice", label, decision)

    def _current_term(self, term_ends_on: date) -> Renewal:
        """The first term whose notice can still be given on the day, or that still runs."""
        decision = self.rules.renewal(term_ends_on, None)
        while decision.notice_deadline_on < self.day and decision.next_term_ends_on:
            decision = self.rules.renewal(decision.next_term_ends_on, None)
        return decision

    def _minimum_term(self, starts_on: date) -> Iterator[UpcomingDeadline]:
        if self.version.policy.minimum_term:
            asked = self.rules.minimum_term(starts_on, self.day, 0)
            only_its_end = replace(asked, steps=asked.steps[:1])
            label = _("The minimum term ends")
            yield from self._ahead(asked.minimum_ends_on, "minimum_term_end", label, only_its_end)

    def _end(self, ends_on: date) -> Iterator[UpcomingDeadline]:
        decided = self._cancellation_decided()
        if decided:
            yield from self._ahead(ends_on, "contract_end", _("The contract ends"), *decided)
        else:
            yield from self._ahead(ends_on, "contract_end", _("The contract ends"), {})
        if self.version.policy.data_erasure:
            erasure = self.rules.data_erasure(ends_on)
            yield from self._ahead(erasure.erase_by, "data_erasure", _("Data are erased by"), erasure)

    def _cancellation_decided(self) -> tuple[Mapping[str, Any], TermsVersion] | None:
        for request in self.contract.requests.all():
            if request.kind in request.ENDINGS and request.status == request.Status.ACCEPTED:
                return request.decision, request.terms_version
        return None


def _a_month_later(ends_on: date) -> date:
    following = Month.of(ends_on) + 1
    return following.last if ends_on == Month.of(ends_on).last else following.day(ends_on.day)
