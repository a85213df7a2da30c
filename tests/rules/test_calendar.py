from datetime import date

import pytest
from pydantic import ValidationError

from contracts.rules.calendar.business_days import BusinessCalendar, CalendarRule
from tests.rules.policies import japan

WITH_HOURS = BusinessCalendar(
    CalendarRule(
        article="2",
        closed_every_year=("12-29", "12-30", "12-31", "01-02", "01-03"),
        hours="10:00-17:00",  # type: ignore[arg-type]
    )
)
ALL_DAY = BusinessCalendar(CalendarRule(article="2", entered_closures=True), frozenset({date(2026, 8, 13)}))


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 9, 22), False),  # between two holidays
        (date(2026, 5, 6), False),  # substitute for Sunday, May 3
        (date(2019, 4, 30), False),  # the day before the accession
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
    ],
)
def test_days_on_which_the_company_is_closed(day, is_open):
    assert WITH_HOURS.is_business_day(day) is is_open


def test_entered_closures_count_only_where_the_rule_says_so():
    assert not ALL_DAY.is_business_day(date(2026, 8, 13))
    assert BusinessCalendar(CalendarRule(article="2"), ALL_DAY.closures).is_business_day(date(2026, 8, 13))


def test_counting_skips_golden_week_and_leaves_out_the_first_day():
    assert ALL_DAY.count(date(2026, 4, 28), 3) == date(2026, 5, 7)
    assert ALL_DAY.count(date(2026, 5, 8), -5) == date(2026, 4, 27)
    assert ALL_DAY.count(date(2026, 5, 3), 0) == date(2026, 5, 3)


@pytest.mark.parametrize(
    ("moment", "received"),
    [
        ("2026-11-20 09:00", date(2026, 11, 20)),
        ("2026-11-20 17:00", date(2026, 11, 20)),
        ("2026-11-20 17:00:01", date(2026, 11, 24)),
        ("2026-11-21 11:00", date(2026, 11, 24)),
        ("2026-12-28 18:00", date(2027, 1, 4)),
    ],
)
def test_after_hours_counts_for_the_next_business_day(moment, received):
    assert WITH_HOURS.received_on(japan(moment)) == received


def test_without_hours_the_day_ends_at_midnight_in_japan():
    assert ALL_DAY.received_on(japan("2026-08-13 23:59:59")) == date(2026, 8, 13)


def test_a_week_without_an_open_day_is_refused():
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    with pytest.raises(ValidationError):
        CalendarRule(article="2", weekend=week)
