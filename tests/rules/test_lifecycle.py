"""Stops, terminations, withdrawals and returned devices, by rules of no real service."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.decision import NotProvided
from contracts.rules.policy.reading import PolicyError
from tests.rules.policies import japan, policy, rulebook

TEXT = {"ja": "あ", "en": "a"}
REASON = {"article": "16-1", "key": "breach", "text": TEXT}
UNPAID = {"article": "16-2", "key": "unpaid", "text": TEXT}
days = st.dates(date(2016, 1, 1), date(2035, 12, 31))


def suspending(**changed):
    return rulebook(suspension={"article": "16", "reasons": [REASON, UNPAID], **changed})


def terminating(**ground):
    grounds = [{"article": "20-1", "key": "ground", "text": TEXT, **ground}]
    billed_through = {"article": "24", "rule": "end_of_month"}
    return rulebook(termination={"article": "20", "grounds": grounds, "billed_through": billed_through})


def test_a_suspension_lasts_no_longer_than_the_terms_allow():
    book = suspending(max_months=6)
    longest = book.suspension("breach", date(2027, 8, 31), None)
    assert (longest.outcome, longest.ends_on) == ("accepted", date(2028, 2, 29))
    assert book.suspension("breach", date(2027, 1, 10), date(2027, 7, 9)).outcome == "accepted"
    too_long = book.suspension("breach", date(2027, 1, 10), date(2027, 7, 10))
    assert (too_long.outcome, too_long.longest_ends_on) == ("refused", date(2027, 7, 9))


def test_a_suspension_until_paid_is_for_the_reasons_that_the_terms_name():
    book = suspending(max_months=6, until_paid={"article": "16-2", "reasons": ["unpaid"]})
    paid = book.suspension("unpaid", date(2027, 1, 10), None, until_paid=True)
    assert (paid.outcome, paid.ends_on) == ("accepted", None)
    assert "16-2" in paid.articles
    assert book.suspension("breach", date(2027, 1, 10), None, until_paid=True).outcome == "refused"
    assert suspending().suspension("unpaid", date(2027, 1, 10), None, until_paid=True).outcome == "refused"


def test_a_ground_without_time_to_cure_counts_at_once():
    decision = terminating().termination("ground", date(2027, 2, 10), None)
    assert (decision.outcome, decision.ends_on, decision.billed_through_on) == (
        "accepted",
        date(2027, 2, 10),
        date(2027, 2, 28),
    )
    assert decision.cure_by is None


@pytest.mark.parametrize(
    ("since_on", "cure_by"),
    [
        ("2027-04-30", "2027-05-31"),
        ("2027-01-29", "2027-02-28"),
        ("2028-01-30", "2028-02-29"),
        ("2027-12-31", "2028-01-31"),
        ("2027-03-14", "2027-04-14"),
    ],
)
def test_a_month_to_cure_begins_on_the_day_after_the_notice(since_on, cure_by):
    book = terminating(since="notice", period={"months": 1})
    last = date.fromisoformat(cure_by)
    asked = book.termination("ground", last, date.fromisoformat(since_on))
    assert (asked.outcome, asked.cure_by, asked.ends_on) == ("refused", last, None)
    day_after = last + timedelta(days=1)
    assert book.termination("ground", day_after, date.fromisoformat(since_on)).ends_on == day_after


@given(
    days, st.sampled_from([{"months": 1}, {"months": 3}, {"days": 10}, {"days": 30}, {"business_days": 5}])
)
def test_termination_is_possible_from_the_day_after_the_time_to_cure(since_on, period):
    book = terminating(since="breach", period=period)
    asked = book.termination("ground", since_on, since_on)
    assert asked.outcome == "refused"
    assert asked.possible_from == asked.cure_by + timedelta(days=1)
    assert book.termination("ground", asked.cure_by, since_on).outcome == "refused"
    assert book.termination("ground", asked.possible_from, since_on).ends_on == asked.possible_from


def test_a_ground_that_counts_from_a_day_wants_that_day():
    with pytest.raises(ValueError, match="ground"):
        terminating(since="notice", period={"months": 1}).termination("ground", date(2027, 1, 1), None)


def test_open_debts_fall_due_when_a_cancellation_arrives_where_the_terms_say_so():
    book = rulebook(cancellation__open_debts={"article": "15-3", "due": "at_once"})
    decision = book.cancellation(japan("2027-01-10 09:00"), date(2027, 2, 28))
    assert decision.open_debts_due_on == date(2027, 1, 10)
    assert "15-3" in decision.articles
    late = book.cancellation(japan("2027-02-10 09:00"), date(2027, 2, 28))
    assert (late.outcome, late.open_debts_due_on) == ("refused", None)


def test_withdrawing_is_free_until_the_contract_is_formed_and_impossible_once_service_has_started():
    book = rulebook(withdrawal={"article": "9-9", "costs": "preparation_costs", "taxed": True})
    started = date(2027, 6, 1)
    assert book.withdrawal(date(2027, 5, 1), None, None).costs is None
    formed = book.withdrawal(date(2027, 5, 31), date(2027, 5, 10), started)
    assert (formed.outcome, formed.costs, formed.taxed) == ("accepted", "preparation_costs", True)
    late = book.withdrawal(started, date(2027, 5, 10), started)
    assert (late.outcome, late.costs) == ("refused", None)
    assert rulebook().withdrawal(date(2027, 5, 31), date(2027, 5, 10), started).costs is None


@given(days, st.integers(0, 40), st.integers(0, 10**7))
def test_a_device_sent_by_the_last_day_costs_nothing_and_later_its_list_price(received_on, later, price):
    book = rulebook(device_return={"article": "21-2", "within": {"days": 14}})
    sent = received_on + timedelta(days=later)
    decision = book.device_return(received_on, sent, sent, price)
    assert decision.return_by == received_on + timedelta(days=14)
    assert decision.in_time == (later <= 14)
    assert decision.penalty == (0 if later <= 14 else price)


RENEWAL = {
    "article": "7",
    "first_term_months": 12,
    "starts": "first_of_start_month",
    "months": 12,
    "notice": {"article": "7-2", "anchor": "term_end", "before": {"months": 1}},
}


def test_a_notice_that_misses_a_term_reaches_the_next():
    book = rulebook(renewal=RENEWAL)
    started = date(2026, 3, 10)
    in_time = book.non_renewal(started, japan("2027-01-31 23:59"), None)
    assert (in_time.outcome, in_time.ends_on, in_time.deadline_on) == (
        "accepted",
        date(2027, 2, 28),
        date(2027, 1, 31),
    )
    late = book.non_renewal(started, japan("2027-02-01 00:00"), date(2027, 2, 28))
    assert (late.outcome, late.ends_on, late.earliest_ends_on) == ("refused", None, date(2028, 2, 29))


@given(days, st.integers(0, 1000), st.sampled_from([1, 3, 12]))
def test_the_first_term_end_that_a_notice_can_reach_is_reached_by_it(started, later, months):
    book = rulebook(renewal={**RENEWAL, "first_term_months": months, "months": months})
    moment = japan(f"{started + timedelta(days=later)} 12:00")
    offered = book.non_renewal(started, moment, None)
    assert offered.outcome == "accepted"
    assert offered.received_on <= offered.deadline_on <= offered.ends_on
    assert book.non_renewal(started, moment, offered.ends_on).ends_on == offered.ends_on


@pytest.mark.parametrize(
    ("part", "wrong", "said"),
    [
        ("suspension", {"article": "16", "reasons": [REASON, REASON]}, "'breach' is there twice"),
        (
            "suspension",
            {"article": "16", "reasons": [REASON], "until_paid": {"article": "16-2", "reasons": ["other"]}},
            "there is no reason 'other'",
        ),
        (
            "termination",
            {
                "article": "20",
                "grounds": [{"article": "20-1", "key": "a", "text": TEXT, "since": "notice"}],
                "billed_through": {"article": "24", "rule": "end_of_month"},
            },
            "give both or neither",
        ),
        (
            "device_return",
            {"article": "21", "within": {"days": 14}, "calendar": "nowhere"},
            "there is no calendar 'nowhere'",
        ),
    ],
)
def test_a_policy_that_does_not_fit_together_is_refused_in_words(part, wrong, said):
    with pytest.raises(PolicyError, match=said):
        policy(**{part: wrong})


def test_what_the_terms_do_not_know_is_not_provided():
    book = rulebook()
    for asked in (
        lambda: book.suspension("breach", date(2027, 1, 1), None),
        lambda: book.pause("works", date(2027, 1, 1), None),
        lambda: book.termination("ground", date(2027, 1, 1), None),
        lambda: book.ending("option", date(2027, 1, 31), "letter", japan("2026-01-01 09:00")),
        lambda: book.device_return(date(2027, 1, 1), None, date(2027, 1, 1), 1),
        lambda: book.non_renewal(date(2027, 1, 1), japan("2027-01-01 09:00"), None),
    ):
        with pytest.raises(NotProvided):
            asked()
