"""Which invoices an amount is for, how old debts are, and what the terms let the provider do."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.owed.ageing import DunningStep, bucket, next_step
from billing.calculation.owed.appropriation import Claim, payment_parts
from billing.calculation.owed.matching import Customer, Matcher, Received, names
from billing.calculation.owed.unpaid import grounds_on
from tests.billing_scene import CATALOG
from tests.catalog_policies import policy_of

DAY = date(2026, 11, 12)
RATE = Decimal("14.5")


def owed(
    number: str, amount: int, due_on: date = date(2026, 10, 31), percent: Decimal = RATE, *, whole_only=False
) -> Claim:
    return Claim(number, amount, due_on, percent, whole_only)


MINATO = Customer(
    1,
    ("カブシキガイシャミナトショウジ",),
    (owed("CD-2026-000001", 11_000), owed("CD-2026-000007", 22_000, date(2026, 11, 30))),
)
YAMADA = Customer(2, ("ヤマダショウジ", "ﾔﾏﾀﾞ ﾊﾅｺ"), (owed("CD-2026-000002", 11_000),))
STRICT = Customer(3, ("ストリクト",), (owed("CL-2026-000001", 5_000, whole_only=True),))
MATCHER = Matcher([MINATO, YAMADA, STRICT])

STEPS = [DunningStep(1, 7, 10), DunningStep(2, 21, 10), DunningStep(3, 45, 7)]


def best(amount: int, payer: str = "", *texts: str):
    return MATCHER.suggestions(Received(amount, payer, DAY, texts))[0]


@pytest.mark.parametrize("payer", ["ｶ)ﾐﾅﾄｼﾖｳｼﾞ", "ﾐﾅﾄｼﾖｳｼﾞ (ｶ", "ミナトショウジ"])
def test_name_and_amount_leave_no_doubt(payer):
    found = MATCHER.certain(Received(11_000, payer, DAY))
    assert found is not None
    assert (found.customer, found.parts, found.rest) == (1, (("CD-2026-000001", 11_000),), 0)
    assert found.reasons == ("name", "amount")


def test_a_name_that_paid_before_counts_like_the_customers_own():
    assert best(11_000, "ﾔﾏﾀﾞ ﾊﾅｺ").customer == 2


@pytest.mark.parametrize(
    "text", ["CD-2026-000007", "ＣＤ２０２６０００００７", "ｾｲｷﾕｳ CD2026000007ﾌﾞﾝ", "2026-000007"]
)
def test_an_invoice_number_is_found_however_it_is_written(text):
    found = best(22_000, "ﾀﾞﾚｶ", text)
    assert found.parts == (("CD-2026-000007", 22_000),)
    assert "reference" in found.reasons


def test_a_number_in_the_payers_name_counts_too():
    assert best(22_000, "CD-2026-000007 ﾐﾅﾄ").reasons[:1] == ("reference",)


def test_the_amount_alone_never_decides():
    assert {found.customer for found in MATCHER.suggestions(Received(11_000, "ﾀﾞﾚｶ", DAY))} == {1, 2}
    assert MATCHER.certain(Received(11_000, "ﾀﾞﾚｶ", DAY)) is None


def test_two_customers_of_one_name_and_amount_stay_in_doubt():
    twin = Customer(9, MINATO.names, (owed("CD-2026-000009", 11_000),))
    assert Matcher([MINATO, twin]).certain(Received(11_000, "ﾐﾅﾄｼﾖｳｼﾞ", DAY)) is None


def test_all_that_is_open_may_be_paid_at_once():
    found = MATCHER.certain(Received(33_000, "ﾐﾅﾄｼﾖｳｼﾞ", DAY))
    assert found is not None
    assert found.parts == (("CD-2026-000001", 11_000), ("CD-2026-000007", 22_000))
    assert found.reasons == ("name", "total")


def test_an_overpayment_leaves_a_rest_and_is_not_certain():
    found = best(34_000, "ﾐﾅﾄｼﾖｳｼﾞ")
    assert (sum(part for _number, part in found.parts), found.rest) == (33_000, 1_000)
    assert MATCHER.certain(Received(34_000, "ﾐﾅﾄｼﾖｳｼﾞ", DAY)) is None


def test_a_name_that_was_cut_short_is_similar():
    assert best(10_560, "ﾐﾅﾄｼﾖｳ").reasons == ("similar_name",)


def test_less_than_invoiced_pays_nothing_where_the_terms_say_so():
    found = best(4_560, "ｽﾄﾘｸﾄ")
    assert (found.parts, found.rest, found.reasons) == (
        (("CL-2026-000001", 4_560),),
        0,
        ("name", "underpaid"),
    )


def test_what_nobody_owes_has_no_suggestion():
    assert MATCHER.suggestions(Received(123, "ﾀﾞﾚｶ", DAY)) == ()


def test_a_payer_who_names_too_little_is_kept_at_his_word():
    both = Customer(
        4, ("ﾌﾀﾂ",), (owed("CL-2026-000001", 5_000, whole_only=True), owed("CD-2026-000002", 9_000))
    )
    found = Matcher([both]).suggestions(Received(4_560, "ﾌﾀﾂ", DAY, ("CL-2026-000001",)))[0]
    assert (found.parts, found.rest) == ((("CL-2026-000001", 4_560),), 0)
    assert names(Received(1, "ﾀﾞﾚｶ", DAY, ("ｾｲｷﾕｳ CL2026000001",)), "CL-2026-000001")
    assert not names(Received(1, "ﾀﾞﾚｶ", DAY, ("2026000002",)), "CL-2026-000001")


DUE, LATER = date(2026, 10, 31), date(2026, 11, 30)
CLAIMS = (
    owed("not due", 1_000, LATER, Decimal(20)),
    owed("cheap and old", 1_000, date(2026, 9, 30), Decimal(3)),
    owed("b", 2_000, DUE),
    owed("a", 1_000, DUE),
    owed("older", 1_000, date(2026, 10, 15)),
)


def test_the_law_has_what_is_due_first_then_the_dearer_then_the_older_then_all_in_proportion():
    met = payment_parts(2_000, CLAIMS, "law", DAY)
    # 1,000 to the oldest of the dear ones; 1,000 to two that are alike, by 1 to 2.
    assert (met.parts, met.rest) == ((("older", 1_000), ("a", 333), ("b", 667)), 0)
    everything = payment_parts(7_000, CLAIMS, "law", DAY)
    assert [number for number, _part in everything.parts] == ["older", "a", "b", "cheap and old", "not due"]
    assert everything.rest == 1_000


def test_a_provider_may_name_those_due_first():
    met = payment_parts(2_500, CLAIMS, "due_first", DAY)
    assert met.parts == (("cheap and old", 1_000), ("older", 1_000), ("a", 500))
    customer = Customer(5, ("ﾃｽﾄｼﾖｳｼﾞ",), CLAIMS)
    by_provider = Matcher([customer], "due_first").suggestions(Received(2_500, "ﾃｽﾄｼﾖｳｼﾞ", DAY))[0]
    by_law = Matcher([customer]).suggestions(Received(2_500, "ﾃｽﾄｼﾖｳｼﾞ", DAY))[0]
    assert by_provider.parts == met.parts
    assert by_law.parts == (("older", 1_000), ("a", 500), ("b", 1_000))


amounts = st.integers(1, 10**9)
days = st.dates(date(2026, 1, 1), date(2027, 1, 1))
rates = st.sampled_from([Decimal(0), RATE])
claims = st.lists(st.builds(Claim, st.uuids().map(str), amounts, days, rates, st.booleans()), max_size=8)


@given(amounts, claims, st.sampled_from(["law", "due_first"]))
def test_no_yen_is_lost_and_no_invoice_overpaid(amount, open_claims, order):
    met = payment_parts(amount, open_claims, order, DAY)
    by_number = {claim.number: claim for claim in open_claims}
    assert sum(part for _number, part in met.parts) + met.rest == amount
    for number, part in met.parts:
        claim = by_number[number]
        assert 1 <= part <= claim.amount
        assert part == claim.amount or not claim.whole_only
    assert met.left_out or not met.rest or len(met.parts) == len(open_claims)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-1, "not_due"),
        (0, "not_due"),
        (1, "to_30"),
        (30, "to_30"),
        (31, "to_60"),
        (60, "to_60"),
        (61, "to_90"),
        (90, "to_90"),
        (91, "over_90"),
    ],
)
def test_ages(days, name):
    due = date(2026, 6, 30)
    assert bucket(due, date.fromordinal(due.toordinal() + days)) == name


def test_reminders_follow_one_another():
    due = date(2026, 6, 30)
    assert next_step(STEPS, due, [], date(2026, 7, 6)) is None
    assert next_step(STEPS, due, [], date(2026, 7, 7)) == STEPS[0]
    assert next_step(STEPS, due, [date(2026, 7, 7)], date(2026, 7, 20)) is None
    assert next_step(STEPS, due, [date(2026, 7, 7)], date(2026, 7, 21)) == STEPS[1]
    late = [date(2026, 9, 1)]
    assert next_step(STEPS, due, late, date(2026, 9, 7)) is None
    assert next_step(STEPS, due, late, date(2026, 9, 8)) == STEPS[1]
    assert (
        next_step(STEPS, due, [date(2026, 7, 7), date(2026, 7, 21), date(2026, 8, 14)], date(2027, 1, 1))
        is None
    )


def charging(path: str):
    return policy_of(CATALOG / path).charging


@pytest.mark.parametrize(
    ("due", "last", "first"),
    [("2026-04-30", "2026-07-31", "2026-08-01"), ("2025-11-29", "2026-02-28", "2026-03-01")],
)
def test_three_months_count_from_the_day_after_the_due_date(due, last, first):
    rules, due_on = charging("partner-cloud-e/1.1.toml"), date.fromisoformat(due)
    before = grounds_on(rules, due_on, date.fromisoformat(last))
    assert [ground.leads_to for ground in before] == ["suspension"]
    suspension, termination = grounds_on(rules, due_on, date.fromisoformat(first))
    assert (termination.leads_to, termination.since) == ("termination", date.fromisoformat(first))
    assert termination.articles == ("16-1-2",)
    assert suspension.since == date.fromordinal(due_on.toordinal() + 1)


def test_nothing_overdue_gives_no_ground():
    rules = charging("simpleconnect/2015-10-01.toml")
    assert grounds_on(rules, date(2026, 6, 30), date(2026, 6, 30)) == ()
    assert {
        key for ground in grounds_on(rules, date(2026, 6, 30), date(2026, 7, 1)) for key in ground.articles
    } == {
        "24-1-8",
        "13",
    }


def test_paying_less_counts_as_not_paid_under_the_terms_that_say_so():
    rule = charging("simpleconnect/2015-10-01.toml").underpayment
    assert rule is not None
    assert (rule.rule, rule.article) == ("not_paid", ("13",))
    assert charging("ct-e1/2015-04-01.toml").underpayment is None
