"""Hours of support desks and of daily work, in Japan time."""

import pytest

from contracts.rules.decision import NotProvided
from tests.rules.policies import japan, rulebook

DESK = {
    "article": "6",
    "key": "desk",
    "purpose": "support",
    "name": {"ja": "窓口", "en": "Desk"},
    "hours": ["09:00-12:00", "13:00-17:30"],
    "calendar": "company",
}
ALWAYS = {"article": "sla", "key": "faults", "purpose": "support", "name": {"ja": "障害", "en": "Faults"}}


@pytest.mark.parametrize(
    ("at", "is_open", "opens_at"),
    [
        ("2026-10-05 08:59", False, "2026-10-05 09:00"),
        ("2026-10-05 09:00", True, None),
        ("2026-10-05 11:59", True, None),
        ("2026-10-05 12:00", False, "2026-10-05 13:00"),
        ("2026-10-05 17:30", False, "2026-10-06 09:00"),
        ("2026-10-10 10:00", False, "2026-10-13 09:00"),
    ],
)
def test_a_desk_is_open_within_its_hours_on_business_days(at, is_open, opens_at):
    decision = rulebook(daily_hours=[DESK]).within_hours("support", japan(at))
    assert decision.is_open is is_open
    assert decision.opens_at == (japan(opens_at) if opens_at else None)
    assert decision.articles == ("6",)


def test_without_hours_and_calendar_it_is_always_open():
    decision = rulebook(daily_hours=[DESK, ALWAYS]).within_hours("support", japan("2027-01-01 03:00"))
    assert decision.open == ("faults",)


def test_a_purpose_that_the_terms_say_nothing_of_is_not_provided():
    with pytest.raises(NotProvided, match="maintenance"):
        rulebook(daily_hours=[DESK]).within_hours("maintenance", japan("2027-01-01 03:00"))
