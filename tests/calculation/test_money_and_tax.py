"""Fractions of a yen, tax rates, and one rounding per rate."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.money import rounded
from billing.calculation.tax import tax_by_rate, tax_rates
from contracts.rules.policy.charging import TaxRule

roundings = st.sampled_from(["floor", "ceiling", "half_up"])
amounts = st.integers(-(10**9), 10**9)
treatments = st.sampled_from(["standard", "reduced", "outside"])
TODAY = date(2026, 10, 31)


@dataclass
class Line:
    amount: int
    tax: str
    month: None = None


lines = st.lists(st.builds(Line, amount=amounts, tax=treatments), max_size=8)


def rule(rounding: str) -> TaxRule:
    return TaxRule(article="5", rounding=rounding, rate_day="closing_date")


@pytest.mark.parametrize(
    ("amount", "floor", "ceiling", "half_up"),
    [
        ("1234.5", 1234, 1235, 1235),
        ("0.1", 0, 1, 0),
        ("2.5", 2, 3, 3),
        ("-0.5", 0, -1, -1),
        ("11", 11, 11, 11),
    ],
)
def test_fractions(amount, floor, ceiling, half_up):
    results = [rounded(Decimal(amount), mode) for mode in ("floor", "ceiling", "half_up")]
    assert results == [floor, ceiling, half_up]


@given(st.decimals(-(10**9), 10**9, places=4), roundings)
def test_a_credit_cancels_exactly(amount, rounding):
    assert rounded(amount, rounding) + rounded(-amount, rounding) == 0


@pytest.mark.parametrize(
    ("day", "standard", "reduced"),
    [
        (date(1989, 4, 1), 3, 3),
        (date(1997, 3, 31), 3, 3),
        (date(1997, 4, 1), 5, 5),
        (date(2014, 3, 31), 5, 5),
        (date(2014, 4, 1), 8, 8),
        (date(2019, 9, 30), 8, 8),
        (date(2019, 10, 1), 10, 8),
    ],
)
def test_the_rate_is_that_of_the_day(day, standard, reduced):
    assert (tax_rates().percent("standard", day), tax_rates().percent("reduced", day)) == (standard, reduced)


def test_before_the_tax_there_is_no_rate():
    with pytest.raises(ValueError, match="no consumption tax"):
        tax_rates().percent("standard", date(1989, 3, 31))


def test_tax_is_rounded_once_for_each_rate():
    document = [Line(333, "standard"), Line(333, "standard"), Line(333, "reduced"), Line(5, "outside")]
    totals, steps = tax_by_rate(document, TODAY, rule("ceiling"))
    assert [(total.label, total.net, total.tax) for total in totals] == [
        ("10", 666, 67),
        ("8", 333, 27),
        ("outside", 5, 0),
    ]
    assert [taken.rule for taken in steps].count("tax.rounding.ceiling") == 2


def test_reduced_joins_standard_while_there_is_one_rate():
    totals, _ = tax_by_rate([Line(50, "standard"), Line(51, "reduced")], date(2019, 9, 30), rule("floor"))
    assert [(total.label, total.net, total.tax) for total in totals] == [("8", 101, 8)]


@given(lines, roundings)
def test_totals_keep_every_yen_and_differ_from_exact_tax_by_less_than_one(document, rounding):
    totals, _ = tax_by_rate(document, TODAY, rule(rounding))
    assert sum(total.net for total in totals) == sum(line.amount for line in document)
    for total in totals:
        exact = Decimal(0) if total.rate == "outside" else total.net * total.rate / 100
        assert abs(total.tax - exact) < 1


@given(lines, roundings, st.randoms())
def test_the_order_of_lines_does_not_matter(document, rounding, random):
    shuffled = document[:]
    random.shuffle(shuffled)
    assert tax_by_rate(shuffled, TODAY, rule(rounding))[0] == tax_by_rate(document, TODAY, rule(rounding))[0]


@given(lines, roundings)
def test_a_credit_note_of_all_lines_leaves_nothing(document, rounding):
    credit = [Line(-line.amount, line.tax) for line in document]
    charged, _ = tax_by_rate(document, TODAY, rule(rounding))
    credited, _ = tax_by_rate(credit, TODAY, rule(rounding))
    assert [(c.rate, c.net + d.net, c.tax + d.tax) for c, d in zip(charged, credited, strict=True)] == [
        (c.rate, 0, 0) for c in charged
    ]
