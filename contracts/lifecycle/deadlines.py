"""What comes next in a contract: the dates still ahead, each with the decision behind it."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from contracts.extensions.kinds import ends_contract
from contracts.models import Contract, TermsVersion
from contracts.policies.rulebooks import Part, Rulebooks, rules_of
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.consent import start_of
from contracts.rules.life.term import Renewal, first_term_end
from contracts.rules.rulebook import Rulebook
from contracts.wording.explain import Explanation, explain
from contracts.wording.formats import day_text

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
SOON_DAYS = 14
T = TypeVar("T")


@dataclass(frozen=True)
class UpcomingDeadline:
    """A date ahead. `decision` is what it follows from by the rules of `version`, where that is known.

    `until` is the last moment to act where it is a deadline, and `on` the day of that; None for other dates.
    `otherwise` says what happens by itself once a deadline is over.
    """

    on: date
    kind: Kind
    label: str
    decision: Decision | None
    version: TermsVersion
    days_left: int
    until: datetime | None = None
    otherwise: str = ""

    @property
    def is_rolling(self) -> bool:
        """Whether the next such day follows as soon as this one is over: nobody has to do anything by it."""
        return self.kind == "cancel_by"

    @property
    def is_soon(self) -> bool:
        """Whether it comes so soon that it is to be noticed."""
        return not self.is_rolling and self.days_left <= SOON_DAYS

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.decision, self.version)


def next_deadlines(
    contract: Contract, at: date | datetime, books: Rulebooks | None = None
) -> list[UpcomingDeadline]:
    """The dates ahead of a moment (a day: its beginning), in order, by the rules that hold for it then.

    A deadline whose last moment has passed is none of them.

    Those are the rules of the version in force, or of one before it where a transitional provision says so.

    The contract should come with `service`, `contracted_version` and `requests`. For several contracts, share
    one `Rulebooks`. An ended contract has none but the erasure of its data.
    """
    upcoming = _Upcoming(contract, at if isinstance(at, datetime) else start_of(at), books or Rulebooks())
    return sorted(upcoming.all(), key=lambda deadline: deadline.on)


def by_weight(deadlines: Iterable[UpcomingDeadline], most: int) -> list[UpcomingDeadline]:
    """What happens once, such as a renewal, up to so many; then the first day that comes again and again."""
    found = list(deadlines)
    once = [deadline for deadline in found if not deadline.is_rolling]
    rolling = [deadline for deadline in found if deadline.is_rolling]
    return [*once[:most], *rolling[:1]]


def is_ending_asked(contract: Contract) -> bool:
    """Whether an end of a contract was asked for and waits for a decision: no other can be asked for then."""
    return any(asked.is_open and ends_contract(asked.kind) for asked in contract.requests.all())


@dataclass(frozen=True)
class _Upcoming:
    contract: Contract
    at: datetime
    books: Rulebooks

    @property
    def day(self) -> date:
        return japan_date(self.at)

    def _by(self, part: Part) -> tuple[TermsVersion, Rulebook]:
        """The version whose rule holds for the contract, and its rules."""
        version = self.books.governing(self.contract, self.day, part)
        return version, self.books.of(version)

    def all(self) -> Iterator[UpcomingDeadline]:
        yield from self._starts()
        if self.contract.ends_on:
            yield from self._end(self.contract.ends_on)
        elif self.contract.formed_on:
            starts_on = self.contract.service_starts_on
            if not is_ending_asked(self.contract):
                yield from self._cancellations()
                yield from self._renewal(starts_on) if starts_on else ()
            yield from self._minimum_term(starts_on) if starts_on else ()

    def _ahead(
        self,
        on: date | None,
        kind: Kind,
        label: str,
        decision: Decision | None,
        version: TermsVersion,
    ) -> Iterator[UpcomingDeadline]:
        if on and on >= self.day:
            days_left = (on - self.day).days
            yield UpcomingDeadline(on, kind, label, decision, version, days_left)

    def _to_act(
        self,
        until: datetime | None,
        kind: Kind,
        label: str,
        decision: Decision,
        version: TermsVersion,
    ) -> Iterator[UpcomingDeadline]:
        """A deadline, while its last moment is not over."""
        if until and until >= self.at:
            for deadline in self._ahead(japan_date(until), kind, label, decision, version):
                yield replace(deadline, until=until)

    def _starts(self) -> Iterator[UpcomingDeadline]:
        contract, agreed = self.contract, self.contract.contracted_version
        decision = contract.decided_formation
        yield from self._ahead(
            contract.service_starts_on, "service_start", _("Service starts"), decision, agreed
        )
        yield from self._ahead(
            contract.billed_from_on, "billing_start", _("Charging starts"), decision, agreed
        )

    def _cancellations(self) -> Iterator[UpcomingDeadline]:
        """By when to cancel for the earliest end that is still possible, and for the end a month later.

        Before the first day of use that is the earliest end from that day on.
        """
        version, rules = self._by(lambda policy: policy.cancellation)
        earliest = self._once(version, "earliest", lambda: rules.cancellation(self.at, None).earliest_ends_on)
        starts_on = self.contract.service_starts_on
        ahead = starts_on if starts_on and earliest < starts_on else None

        def decide() -> Iterator[UpcomingDeadline]:
            first = rules.cancellation(self.at, ahead).wanted_ends_on or ahead if ahead else earliest
            for ends_on in (first, _a_month_later(first)):
                decision = rules.cancellation(self.at, ends_on)
                label = _("Last day to cancel for an end on %(day)s") % {"day": day_text(ends_on)}
                yield from self._to_act(decision.last_moment, "cancel_by", label, decision, version)

        yield from self._once(version, ("cancel_by", ahead), lambda: tuple(decide()))

    def _renewal(self, starts_on: date) -> Iterator[UpcomingDeadline]:
        version, rules = self._by(lambda policy: policy.renewal)
        rule = version.policy.renewal
        if rule is None:
            return
        term_ends_on = first_term_end(rule, starts_on)

        def decide() -> Iterator[UpcomingDeadline]:
            ends_on, decision = self._current_term(rules, term_ends_on)
            label = _("Last day for notice that the contract is not to be renewed")
            otherwise = _("Otherwise it is renewed on %(day)s.") % {"day": day_text(ends_on + ONE_DAY)}
            for last in self._to_act(decision.in_time_until, "renewal_notice", label, decision, version):
                yield replace(last, otherwise=otherwise)

        yield from self._once(version, ("renewal_notice", term_ends_on), lambda: tuple(decide()))

    def _once(self, version: TermsVersion, about: Hashable, decide: Callable[[], T]) -> T:
        """What the rules of a version say alike of all contracts that `about` is true of."""
        return self.books.once((rules_of(version), self.at, about), decide)

    def _current_term(self, rules: Rulebook, term_ends_on: date) -> tuple[date, Renewal]:
        """The end of the first term against whose renewal notice can still be given."""
        decision = rules.renewal(term_ends_on, None)
        while decision.in_time_until < self.at and decision.next_term_ends_on:
            term_ends_on = decision.next_term_ends_on
            decision = rules.renewal(term_ends_on, None)
        return term_ends_on, decision

    def _minimum_term(self, starts_on: date) -> Iterator[UpcomingDeadline]:
        version, rules = self._by(lambda policy: policy.minimum_term)
        if version.policy.minimum_term is None:
            return

        def decide() -> Iterator[UpcomingDeadline]:
            asked = rules.minimum_term(starts_on, self.day, 0)
            only_its_end = replace(asked, steps=asked.steps[:1])
            label = _("The minimum term ends")
            yield from self._ahead(asked.minimum_ends_on, "minimum_term_end", label, only_its_end, version)

        yield from self._once(version, ("minimum_term_end", starts_on), lambda: tuple(decide()))

    def _end(self, ends_on: date) -> Iterator[UpcomingDeadline]:
        version, rules = self._by(lambda policy: policy.data_erasure)
        decided = self._cancellation_decided() or (None, version)
        yield from self._ahead(ends_on, "contract_end", _("The contract ends"), *decided)
        if version.policy.data_erasure is None:
            return

        def decide() -> Iterator[UpcomingDeadline]:
            erasure = rules.data_erasure(ends_on)
            label = _("Data are erased by")
            yield from self._ahead(erasure.erase_by, "data_erasure", label, erasure, version)

        yield from self._once(version, ("data_erasure", ends_on), lambda: tuple(decide()))

    def _cancellation_decided(self) -> tuple[Decision | None, TermsVersion] | None:
        for request in self.contract.requests.all():
            counts = request.is_open and request.counts_by_itself
            if ends_contract(request.kind) and (counts or request.status == request.Status.ACCEPTED):
                return request.decided, request.terms_version
        return None


def _a_month_later(ends_on: date) -> date:
    following = Month.of(ends_on) + 1
    return following.last if ends_on == Month.of(ends_on).last else following.day(ends_on.day)
