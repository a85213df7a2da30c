"""The kinds of worked examples that the rules of contracts answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, model_validator

from contracts.problems.reasons import Reason
from contracts.rules.calendar.hours import HoursOf, WithinHours
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision
from contracts.rules.examples.evaluation import Evaluate, kind
from contracts.rules.examples.given import (
    Citation,
    Day,
    DayOrMoment,
    Flag,
    Given,
    GivenError,
    Moment,
    Quantity,
    WholeMonth,
    Yen,
)
from contracts.rules.examples.lifecycle_examples import LIFECYCLE_KINDS
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import Change, ChangeKind, ChangeRequest
from contracts.rules.life.formation import Formation, FormationFacts
from contracts.rules.life.notice import Channel, Notice, Purpose
from contracts.rules.life.term import DataErasure, MinimumTerm, Renewal
from contracts.rules.policy.base import Strict
from contracts.rules.policy.governing import Governing, terms_at
from contracts.rules.policy.service import Book
from contracts.rules.problems import Problem, refusal
from contracts.rules.rulebook import BusinessDay, CountedDay
from contracts.terms.numbering import ArticleRef

GivesUp = Callable[[ChangeKind], bool]
"""Whether the day on which a kind of change takes effect is the last day of use."""


class BusinessDayGiven(Given):
    at: DayOrMoment

    @property
    def day(self) -> date:
        return japan_date(self.at) if isinstance(self.at, datetime) else self.at


class CountGiven(Given):
    start: Day = Field(alias="from")
    days: Annotated[int, Field(strict=True, ge=-10_000, le=10_000)]


class FormationGiven(Given):
    applied_at: Moment | None = None
    accepted_at: Moment | None = None
    acceptance_sent_at: Moment | None = None
    registered_at: Moment | None = None
    activation_start_on: Day | None = None
    wanted_start_on: Day | None = None

    @property
    def day(self) -> date:
        """The day of the last thing that happened; if nothing did, the day on which service is to start."""
        moments = (self.applied_at, self.accepted_at, self.acceptance_sent_at, self.registered_at)
        happened = [moment for moment in moments if moment is not None]
        if happened:
            return japan_date(max(happened))
        start = self.activation_start_on or self.wanted_start_on
        if start is None:
            names = ", ".join(name for name in type(self).model_fields if name != "as_of")
            raise GivenError([Problem("given", Reason("nothing_happened", {"names": names}))])
        return start


class CancellationGiven(Given):
    submitted_at: Moment
    wanted_on: Day | None = None
    wanted_month: WholeMonth | None = None
    service_started_on: Day | None = None

    @model_validator(mode="after")
    def _one_wish(self) -> CancellationGiven:
        if self.wanted_on and self.wanted_month:
            raise refusal("one_wish")
        return self

    @property
    def wanted(self) -> date | None:
        return self.wanted_month.last if self.wanted_month else self.wanted_on


class HeldItem(Strict):
    product: str
    quantity: Quantity


class ChangeGiven(Given):
    change: ChangeKind
    submitted_at: Moment
    wanted_on: Day
    items: tuple[HeldItem, ...] | None = None
    product: str = ""
    quantity: Quantity = 0
    user_ids_deleted: Flag = False
    ever_held: tuple[str, ...] = ()


class RenewalGiven(Given):
    term_ends_on: Day
    notice_at: Moment | None = None


class MinimumTermGiven(Given):
    service_started_on: Day
    ends_on: Day
    monthly_fee: Yen


class TermsAtGiven(Given):
    on: Day
    contracted_on: Day | None = None
    article: Citation | None = None


class NoticeGiven(Given):
    purpose: Purpose
    channel: Channel
    sent_at: Moment
    arrived_at: Moment | None = None
    effective_on: Day


class HoursGiven(Given):
    of: HoursOf
    at: Moment


class DataErasureGiven(Given):
    ends_on: Day


def _business_day(book: Book, given: BusinessDayGiven) -> BusinessDay:
    return book.business_day(given.at)


def _count(book: Book, given: CountGiven) -> CountedDay:
    return book.count_business_days(given.start, given.days)


def _formation(book: Book, given: FormationGiven) -> Formation:
    return book.formation(FormationFacts(**given.model_dump(exclude={"as_of"})))


def _cancellation(book: Book, given: CancellationGiven) -> Decision:
    decision: Cancellation = book.cancellation(given.submitted_at, given.wanted)
    if given.service_started_on and decision.ends_on and book.policy.minimum_term:
        minimum = book.minimum_term(given.service_started_on, decision.ends_on, monthly_fee=0)
        return replace(decision, steps=(*decision.steps, minimum.steps[0]))
    return decision


def _change(gives_up: GivesUp) -> Callable[[Book, ChangeGiven], Change]:
    def decide(book: Book, given: ChangeGiven) -> Change:
        held = None if given.items is None else {item.product: item.quantity for item in given.items}
        for key in filter(None, (given.product, *(held or ()), *given.ever_held)):
            book.policy.product(key)
        return book.change(
            ChangeRequest(
                kind=given.change,
                submitted_at=given.submitted_at,
                wanted_on=given.wanted_on,
                gives_up=gives_up(given.change),
                product=given.product,
                quantity=given.quantity,
                items=held,
                ever_held=given.ever_held,
                user_ids_deleted=given.user_ids_deleted,
            )
        )

    return decide


def _renewal(book: Book, given: RenewalGiven) -> Renewal:
    return book.renewal(given.term_ends_on, given.notice_at)


def _minimum_term(book: Book, given: MinimumTermGiven) -> MinimumTerm:
    return book.minimum_term(given.service_started_on, given.ends_on, given.monthly_fee)


def _terms_at(book: Book, given: TermsAtGiven) -> Governing:
    policy = book.policy
    return terms_at(
        policy.version,
        policy.effective,
        policy.transitional,
        lambda article: book.terms.has(ArticleRef.parse(article)),
        given.on,
        given.contracted_on,
        given.article,
    )


def _notice(book: Book, given: NoticeGiven) -> Notice:
    return book.notice(given.purpose, given.channel, given.sent_at, given.arrived_at, given.effective_on)


def _data_erasure(book: Book, given: DataErasureGiven) -> DataErasure:
    return book.data_erasure(given.ends_on)


def _hours(book: Book, given: HoursGiven) -> WithinHours:
    return book.within_hours(given.of, given.at)


def kinds_of_examples(gives_up: GivesUp) -> dict[str, Evaluate[Book]]:
    """The kinds by their names. Whether the day of a change is the last day of use, its own kind says."""
    return {
        **LIFECYCLE_KINDS,
        "business_day": kind(BusinessDayGiven, lambda given: given.day, _business_day),
        "count_business_days": kind(CountGiven, lambda given: given.start, _count),
        "formation": kind(FormationGiven, lambda given: given.day, _formation),
        "cancellation": kind(CancellationGiven, lambda given: japan_date(given.submitted_at), _cancellation),
        "change": kind(ChangeGiven, lambda given: japan_date(given.submitted_at), _change(gives_up)),
        "renewal": kind(RenewalGiven, lambda given: given.term_ends_on, _renewal),
        "minimum_term": kind(MinimumTermGiven, lambda given: given.ends_on, _minimum_term),
        "terms_at": kind(TermsAtGiven, lambda given: given.on, _terms_at),
        "notice": kind(NoticeGiven, lambda given: japan_date(given.sent_at), _notice),
        "hours": kind(HoursGiven, lambda given: japan_date(given.at), _hours),
        "data_erasure": kind(DataErasureGiven, lambda given: given.ends_on, _data_erasure),
    }
