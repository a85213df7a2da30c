"""Notices, formation, renewal, minimum terms and erasure."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.decision import NotProvided
from contracts.rules.life.consent import deemed_by_notice_at
from contracts.rules.life.formation import FormationFacts
from tests.rules.policies import japan, rulebook


def test_a_notice_by_mail_works_when_it_arrives():
    sent, arrived = japan("2026-12-31 23:59"), japan("2027-01-01 00:01")
    by_mail = rulebook().notice("service_end", "email", sent, arrived, date(2027, 3, 31))
    on_site = rulebook().notice("service_end", "site", sent, None, date(2027, 3, 31))
    assert (by_mail.in_time, by_mail.notice_effective_at) == (False, arrived)
    assert (on_site.in_time, on_site.notice_effective_at) == (True, sent)
    assert by_mail.latest_send_on == date(2026, 12, 31)


def test_beforehand_is_the_day_before_at_the_latest():
    book, effective = rulebook(), date(2026, 4, 1)
    assert book.notice("terms_change", "site", japan("2026-03-31 23:59"), None, effective).in_time
    assert not book.notice("terms_change", "site", japan("2026-04-01 00:00"), None, effective).in_time


def test_a_notice_that_may_follow_the_event_has_no_latest_day():
    notice = rulebook().notice(
        "emergency_maintenance", "site", japan("2026-04-02 09:00"), None, date(2026, 4, 1)
    )
    assert (notice.in_time, notice.latest_send_on) == (True, None)


@pytest.mark.parametrize(("channel", "in_time"), [("letter", True), ("email", False)])
def test_what_must_be_in_writing_counts_only_as_a_letter(channel, in_time):
    book = rulebook(
        notices__channels={kind: {"article": "20", "effective": "arrival"} for kind in ("email", "letter")},
        notices__purposes={"service_end": {"article": "21", "lead": {"months": 3}, "in_writing": True}},
    )
    day = japan("2026-12-31 09:00")
    notice = book.notice("service_end", channel, day, day, date(2027, 3, 31))
    assert notice.in_time is in_time
    assert notice.steps[-1].rule == "notice.in_writing"


lead_times = st.one_of(
    st.integers(0, 12).map(lambda n: {"lead": {"months": n}}),
    st.integers(0, 90).map(lambda n: {"lead": {"days": n}}),
    st.integers(0, 30).map(lambda n: {"lead": {"business_days": n}}),
    st.just({"timing": "beforehand"}),
)


@given(st.dates(date(2016, 1, 1), date(2060, 12, 31)), lead_times)
def test_the_earliest_day_is_in_time_and_the_day_before_is_not(sent_on, lead_time):
    book = rulebook(notices__purposes={"maintenance": {"article": "21", **lead_time}})
    sent_at = datetime.combine(sent_on, time(23, 59), tzinfo=JAPAN)
    earliest = book.earliest_effective_on("maintenance", "site", sent_at)
    assert book.notice("maintenance", "site", sent_at, None, earliest).in_time
    day_before = earliest - timedelta(days=1)
    assert not book.notice("maintenance", "site", sent_at, None, day_before).in_time


@pytest.mark.parametrize("timing", ["afterwards", "where_possible"])
def test_a_notice_that_may_follow_has_no_earliest_day(timing):
    book = rulebook(notices__purposes={"maintenance": {"article": "21", "timing": timing}})
    assert book.earliest_effective_on("maintenance", "site", japan("2026-04-02 09:00")) is None


def test_no_day_is_early_enough_for_a_notice_in_the_wrong_form():
    rule = {"article": "21", "lead": {"months": 3}, "in_writing": True}
    book = rulebook(notices__purposes={"service_end": rule})
    with pytest.raises(NotProvided, match="in_writing"):
        book.earliest_effective_on("service_end", "email", japan("2026-04-02 09:00"))


@pytest.mark.parametrize(
    ("told", "holds_from"),
    [("2026-03-10 09:00", "2026-04-01 00:00"), ("2026-04-02 09:00", "2026-04-02 09:00")],
)
def test_a_version_holds_from_its_day_but_not_before_the_notice(told, holds_from):
    assert deemed_by_notice_at(date(2026, 4, 1), japan(told)) == japan(holds_from)


@pytest.mark.parametrize(("purpose", "channel"), [("price_change", "site"), ("service_end", "letter")])
def test_what_the_terms_do_not_provide_for_is_said(purpose, channel):
    with pytest.raises(NotProvided, match=r"price_change|letter"):
        rulebook().notice(purpose, channel, japan("2026-04-02 09:00"), None, date(2026, 4, 1))


def test_a_contract_is_not_formed_before_its_event():
    waiting = rulebook().formation(FormationFacts(applied_at=japan("2026-10-01 09:00")))
    assert (waiting.formed_on, waiting.service_starts_on, waiting.first_invoice_month) == (None, None, None)


def test_formation_counts_the_day_in_japan():
    facts = FormationFacts(accepted_at=japan("2026-10-31 00:30"), wanted_start_on=date(2026, 10, 1))
    formed = rulebook().formation(facts)
    assert formed.formed_on == formed.service_starts_on == date(2026, 10, 31)
    assert formed.billed_from_on == date(2026, 11, 1)
    assert formed.first_invoice_month == Month(2026, 11)


RENEWAL = {
    "article": "13",
    "months": 1,
    "notice": {"article": "13-1", "anchor": "term_end", "before": {"business_days": 20}},
}


@pytest.mark.parametrize(
    ("notice_at", "outcome", "next_end"),
    [
        (None, "renews", date(2027, 4, 30)),
        ("2027-03-02 23:59", "ends", None),
        ("2027-03-03 00:00", "renews", date(2027, 4, 30)),
    ],
)
def test_a_term_renews_unless_notice_is_in_time(notice_at, outcome, next_end):
    moment = japan(notice_at) if notice_at else None
    renewal = rulebook(renewal=RENEWAL).renewal(date(2027, 3, 31), moment)
    assert (renewal.notice_deadline_on, renewal.outcome, renewal.next_term_ends_on) == (
        date(2027, 3, 2),
        outcome,
        next_end,
    )


@pytest.mark.parametrize(
    ("ends_on", "months", "charge"),
    [(date(2026, 10, 20), 2, 100_000), (date(2026, 12, 1), 0, 0), (date(2027, 5, 1), 0, 0)],
)
def test_the_rest_of_a_minimum_term_is_charged(ends_on, months, charge):
    rule = {"article": "14", "months": 3, "starts": "first_of_start_month"}
    answer = rulebook(minimum_term=rule).minimum_term(date(2026, 10, 15), ends_on, 50_000)
    assert answer.minimum_ends_on == date(2026, 12, 31)
    assert (answer.months_charged_after_end, answer.charge) == (months, charge)


@pytest.mark.parametrize(
    ("within", "erase_by"), [({"days": 0}, date(2026, 11, 30)), ({"months": 1}, date(2026, 12, 31))]
)
def test_data_are_erased_in_time(within, erase_by):
    book = rulebook(data_erasure={"article": "15", "within": within})
    assert book.data_erasure(date(2026, 11, 30)).erase_by == erase_by


def test_rules_that_a_policy_lacks_are_not_provided():
    book = rulebook()
    for question in (
        lambda: book.renewal(date(2026, 3, 31), None),
        lambda: book.minimum_term(date(2026, 1, 1), date(2026, 2, 1), 1),
        lambda: book.data_erasure(date(2026, 1, 1)),
    ):
        with pytest.raises(NotProvided):
            question()
