"""Deadlines of all five services, by their real policies: sampled days, all month ends, the hard weeks."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules.calendar.business_days import Calendars
from contracts.rules.calendar.deadline import DeadlineRule, adjusted, deadline_on
from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.life.change import Change, ChangeRequest
from contracts.rules.rulebook import Rulebook
from tests.properties import examples
from tests.rules.catalog_policies import POLICIES, book, every_policy

MONTH_ENDS = [
    date(year, month, monthrange(year, month)[1]) for year in range(2016, 2036) for month in range(1, 13)
]
HARD_WEEKS = [
    start + timedelta(days=number)
    for year in range(2016, 2036)
    for start, length in (
        (date(year, 4, 27), 12),
        (date(year, 12, 26), 12),
        (date(year, 2, 26), 5),
        (date(year, 9, 18), 8),
    )
    for number in range(length)
]
days = st.one_of(
    st.dates(date(2016, 1, 1), date(2035, 12, 31)), st.sampled_from(MONTH_ENDS), st.sampled_from(HARD_WEEKS)
)
many = settings(max_examples=examples(60))


def by_dates(rules: Rulebook, kind: str, moment: datetime, day: date) -> Change:
    return rules.change_by_dates(ChangeRequest(kind=kind, submitted_at=moment, wanted_on=day))


def rules_of(rules: Rulebook) -> list[DeadlineRule]:
    policy = rules.policy
    found = [
        policy.cancellation.deadline,
        *(rule.deadline for rule in policy.changes.values() if rule.deadline),
    ]
    return [*found, *([policy.renewal.notice] if policy.renewal else [])]


def last_moment(rule: DeadlineRule, day: date, calendars: Calendars) -> datetime:
    """The last moment that counts as a day: 24:00, or closing time."""
    hours = calendars[rule.calendar].rule.hours
    return datetime.combine(day, hours[1] if hours else time(23, 59, 59), JAPAN)


def first_moment(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)


def test_every_version_of_the_catalog_is_among_those_tested():
    assert {path.parent.name for path in POLICIES} == {
        "ct-e1",
        "desknets",
        "partner-cloud-e",
        "progoffice",
        "simpleconnect",
    }


@every_policy
def test_no_deadline_lies_after_the_date_that_it_guards_on_any_month_end_or_hard_week(path):
    rules = book(path)
    for rule in rules_of(rules):
        for day in [*MONTH_ENDS, *HARD_WEEKS]:
            guarded = Month.of(day).last if rule.anchor == "wanted_month_end" else day
            assert deadline_on(rule, day, rules.calendars)[0] <= guarded


@every_policy
@many
@given(day=days)
def test_what_arrives_on_the_deadline_is_in_time_and_what_counts_for_the_next_day_is_not(path, day):
    rules = book(path)
    rule = rules.policy.cancellation.deadline
    asked = rules.cancellation(first_moment(day - timedelta(days=400)), day)
    assert asked.outcome == "accepted"
    assert asked.deadline_on <= asked.wanted_ends_on

    on_time = last_moment(rule, _last_open(rules, rule, asked.deadline_on), rules.calendars)
    assert rules.cancellation(on_time, day).ends_on == asked.wanted_ends_on
    late = rules.cancellation(first_moment(_next_counted(rules, rule, asked.deadline_on)), day)
    assert late.received_on > asked.deadline_on
    assert late.outcome == {"refuse": "refused", "move": "moved", "deem": "deemed"}[rule.late]
    assert late.ends_on != asked.wanted_ends_on


def _last_open(rules: Rulebook, rule: DeadlineRule, deadline: date) -> date:
    """The deadline itself; with business hours, the last business day by it."""
    calendar = rules.calendars[rule.calendar]
    return adjusted(deadline, "previous_business_day", calendar) if calendar.rule.hours else deadline


def _next_counted(rules: Rulebook, rule: DeadlineRule, deadline: date) -> date:
    """The day after; where business days are counted, the next one of those."""
    if rule.before.unit != "business_days":
        return deadline + timedelta(days=1)
    return rules.calendars[rule.calendar].count(deadline, 1)


@every_policy
@many
@given(day=days, hour=st.integers(0, 23))
def test_the_earliest_end_that_is_offered_is_accepted_if_asked_for_at_once(path, day, hour):
    rules = book(path)
    moment = datetime.combine(day, time(hour), JAPAN)
    offered = rules.cancellation(moment, None).earliest_ends_on
    again = rules.cancellation(moment, offered)
    assert (again.outcome, again.ends_on) == ("accepted", offered)
    assert again.billed_through_on >= offered
    assert again.last_day >= again.received_on
    # A deemed day is a business day; closed days right before it can be named as well.
    if rules.policy.cancellation.deadline.late != "deem":
        earlier = _one_earlier(rules, offered)
        assert rules.cancellation(moment, earlier).ends_on != earlier


def _one_earlier(rules: Rulebook, ends_on: date) -> date:
    """The possible end before this one."""
    if rules.policy.cancellation.ends == "month_end":
        return ends_on.replace(day=1) - timedelta(days=1)
    return ends_on - timedelta(days=1)


@every_policy
@many
@given(day=days, hour=st.integers(0, 23))
def test_the_earliest_change_that_is_offered_is_accepted_if_asked_for_at_once(path, day, hour):
    rules = book(path)
    moment = datetime.combine(day, time(hour), JAPAN)
    for kind, rule in rules.policy.changes.items():
        asked = by_dates(rules, kind, moment, day)
        if asked.earliest_effective_on is None:
            assert rule.deadline is None
            assert asked.outcome == "accepted"
            continue
        again = by_dates(rules, kind, moment, asked.earliest_effective_on)
        assert (again.outcome, again.effective_on) == ("accepted", asked.earliest_effective_on)
        assert again.received_on <= again.deadline_on <= again.effective_on


@every_policy
@many
@given(day=days)
def test_a_change_sent_on_its_deadline_is_accepted_and_a_day_later_refused(path, day):
    rules = book(path)
    for kind, rule in rules.policy.changes.items():
        if rule.deadline is None:
            continue
        asked = by_dates(rules, kind, first_moment(day - timedelta(days=400)), day)
        deadline = _last_open(rules, rule.deadline, asked.deadline_on)
        on_time = by_dates(rules, kind, last_moment(rule.deadline, deadline, rules.calendars), day)
        assert (on_time.outcome, on_time.effective_on) == ("accepted", asked.effective_on)
        late = by_dates(rules, kind, first_moment(asked.deadline_on + timedelta(days=1)), day)
        if rule.deadline.late == "take":
            assert (late.outcome, late.effective_on) == ("accepted", asked.effective_on)
        else:
            assert (late.outcome, late.reason) == ("refused", "late")
        assert late.earliest_effective_on > asked.effective_on


@every_policy
@settings(max_examples=examples(25))
@given(started=st.dates(date(2016, 1, 1), date(2030, 12, 31)), later=st.integers(0, 1500))
def test_the_term_end_that_is_offered_is_reached_by_a_notice_sent_at_once(path, started, later):
    rules = book(path)
    if rules.policy.renewal is None:
        assert path.parent.name == "ct-e1"
        return
    moment = datetime.combine(started + timedelta(days=later), time(12), JAPAN)
    offered = rules.non_renewal(started, moment, None)
    assert offered.outcome == "accepted"
    assert offered.received_on <= offered.deadline_on <= offered.ends_on


@every_policy
def test_every_ground_that_counts_from_a_day_is_possible_from_the_day_after_its_time(path):
    rules = book(path)
    for ground in rules.policy.termination.grounds if rules.policy.termination else ():
        for since_on in MONTH_ENDS:
            asked = rules.termination(ground.key, since_on, since_on)
            if ground.since is None:
                assert (asked.outcome, asked.cure_by) == ("accepted", None)
                continue
            assert asked.outcome == "refused"
            day_before = asked.possible_from - timedelta(days=1)
            assert rules.termination(ground.key, day_before, since_on).outcome == "refused"
            assert rules.termination(ground.key, asked.possible_from, since_on).outcome == "accepted"
