"""Deadlines, cancellations and changes: what is in time, and what follows."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.calendar.deadline import DeadlineRule, Offset, deadline_on
from contracts.rules.calendar.period import JAPAN
from contracts.rules.decision import NotProvided
from contracts.rules.life.change import ChangeRequest
from tests.rules.policies import japan, rulebook

days = st.dates(date(2016, 1, 1), date(2060, 12, 31))
offsets = st.one_of(
    st.integers(0, 12).map(lambda n: Offset(months=n)),
    st.integers(0, 90).map(lambda n: Offset(days=n)),
    st.integers(1, 30).map(lambda n: Offset(business_days=n)),
)
calendar_offsets = offsets.filter(lambda offset: offset.unit != "business_days")


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=JAPAN)


def cancellation(offset: Offset, *, ends: str, late: str = "refuse", anchor: str | None = None) -> dict:
    default = "wanted_month_end" if ends == "month_end" else "wanted_date"
    return {
        "article": "10",
        "ends": ends,
        "deadline": {
            "article": "10-1",
            "anchor": anchor or default,
            "before": offset.model_dump(),
            "late": late,
        },
        "billed_through": {"article": "11", "rule": "end_of_month"},
    }


@given(days, offsets, st.sampled_from(["none", "previous_business_day"]))
def test_a_deadline_never_lies_after_the_day_that_it_guards(day, offset, adjust):
    rule = DeadlineRule(article="1", anchor="wanted_date", before=offset, adjust=adjust)
    deadline, steps = deadline_on(rule, day, rulebook().calendars)
    assert deadline <= day
    assert steps[-1].result == deadline


@given(days, calendar_offsets, st.sampled_from(["month_end", "any_day"]))
def test_the_deadline_itself_is_in_time_and_the_day_after_is_not(day, offset, ends):
    book = rulebook(cancellation=cancellation(offset, ends=ends))
    asked = book.cancellation(noon(day), day)
    on_the_day = book.cancellation(noon(asked.deadline_on), day)
    day_after = book.cancellation(noon(asked.deadline_on + timedelta(days=1)), day)
    assert on_the_day.outcome == "accepted"
    assert on_the_day.ends_on == asked.wanted_ends_on
    assert day_after.outcome == "refused"
    assert day_after.ends_on is None
    assert day_after.billed_through_on is None


@given(days, offsets, st.sampled_from(["month_end", "any_day"]), st.sampled_from(["refuse", "move"]))
def test_the_earliest_end_offered_is_accepted_when_sent_at_once(day, offset, ends, late):
    book = rulebook(cancellation=cancellation(offset, ends=ends, late=late))
    offered = book.cancellation(noon(day), day).earliest_ends_on
    again = book.cancellation(noon(day), offered)
    assert (again.outcome, again.ends_on) == ("accepted", offered)


@given(days, st.integers(1, 30))
def test_a_deemed_end_lies_so_many_business_days_after_arrival(day, amount):
    book = rulebook(cancellation=cancellation(Offset(business_days=amount), ends="any_day", late="deem"))
    deemed = book.cancellation(noon(day), None)
    calendar = book.calendars["company"]
    between = (day + timedelta(days=n) for n in range(1, (deemed.ends_on - day).days + 1))
    assert deemed.outcome == "deemed"
    assert sum(calendar.is_business_day(one) for one in between) == amount
    assert calendar.is_business_day(deemed.ends_on)


def test_the_twentieth_business_day_before_a_closed_day_is_in_time():
    book = rulebook(cancellation=cancellation(Offset(business_days=20), ends="any_day", late="deem"))
    answer = book.cancellation(japan("2026-12-01 23:59"), date(2026, 12, 31))
    assert (answer.outcome, answer.deadline_on, answer.ends_on) == (
        "accepted",
        date(2026, 12, 1),
        date(2026, 12, 31),
    )


def test_a_late_request_moves_where_the_terms_say_so():
    book = rulebook(cancellation=cancellation(Offset(months=1), ends="month_end", late="move"))
    answer = book.cancellation(japan("2026-02-01 00:00"), date(2026, 2, 28))
    assert (answer.outcome, answer.ends_on, answer.billed_through_on) == (
        "moved",
        date(2026, 3, 31),
        date(2026, 3, 31),
    )


def test_a_deadline_on_a_closed_day_moves_back():
    offset, ends = Offset(days=0), "month_end"
    rules = cancellation(offset, ends=ends, anchor="end_of_month_before")
    rules["deadline"]["adjust"] = "previous_business_day"
    answer = rulebook(cancellation=rules).cancellation(japan("2026-05-30 00:00"), date(2026, 6, 10))
    assert answer.deadline_on == date(2026, 5, 29)
    assert answer.outcome == "refused"
    assert answer.earliest_ends_on == date(2026, 7, 31)
    assert {"10-1", "2"} <= set(answer.articles)


DROP = {
    "drop_item": {
        "article": "12",
        "effective": "month_end",
        "deadline": {"article": "12-4", "anchor": "wanted_month_end", "before": {"months": 1}},
        "billed_through": {"article": "21", "rule": "end_of_month"},
        "conditions": [{"article": "12-4", "kind": "keep_a_base_item"}],
    }
}


def drop(items: dict[str, int] | None, quantity: int = 0, submitted: str = "2026-04-01 09:00"):
    request = ChangeRequest(
        kind="drop_item",
        submitted_at=japan(submitted),
        wanted_on=date(2026, 6, 30),
        gives_up=True,
        product="seat",
        quantity=quantity,
        items=items,
    )
    return rulebook(changes=DROP).change(request)


@pytest.mark.parametrize(
    ("items", "quantity", "reason"),
    [
        ({"seat": 3}, 0, "last_item"),
        ({"seat": 3}, 3, "last_item"),
        ({"seat": 3}, 1, None),
        ({"seat": 3, "user": 1}, 0, None),
        ({"seat": 3, "user": 0}, 0, "last_item"),
        ({"seat": 3, "recording": 1}, 0, "last_item"),
        (None, 0, None),
    ],
)
def test_the_last_base_product_cannot_be_dropped(items, quantity, reason):
    answer = drop(items, quantity)
    assert answer.reason == reason
    assert answer.outcome == ("refused" if reason else "accepted")
    assert answer.effective_on == (None if reason else date(2026, 6, 30))


def test_a_late_drop_names_the_earliest_month_end():
    answer = drop({"seat": 3, "user": 1}, submitted="2026-06-01 00:00")
    assert (answer.outcome, answer.reason, answer.deadline_on) == ("refused", "late", date(2026, 5, 31))
    assert answer.earliest_effective_on == date(2026, 7, 31)


def test_a_change_that_the_terms_do_not_know_is_not_provided():
    request = ChangeRequest(kind="name", submitted_at=japan("2026-04-01 09:00"), wanted_on=date(2026, 6, 1))
    with pytest.raises(NotProvided, match=r"changes\.name"):
        rulebook().change(request)
