"""The last moment that is in time: what is sent then is taken, what is sent a second later is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules.calendar.period import JAPAN, end_of
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import Change, ChangeRequest
from contracts.rules.rulebook import Rulebook
from contracts.rules.stored import read, to_stored
from tests.properties import examples
from tests.rules.catalog_policies import book, every_policy
from tests.rules.policies import japan, rulebook

ONE_SECOND = timedelta(seconds=1)
HOURS = {"calendars__company__hours": "10:00-17:00"}
many = settings(max_examples=examples(60))


@st.composite
def moments_and_closures(draw) -> tuple[datetime, frozenset[date]]:
    """A moment, and days on which the provider is closed in the half year after it."""
    day = draw(st.dates(date(2022, 1, 1), date(2035, 6, 30)))
    hour = draw(st.sampled_from([time(0), time(9, 59, 59), time(16, 59, 59), time(17), time(17, 0, 1)]))
    distances = draw(st.sets(st.integers(0, 180), max_size=12))
    closed = frozenset(day + timedelta(days=distance) for distance in distances)
    return datetime.combine(day, hour, JAPAN), closed


def closed_book(path, closures: frozenset[date]) -> Rulebook:
    return replace(book(path), closures=closures)


def change(rules: Rulebook, kind: str, moment: datetime, day: date) -> Change:
    return rules.change_by_dates(ChangeRequest(kind=kind, submitted_at=moment, wanted_on=day))


@every_policy
@many
@given(asked=moments_and_closures())
def test_a_cancellation_reaches_its_end_until_the_last_moment_and_no_second_longer(path, asked):
    now, closures = asked
    reaches_its_end_until_the_last_moment(closed_book(path, closures), now)


@pytest.mark.parametrize("late", ["refuse", "move", "deem"])
@many
@given(asked=moments_and_closures())
def test_the_same_holds_where_business_hours_and_entered_closures_meet(late, asked):
    now, closures = asked
    rules = rulebook(
        **HOURS,
        calendars__company__entered_closures=True,
        cancellation__ends="any_day",
        cancellation__deadline={
            "article": "10-1",
            "anchor": "wanted_date",
            "before": {"business_days": 10},
            "late": late,
        },
    )
    reaches_its_end_until_the_last_moment(replace(rules, closures=closures), now)


def reaches_its_end_until_the_last_moment(rules: Rulebook, now: datetime) -> None:
    """The earliest end that is offered at a moment, asked for at its last moment, and a second later."""
    offered = rules.cancellation(now, rules.cancellation(now, None).earliest_ends_on)
    last = offered.last_moment
    assert last >= now
    assert rules.cancellation(last, offered.wanted_ends_on).ends_on == offered.wanted_ends_on
    late = rules.cancellation(last + ONE_SECOND, offered.wanted_ends_on)
    assert late.received_on > offered.last_day
    assert late.outcome != "accepted"
    assert late.ends_on is None or late.ends_on > offered.wanted_ends_on


@every_policy
@many
@given(asked=moments_and_closures())
def test_each_change_reaches_its_day_until_the_last_moment_and_no_second_longer(path, asked):
    now, closures = asked
    rules = closed_book(path, closures)
    for kind, rule in rules.policy.changes.items():
        if rule.deadline is None:
            assert change(rules, kind, now, now.date()).last_moment is None
            continue
        earliest = change(rules, kind, now, now.date()).earliest_effective_on
        offered = change(rules, kind, now, earliest)
        last = offered.last_moment
        assert last >= now
        assert (change(rules, kind, last, earliest).effective_on) == earliest
        late = change(rules, kind, last + ONE_SECOND, earliest)
        assert late.received_on > offered.deadline_on
        assert late.outcome == "accepted" if rule.deadline.late == "take" else late.reason == "late"


@every_policy
@many
@given(asked=moments_and_closures(), running=st.integers(0, 800))
def test_a_notice_of_non_renewal_reaches_its_term_until_the_last_moment_and_no_second_longer(
    path, asked, running
):
    now, closures = asked
    rules = closed_book(path, closures)
    if rules.policy.renewal is None:
        assert path.parent.name == "ct-e1"
        return
    started = now.date() - timedelta(days=running)
    offered = rules.non_renewal(started, now, None)
    last = offered.last_moment
    assert last >= now
    assert rules.renewal(offered.ends_on, None).in_time_until == last
    assert rules.non_renewal(started, last, offered.ends_on).ends_on == offered.ends_on
    assert rules.non_renewal(started, last + ONE_SECOND, offered.ends_on).outcome == "refused"


@pytest.mark.parametrize(
    ("wanted", "deadline", "last"),
    [
        ("2027-01-31", "2026-12-31", "2026-12-28 17:00"),  # closed from the 29th on
        ("2027-02-28", "2027-01-31", "2027-01-29 17:00"),  # the 31st is a Sunday
        ("2027-03-31", "2027-02-28", "2027-02-26 17:00"),
        ("2027-04-30", "2027-03-31", "2027-03-31 17:00"),
    ],
)
def test_where_receipt_counts_in_business_hours_the_last_moment_is_the_last_closing_time(
    wanted, deadline, last
):
    decided = rulebook(**HOURS).cancellation(japan("2026-11-30 12:00"), date.fromisoformat(wanted))
    assert str(decided.deadline_on) == deadline, "the deadline itself stays"
    assert decided.last_moment == japan(last)
    said = next(step for step in decided.steps if step.rule == "calendar.last_moment")
    assert (said.result, said.articles) == (japan(last), ("2",))


def test_where_days_run_to_their_end_the_last_moment_is_the_end_of_the_deadline():
    decided = rulebook().cancellation(japan("2026-11-30 12:00"), date(2027, 1, 31))
    assert decided.last_moment == end_of(date(2026, 12, 31))
    assert "calendar.last_moment" not in [step.rule for step in decided.steps]


def stored_before(decision: Cancellation | Change) -> Iterator[tuple[str, object]]:
    """What a release stored that knew of days alone."""
    return ((name, value) for name, value in to_stored(decision).items() if name != "in_time_until")


def test_a_stored_decision_keeps_its_last_moment_and_an_old_one_its_day():
    decided = rulebook(**HOURS).cancellation(japan("2026-11-30 12:00"), date(2027, 1, 31))
    assert read(to_stored(decided), Cancellation) == decided
    old = read(dict(stored_before(decided)), Cancellation)
    assert old and old.last_moment == end_of(date(2026, 12, 31))
