"""A cancellation whose deadline is counted in business days and whose late date is deemed."""

from datetime import date, datetime, timedelta

import pytest

from contracts.rules.calendar.business_days import BusinessCalendar, CalendarRule
from contracts.rules.calendar.period import JAPAN
from contracts.rules.life.cancellation import CancellationRule, cancel

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


@pytest.mark.parametrize(
    ("wanted", "deadline", "until"),
    [
        # Five business days before Friday the 12th: 11, 10, 9, 8, 5. Saturday and Sunday follow, and five
        # business days after either are 8, 9, 10, 11, 12.
        (date(2026, 6, 12), date(2026, 6, 5), date(2026, 6, 7)),
        # A Tuesday follows the deadline for Sunday the 14th; five business days after it are the 16th.
        (date(2026, 6, 14), date(2026, 6, 8), None),
        # Five before Thursday, May 14, 2026: 13, 12, 11, 8, 7. No closed day follows.
        (date(2026, 5, 14), date(2026, 5, 7), None),
        # Five before Wednesday, May 13: 12, 11, 8, 7, 1. Closed days until the substitute holiday follow.
        (date(2026, 5, 13), date(2026, 5, 1), date(2026, 5, 6)),
    ],
)
def test_closed_days_after_the_deadline_still_reach_the_wanted_day(
    wanted: date, deadline: date, until: date | None
) -> None:
    decided = cancel(RULE, datetime(2026, 4, 1, tzinfo=JAPAN), wanted, CALENDARS)

    assert (decided.deadline_on, decided.still_reached_until) == (deadline, until)
    last = until or deadline
    assert decided.last_day == last
    end = datetime(last.year, last.month, last.day, 23, 59, tzinfo=JAPAN)
    assert cancel(RULE, end, wanted, CALENDARS).ends_on == wanted
    assert cancel(RULE, end + timedelta(minutes=1), wanted, CALENDARS).outcome == "deemed"
