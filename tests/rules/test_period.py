from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.calendar.period import Month, months_after, months_before, period_end

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 2, 28), 1, date(2026, 1, 31)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 4, 30), 1, date(2026, 3, 31)),
        (date(2026, 3, 30), 1, date(2026, 2, 28)),
        (date(2027, 4, 1), 3, date(2027, 1, 1)),
        (date(2027, 3, 31), 6, date(2026, 9, 30)),
        (date(2028, 2, 28), 1, date(2028, 1, 28)),
    ],
)
def test_months_count_back_by_the_calendar(day, months, earlier):
    assert months_before(day, months) == earlier


@pytest.mark.parametrize(
    ("event", "months", "last"),
    [
        (date(2026, 4, 30), 1, date(2026, 5, 31)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2024, 2, 28), 12, date(2025, 2, 28)),
    ],
)
def test_a_period_after_an_event_leaves_out_its_own_day(event, months, last):
    assert months_after(event, months) == last


@given(days, st.integers(1, 24))
def test_periods_follow_each_other_without_gap_within_a_month(day, months):
    end = period_end(Month.of(day).first, months)
    assert end == (Month.of(day) + (months - 1)).last


@given(days, st.integers(1, 24))
def test_a_period_is_never_longer_than_its_months(day, months):
    assert (
        day < period_end(day, months) + timedelta(days=1) <= (Month.of(day) + months).last + timedelta(days=1)
    )


@given(days, st.integers(0, 24))
def test_counting_back_lands_in_the_month_so_many_before(day, months):
    assert Month.of(day) - Month.of(months_before(day, months)) == months


@pytest.mark.parametrize(
    "text", ["2026", "2026-13", "2026-1", "26-01", "2026/01", "２０２６-01", "2026-01-01"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="YYYY-MM"):
        Month.parse(text)
