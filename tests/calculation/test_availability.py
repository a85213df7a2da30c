"""For how long a service was down within a time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.calculation.availability import availability
from tests.scenes import at

NOVEMBER = (at("2026-11-01 00:00"), at("2026-12-01 00:00"))


@pytest.mark.parametrize(
    ("outages", "down", "longest", "percent"),
    [
        ([], 0, 0, "100"),
        ([("2026-11-03 10:00", "2026-11-03 12:00"), ("2026-11-20 00:00", "2026-11-20 05:00")], 7, 5, "99.02"),
        ([("2026-10-31 20:00", "2026-11-01 02:00")], 2, 2, "99.72"),
        ([("2026-11-30 23:00", "2026-12-02 00:00")], 1, 1, "99.86"),
        ([("2026-12-01 00:00", "2026-12-02 00:00")], 0, 0, "100"),
    ],
)
def test_outages_count_as_far_as_they_lie_within_the_time(outages, down, longest, percent):
    found = availability(NOVEMBER, [(at(since), at(until)) for since, until in outages])
    hours = (found.down / timedelta(hours=1), found.longest / timedelta(hours=1))
    assert (*hours, found.percent) == (down, longest, Decimal(percent))


def test_of_no_time_at_all_nothing_was_missed():
    assert availability((NOVEMBER[0], NOVEMBER[0]), []).percent == 100
