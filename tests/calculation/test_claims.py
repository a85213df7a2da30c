"""Late interest, surcharges, outages, limits of damages, deposits."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.damages import damages_cap
from billing.calculation.deposit import deposit
from billing.calculation.interest import late_interest
from billing.calculation.outage import OutageFacts, outage
from billing.calculation.surcharge import surcharge
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from tests.rules.policies import japan, policy

OUTAGES = [
    {
        "article": "47-2",
        "faults": ["ordinary"],
        "minimum_hours": 8,
        "credit": "days",
        "capped_by_paid_12_months": True,
    },
    {"article": "47-3", "faults": ["gross"], "minimum_hours": 2, "credit": "hours", "grace_hours": 2},
]
IN_A_MONTH = [
    {
        "article": "38",
        "faults": ["ordinary", "gross"],
        "minimum_hours": 360,
        "count": "within_a_month",
        "credit": "monthly_fee",
    }
]
INTEREST = policy().charging.late_interest


@pytest.mark.parametrize(
    ("due", "paid", "days", "interest"),
    [
        (date(2026, 10, 31), date(2026, 10, 1), 0, 0),
        (date(2026, 10, 31), date(2026, 11, 1), 0, 0),
        (date(2026, 10, 31), date(2026, 11, 2), 1, 40),
        (date(2023, 12, 31), date(2025, 1, 1), 366, 14640),
    ],
)
def test_interest_runs_from_the_day_after_to_the_day_before(due, paid, days, interest):
    answer = late_interest(INTEREST, 100_000, due, paid)
    assert (answer.days, answer.interest) == (days, interest)


@given(st.integers(-(10**9), 10**9), st.integers(-400, 4000))
def test_interest_is_never_negative_and_grows_by_the_day(amount, days):
    due = date(2026, 10, 31)
    now = late_interest(INTEREST, amount, due, due + timedelta(days=days)).interest
    later = late_interest(INTEREST, amount, due, due + timedelta(days=days + 1)).interest
    assert 0 <= now <= later


def test_a_surcharge_is_taxed_at_the_rate_of_its_day():
    charging = policy(charging__surcharge={"article": "25", "multiple": 2}).charging
    old, new = (surcharge(charging, 10_001, day) for day in (date(2019, 9, 30), date(2019, 10, 1)))
    assert (old.net, old.tax, old.gross) == (20_002, 1_600, 21_602)
    assert (new.net, new.tax, new.gross) == (20_002, 2_000, 22_002)


def out(rules: list, known: str, restored: str, fault: str = "ordinary", paid: int | None = None):
    facts = OutageFacts(
        known_at=japan(known),
        restored_at=japan(restored),
        fault=fault,
        monthly_fee=61_000,
        paid_last_12_months=paid,
    )
    answer = outage(policy(charging__outages=rules).charging, facts)
    return answer.qualifies, answer.units, answer.credit


@pytest.mark.parametrize(
    ("known", "restored", "fault", "answer"),
    [
        ("2026-10-05 00:00", "2026-10-05 07:59", "ordinary", (False, 0, 0)),
        ("2026-10-05 00:00", "2026-10-05 08:00", "ordinary", (True, 0, 0)),
        ("2026-10-05 00:00", "2026-10-06 06:00", "ordinary", (True, 1, 1967)),
        ("2026-02-27 12:00", "2026-03-01 12:00", "ordinary", (True, 2, 4357)),
        ("2026-01-31 00:00", "2026-02-02 00:00", "ordinary", (True, 2, 4146)),  # 1/31 + 1/28
        ("2026-02-01 00:00", "2026-04-01 00:00", "ordinary", (True, 59, 122_000)),  # two fees
        ("2026-10-05 00:00", "2026-10-05 01:59", "gross", (False, 0, 0)),
        ("2026-10-05 00:00", "2026-10-05 02:30", "gross", (True, 0, 0)),
        ("2026-10-05 00:00", "2026-10-05 03:30", "gross", (True, 1, 84)),
        ("2026-10-05 00:00", "2026-10-09 00:00", "external", (False, 0, 0)),
        ("2026-10-05 00:00", "2026-10-09 00:00", "customer", (False, 0, 0)),
    ],
)
def test_an_outage_is_worth_its_whole_units(known, restored, fault, answer):
    assert out(OUTAGES, known, restored, fault) == answer


def test_a_credit_over_a_month_end_shows_the_days_of_each_month():
    facts = OutageFacts(
        known_at=japan("2026-01-31 00:00"),
        restored_at=japan("2026-02-02 00:00"),
        fault="ordinary",
        monthly_fee=61_000,
    )
    answer = outage(policy(charging__outages=OUTAGES).charging, facts)
    assert answer.steps[-1].given["shares"] == "(1/31 + 1/28)"


def test_a_credit_is_limited_by_what_was_paid():
    assert out(OUTAGES, "2026-10-05 00:00", "2026-10-06 00:00", paid=1000) == (True, 1, 1000)


def test_the_rule_that_credits_most_decides():
    both = [{**OUTAGES[0], "faults": ["ordinary", "gross"]}, OUTAGES[1]]
    assert out(both, "2026-10-05 00:00", "2026-10-06 06:00", "gross") == (True, 28, 2372)


@pytest.mark.parametrize(
    ("known", "restored", "answer"),
    [
        ("2026-10-01 00:00", "2026-10-15 23:59", (False, 0, 0)),
        ("2026-10-01 00:00", "2026-10-16 00:00", (True, 15, 61_000)),
        ("2026-02-01 00:00", "2026-04-01 00:00", (True, 28, 61_000)),
        ("2026-01-31 12:00", "2026-04-01 00:00", (True, 28, 61_000)),
    ],
)
def test_hours_add_up_within_one_month(known, restored, answer):
    assert out(IN_A_MONTH, known, restored) == answer


def test_a_fault_that_no_rule_covers_still_names_the_rules():
    facts = OutageFacts(
        known_at=japan("2026-10-01 00:00"),
        restored_at=japan("2026-10-02 00:00"),
        fault="customer",
        monthly_fee=1,
    )
    assert outage(policy(charging__outages=OUTAGES).charging, facts).articles == ("47-2", "47-3")


def test_an_outage_cannot_end_before_it_began():
    with pytest.raises(ValueError, match="restored_at"):
        out(OUTAGES, "2026-10-05 00:00", "2026-10-04 00:00")


def cap(on: date, fees: dict[Month, int], started_on: date | None = None, rule="average_of_12_months") -> int:
    charging = policy(charging__damages_cap={"article": "43-3", "rule": rule}).charging
    return damages_cap(charging, on, fees, started_on).cap


FEES = {Month(2025, 9) + n: 100_000 + 1_000 * n for n in range(13)}


@pytest.mark.parametrize(
    ("started_on", "expected"),
    [
        (date(2025, 1, 1), 106_500),
        (None, 106_500),
        (date(2025, 10, 1), 106_500),
        (date(2025, 10, 2), 107_000),  # 11 whole months; the part month is dropped
        (date(2026, 9, 1), 112_000),
        (date(2026, 9, 2), 78_139),  # no whole month: 43 days up to October 14
    ],
)
def test_the_cap_is_the_average_of_whole_months(started_on, expected):
    assert cap(date(2026, 10, 15), FEES, started_on) == expected


def test_a_month_missing_in_the_history_is_named():
    fees = {month: fee for month, fee in FEES.items() if month != Month(2026, 3)}
    with pytest.raises(ValueError, match="the fee of 2026-03 is missing"):
        cap(date(2026, 10, 15), fees, date(2025, 1, 1))


@pytest.mark.parametrize("started_on", [None, date(2026, 10, 15)])
def test_without_a_day_of_service_there_is_no_average(started_on):
    with pytest.raises(ValueError, match="started_on"):
        cap(date(2026, 10, 15), {}, started_on)


def test_one_month_fee_is_that_of_the_month_or_the_last_before():
    assert cap(date(2026, 9, 15), FEES, rule="one_month_fee") == 112_000
    assert cap(date(2026, 10, 15), FEES, rule="one_month_fee") == 112_000
    with pytest.raises(ValueError, match="history"):
        cap(date(2025, 8, 31), FEES, rule="one_month_fee")


@pytest.mark.parametrize(
    ("total", "ids", "may_ask"), [(30_000, 1, False), (30_001, 1, True), (60_001, 2, True)]
)
def test_a_deposit_may_be_asked_above_the_limit(total, ids, may_ask):
    charging = policy(charging__deposit={"article": "9-10", "above_per_id": 30_000}).charging
    assert deposit(charging, total, ids).may_ask is may_ask
    with pytest.raises(ValueError, match="ids"):
        deposit(charging, total, 0)


def test_claims_that_the_terms_lack_are_not_provided():
    charging = policy().charging
    with pytest.raises(NotProvided, match="surcharge"):
        surcharge(charging, 1, date(2026, 1, 1))
    with pytest.raises(NotProvided, match="deposit"):
        deposit(charging, 1, 1)
    with pytest.raises(NotProvided, match="damages_cap"):
        damages_cap(charging, date(2026, 1, 1), {})
    with pytest.raises(NotProvided, match="outages"):
        out([], "2026-10-05 00:00", "2026-10-06 00:00")
