"""The kinds of worked examples on stops, ends and withdrawals."""

from __future__ import annotations

from contracts.rules.calendar.period import japan_date
from contracts.rules.examples.evaluation import Evaluate, kind
from contracts.rules.examples.given import Day, Flag, Given, Moment, Yen
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.device import DeviceReturn
from contracts.rules.life.ending import Ending, OfferKind
from contracts.rules.life.notice import Channel
from contracts.rules.life.stop import Stop
from contracts.rules.life.termination import Termination
from contracts.rules.life.withdrawal import Withdrawal
from contracts.rules.policy.service import Book


class NonRenewalGiven(Given):
    service_started_on: Day
    submitted_at: Moment
    term_ends_on: Day | None = None


class SuspensionGiven(Given):
    reason: str
    starts_on: Day
    ends_on: Day | None = None
    until_paid: Flag = False


class TerminationGiven(Given):
    """`since_on` is the day of the notice, breach or due date that the ground counts from."""

    ground: str
    on: Day
    since_on: Day | None = None


class EndingGiven(Given):
    offer: OfferKind
    ends_on: Day
    channel: Channel
    sent_at: Moment
    arrived_at: Moment | None = None


class WithdrawalGiven(Given):
    withdrawn_on: Day
    formed_on: Day | None = None
    service_starts_on: Day | None = None


class DeviceReturnGiven(Given):
    received_on: Day
    on: Day
    sent_back_on: Day | None = None
    list_price: Yen


def _non_renewal(book: Book, given: NonRenewalGiven) -> Cancellation:
    return book.non_renewal(given.service_started_on, given.submitted_at, given.term_ends_on)


def _suspension(book: Book, given: SuspensionGiven) -> Stop:
    return book.suspension(given.reason, given.starts_on, given.ends_on, until_paid=given.until_paid)


def _termination(book: Book, given: TerminationGiven) -> Termination:
    return book.termination(given.ground, given.on, given.since_on)


def _ending(book: Book, given: EndingGiven) -> Ending:
    return book.ending(given.offer, given.ends_on, given.channel, given.sent_at, given.arrived_at)


def _withdrawal(book: Book, given: WithdrawalGiven) -> Withdrawal:
    return book.withdrawal(given.withdrawn_on, given.formed_on, given.service_starts_on)


def _device_return(book: Book, given: DeviceReturnGiven) -> DeviceReturn:
    return book.device_return(given.received_on, given.sent_back_on, given.on, given.list_price)


LIFECYCLE_KINDS: dict[str, Evaluate[Book]] = {
    "non_renewal": kind(NonRenewalGiven, lambda given: japan_date(given.submitted_at), _non_renewal),
    "suspension": kind(SuspensionGiven, lambda given: given.starts_on, _suspension),
    "termination": kind(TerminationGiven, lambda given: given.on, _termination),
    "ending": kind(EndingGiven, lambda given: japan_date(given.sent_at), _ending),
    "withdrawal": kind(WithdrawalGiven, lambda given: given.withdrawn_on, _withdrawal),
    "device_return": kind(DeviceReturnGiven, lambda given: given.on, _device_return),
}
