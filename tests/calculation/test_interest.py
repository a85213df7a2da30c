"""Late interest where a payment in part meets interest or principal first (民法489条, 490条)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.interest import Debt, Paid, Part, lateness
from contracts.rules.policy.charging import AppropriationRule, Charging
from contracts.rules.policy.schema import read_policy
from tests.billing_scene import CATALOG

DUE = date(2026, 10, 31)
DEBT = Debt((Part(209_695, DUE),), 0, 209_695)
FIRST, SECOND = date(2027, 1, 12), date(2027, 1, 15)


def charging(first: str | None) -> Charging:
    """The rules of ct-e1, by which interest is 14.5 % in 365 days, cut off."""
    rules = read_policy((CATALOG / "ct-e1/2015-04-01.toml").read_text(encoding="utf-8")).charging
    rule = AppropriationRule(article=("26",), first=first) if first else None
    return rules.model_copy(update={"appropriation": rule})


def amounts(late) -> list[tuple[int, int]]:
    return [(decision.days, decision.interest) for decision in late.decisions]


def test_principal_first_each_part_bears_interest_to_its_own_day():
    late = lateness(charging("principal"), DEBT, [Paid(100_000, FIRST), Paid(109_695, SECOND)], SECOND)
    # 100,000 × 14.5 % × 72 ÷ 365 = 2,860.2…; 109,695 × 14.5 % × 75 ÷ 365 = 3,268.3…
    assert (amounts(late), late.unpaid) == ([(72, 2_860), (75, 3_268)], 0)


@pytest.mark.parametrize("first", ["interest", None])
def test_by_the_law_a_part_pays_the_interest_so_far_and_more_principal_stays_unpaid(first):
    late = lateness(charging(first), DEBT, [Paid(100_000, FIRST)], SECOND)
    # 209,695 × 14.5 % × 72 ÷ 365 = 5,997.8…: 94,003 of the principal is paid; 3 days on 115,692: 137.8…
    assert (amounts(late), late.unpaid) == ([(72, 5_997), (3, 137)], 109_695)


def test_once_all_that_was_asked_for_is_in_interest_ends():
    paid = [Paid(100_000, FIRST), Paid(109_695, SECOND)]
    late = lateness(charging(None), DEBT, paid, date(2027, 3, 31))
    assert (amounts(late), late.unpaid) == ([(72, 5_997), (3, 137)], 0)


def test_interest_that_the_claim_states_itself_is_paid_before_the_principal():
    debt = Debt((Part(100_000, DUE),), 5_000, 105_000)
    paid_in_time = [Paid(50_000, DUE)]
    day = date(2026, 12, 1)  # 30 days after the due date
    # 55,000 × 14.5 % × 30 ÷ 365 = 655.4…, and 50,000: 595.8…
    assert amounts(lateness(charging(None), debt, paid_in_time, day)) == [(30, 655)]
    assert amounts(lateness(charging("principal"), debt, paid_in_time, day)) == [(30, 595)]


@pytest.mark.parametrize("first", ["principal", None])
def test_what_was_added_later_bears_interest_from_its_own_day_and_is_paid_last(first):
    later = date(2026, 11, 30)
    debt = Debt((Part(55_000, DUE), Part(11_000, later)), 0, 66_000)
    paid = [Paid(55_000, DUE)]
    assert lateness(charging(first), debt, paid, later).decisions == ()
    # 11,000 × 14.5 % × 30 ÷ 365 = 131.0…
    assert amounts(lateness(charging(first), debt, paid, date(2026, 12, 31))) == [(30, 131)]


@given(st.lists(st.tuples(st.integers(1, 80_000), st.integers(-20, 90)), max_size=5))
def test_the_law_never_costs_less_than_the_principal_first(parts):
    debt = Debt((Part(200_000, DUE),), 0, 200_000)
    paid = sorted((Paid(amount, date.fromordinal(DUE.toordinal() + days)) for amount, days in parts), key=_on)
    day = date(2027, 2, 28)
    law, agreed = (
        sum(decision.interest for decision in lateness(charging(first), debt, paid, day).decisions)
        for first in (None, "principal")
    )
    assert law + len(parts) + 1 >= agreed  # each part is cut off below 1 yen


@given(st.integers(1, 500_000), st.integers(0, 200))
def test_without_payments_both_are_the_same(principal, days):
    debt, day = Debt((Part(principal, DUE),), 0, principal), date.fromordinal(DUE.toordinal() + days)
    assert lateness(charging(None), debt, [], day) == lateness(charging("principal"), debt, [], day)


def _on(paid: Paid) -> date:
    return paid.on
