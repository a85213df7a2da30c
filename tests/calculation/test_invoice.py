"""Price lists, lines, totals and due dates of invoices."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.charges import ChargeLine, charge_lines, net_of
from billing.calculation.due import due_on, due_rule, issue_by
from billing.calculation.invoice import calculate
from billing.calculation.prices import NoPriceError, PriceListError, price_list_on, read_price_list
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from tests.rules.policies import policy, rulebook

PRICES = read_price_list(
    """
    effective_on = 2016-01-01
    [[prices]]
    article = "p-1"
    product = "seat"
    unit_price = 5000
    tax = "standard"
    [[prices]]
    article = "p-2"
    product = "user"
    unit_price = 500
    tax = "standard"
    sample = true
    """
)
OCTOBER = Month(2026, 10)
BANK_DEBIT = {
    "article": "32-2",
    "months_after": 1,
    "window": {"from_day": 25, "to_day": 31, "named_day": 27},
    "adjust": "next_business_day",
    "calendars": ["company", "bank"],
}
BANK_TRANSFER = {
    "article": "32-1",
    "months_after": 1,
    "adjust": "previous_business_day",
    "calendars": ["bank"],
}


def debit(month: Month, day: int | None = None):
    book = rulebook(charging__due__usage={"transfer": BANK_TRANSFER, "debit": BANK_DEBIT})
    return due_on(due_rule(book.policy.charging, "usage", "debit"), month, book.calendars, day)


@pytest.mark.parametrize(("users", "seats", "charged"), [(8, 6, 2), (6, 6, 0), (5, 6, 0), (8, 0, 8)])
def test_users_that_come_with_seats_are_not_charged(users, seats, charged):
    lines = charge_lines(policy(), PRICES, {"user": users, "seat": seats})
    user = next(line for line in lines if line.product == "user")
    assert (user.quantity, user.included, user.amount) == (charged, users - charged, charged * 500)
    assert (user.articles, user.sample) == (("p-2",), True)


@given(st.integers(0, 500), st.integers(0, 500))
def test_more_of_anything_never_costs_less(users, seats):
    now = net_of(charge_lines(policy(), PRICES, {"user": users, "seat": seats}))
    more = net_of(charge_lines(policy(), PRICES, {"seat": seats, "user": users + 1}))
    assert now <= more <= now + 500


@pytest.mark.parametrize(
    ("items", "error", "reason"),
    [
        ({"recording": 1}, NoPriceError, "no price for 'recording'"),
        ({"nothing": 1}, KeyError, "product 'nothing'"),
        ({"seat": -1}, ValueError, "can't be below 0"),
    ],
)
def test_what_cannot_be_priced_is_refused(items, error, reason):
    with pytest.raises(error, match=reason):
        charge_lines(policy(), PRICES, items)


def test_the_price_list_of_the_day_counts():
    later = PRICES.model_copy(update={"effective_on": date(2026, 10, 1)})
    assert price_list_on([later, PRICES], date(2026, 9, 30)) is PRICES
    assert price_list_on([later, PRICES], date(2026, 10, 1)) is later
    with pytest.raises(NoPriceError):
        price_list_on([later], date(2026, 9, 30))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("effective_on = 2016-01-01\nprices = 3", "prices: "),
        ("effective_on = ", "not valid TOML"),
        (
            'effective_on = 2016-01-01\n[[prices]]\narticle="1"\nproduct="a"\nunit_price=1.5\ntax="standard"',
            r"prices\[0\].unit_price: ",
        ),
        (
            'effective_on = 2016-01-01\n[[prices]]\narticle="1"\nproduct="a"\nunit_price=-1\ntax="standard"',
            r"prices\[0\].unit_price: ",
        ),
        (
            "effective_on = 2016-01-01\n"
            + '[[prices]]\narticle="1"\nproduct="a"\nunit_price=1\ntax="standard"\n' * 2,
            "more than one price for a",
        ),
    ],
)
def test_a_wrong_price_list_is_refused_with_place_and_reason(text, reason):
    with pytest.raises(PriceListError, match=reason):
        read_price_list(text)


def test_an_invoice_adds_up_and_cites_what_made_it():
    lines = charge_lines(policy(), PRICES, {"user": 8, "seat": 6})
    invoice = calculate(rulebook(), (*lines, ChargeLine(amount=678, tax="outside")), OCTOBER)
    assert (invoice.net, invoice.tax, invoice.gross) == (31678, 3100, 34778)
    assert invoice.to_json()["by_rate"] == {
        "10": {"net": 31000, "tax": 3100},
        "outside": {"net": 678, "tax": 0},
    }
    assert invoice.due_on == date(2026, 10, 31)
    assert invoice.articles == ("p-1", "p-2", "30", "31", "32")


charge_lists = st.lists(
    st.builds(
        ChargeLine,
        amount=st.integers(-(10**8), 10**8),
        tax=st.sampled_from(["standard", "reduced", "outside"]),
        charge=st.sampled_from(["usage", "initial"]),
    ),
    max_size=6,
)


@given(charge_lists)
def test_an_invoice_is_the_sum_of_its_parts(lines):
    invoice = calculate(rulebook(), lines, OCTOBER)
    assert invoice.net == sum(line.amount for line in lines) == sum(t.net for t in invoice.by_rate.values())
    assert invoice.tax == sum(total.tax for total in invoice.by_rate.values())
    assert invoice.gross == invoice.net + invoice.tax


def test_an_invoice_is_due_with_its_usage_fees():
    due = {
        "usage": {"transfer": {"article": "32-1", "months_after": 0}},
        "calls": {"transfer": {"article": "32-2", "months_after": 1}},
    }
    book = rulebook(charging__due=due)
    usage, calls, initial = (
        ChargeLine(amount=1, tax="standard", charge=kind) for kind in ("usage", "calls", "initial")
    )
    assert calculate(book, [calls, usage], OCTOBER).due_on == date(2026, 10, 31)
    assert calculate(book, [calls], OCTOBER).due_on == date(2026, 11, 30)
    assert calculate(book, [calls, initial], OCTOBER).due_on == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("month", "day", "due", "window"),
    [
        (Month(2026, 9), 25, date(2026, 10, 26), (date(2026, 10, 25), date(2026, 10, 31))),
        (Month(2024, 11), 31, date(2025, 1, 6), (date(2024, 12, 25), date(2024, 12, 31))),
        (Month(2026, 1), 31, date(2026, 3, 2), (date(2026, 2, 25), date(2026, 2, 28))),
        (Month(2026, 9), None, date(2026, 10, 27), (date(2026, 10, 25), date(2026, 10, 31))),
    ],
)
def test_a_debit_day_moves_on_to_a_day_open_in_all_calendars(month, day, due, window):
    answer = debit(month, day)
    assert (answer.due_on, answer.window) == (due, window)
    assert {"32-2", "2", "3"} == set(answer.articles)


@pytest.mark.parametrize("day", [1, 24])
def test_a_debit_day_outside_the_window_is_refused(day):
    with pytest.raises(ValueError, match=f"debit_day: {day} does not lie between 25 and 31"):
        debit(OCTOBER, day)


@pytest.mark.parametrize(
    ("month", "due"),
    [(Month(2026, 11), date(2026, 12, 30)), (Month(2026, 4), date(2026, 5, 29))],
)
def test_a_transfer_is_due_on_the_last_bank_day_of_the_next_month(month, due):
    book = rulebook(charging__due__usage={"transfer": BANK_TRANSFER})
    rule = due_rule(book.policy.charging, "usage", None)
    assert due_on(rule, month, book.calendars).due_on == due
    with pytest.raises(ValueError, match="no debit day"):
        due_on(rule, month, book.calendars, 25)


def test_a_day_that_the_month_lacks_means_its_last_one():
    book = rulebook(charging__due__usage={"transfer": {"article": "32", "months_after": 1, "day": 30}})
    rule = due_rule(book.policy.charging, "usage", "transfer")
    assert due_on(rule, Month(2026, 1), book.calendars).due_on == date(2026, 2, 28)


def test_a_method_that_the_terms_lack_is_not_provided():
    with pytest.raises(NotProvided, match=r"charging\.due\.usage\.debit"):
        due_rule(policy().charging, "usage", "debit")


def test_a_charge_without_a_due_date_of_its_own_is_due_with_the_usage_fees():
    charging = policy().charging
    assert due_rule(charging, "calls", None) == due_rule(charging, "usage", None)


def test_terms_may_say_by_when_the_invoices_of_a_month_are_issued():
    book = rulebook(charging__issue={"article": "10-2", "months_after": 1, "day": 30})
    assert issue_by(book.policy.charging, Month(2027, 1)).issue_by == date(2027, 2, 28)
    with pytest.raises(NotProvided, match=r"charging\.issue"):
        issue_by(policy().charging, Month(2027, 1))
