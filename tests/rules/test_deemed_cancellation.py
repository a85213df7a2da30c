"""A cancellation whose deadline is counted in business days and whose late date is deemed."""

from datetime import date, datetime

import pytest

from contracts.rules.calendar import BusinessCalendar, CalendarRule
from contracts.rules.cancellation import CancellationRule, cancel
from contracts.rules.period import JAPAN

RULE = CancellationRule.model_validate(
    {
        "article": "15-1",
        "ends": "any_day",
        "deadline": {
            "article": "15-1",
            "anchor": "wanted_date",
            "before": {"business_days": 5},
            "late": "deem",
        },
        "billed_through": {"article": "15-2", "rule": "end_of_month"},
    }
)
CALENDARS = {"company": BusinessCalendar(CalendarRule.model_validate({"article": "2"}))}


@pytest.mark.parametrize(
    ("arrives", "wanted", "outcome", "ends"),
    [
        # June 14, 2026 is a Sunday; its fifth business day before is Monday the 8th.
        (date(2026, 6, 8), date(2026, 6, 14), "accepted", date(2026, 6, 14)),
        (date(2026, 6, 9), date(2026, 6, 14), "deemed", date(2026, 6, 16)),
        # Friday the 5th is the deadline for Friday the 12th; from Saturday the deemed day is the same.
        (date(2026, 6, 6), date(2026, 6, 12), "accepted", date(2026, 6, 12)),
        (date(2026, 6, 8), date(2026, 6, 12), "deemed", date(2026, 6, 15)),
    ],
)
def test_deemed_only_where_too_few_business_days_remain(
    arrives: date, wanted: date, outcome: str, ends: date
) -> None:
    noon = datetime(arrives.year, arrives.month, arrives.day, 12, tzinfo=JAPAN)

    decided = cancel(RULE, noon, wanted, CALENDARS)

    assert (decided.outcome, decided.ends_on) == (outcome, ends)
    assert decided.ends_on is not None and decided.earliest_ends_on <= decided.ends_on
