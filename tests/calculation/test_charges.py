"""Properties of charges: whatever is held, used and credited, the parts make up the whole."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.charges import ChargeLine, charge_lines, net_of, usage_lines
from billing.calculation.invoice import calculate
from billing.calculation.prices import Price, PriceList, read_price_list
from contracts.rules.calendar.period import Month
from contracts.rules.rulebook import Rulebook
from tests.billing_scene import CATALOG, price_list_source
from tests.catalog_policies import policy_of

OCTOBER = Month(2026, 10)
SLUGS = sorted(folder.name for folder in CATALOG.iterdir() if folder.is_dir())


def rulebook_of(slug: str) -> Rulebook:
    paths = [path for path in (CATALOG / slug).glob("*.toml") if path.name != "service.toml"]
    policies = [policy_of(path) for path in paths]
    return Rulebook(max(policies, key=lambda policy: policy.effective.on))


BOOKS = {slug: rulebook_of(slug) for slug in SLUGS}
PRICES = {slug: read_price_list(price_list_source(slug)) for slug in SLUGS}


@st.composite
def charged(draw) -> tuple[Rulebook, list[ChargeLine]]:
    """Lines of some service: what is held, some at special prices, usage of September, one-off amounts."""
    slug = draw(st.sampled_from(SLUGS))
    book, prices = BOOKS[slug], PRICES[slug]
    products = [price.product for price in prices.prices]
    held = draw(st.dictionaries(st.sampled_from(products), st.integers(0, 500), max_size=6))
    special = draw(st.dictionaries(st.sampled_from(products), st.integers(0, 99_999), max_size=2))
    lines = [*charge_lines(book.policy, prices, held, special)]
    used = draw(st.dictionaries(st.sampled_from(products), st.integers(0, 10**6), max_size=2))
    lines += usage_lines(book.policy, prices, used, OCTOBER + -1, special)
    amounts = draw(st.lists(st.integers(-(10**6), 10**6).filter(bool), max_size=3))
    treatments = draw(st.lists(st.sampled_from(["standard", "outside"]), min_size=3, max_size=3))
    lines += [ChargeLine(amount=amount, tax=tax) for amount, tax in zip(amounts, treatments, strict=False)]
    return book, lines


@given(charged())
def test_the_sum_of_the_parts_is_the_whole(case):
    book, lines = case
    invoice = calculate(book, lines, OCTOBER)
    assert invoice.net == sum(line.amount for line in lines) == sum(t.net for t in invoice.by_rate.values())
    assert invoice.tax == sum(total.tax for total in invoice.by_rate.values())
    assert invoice.gross == invoice.net + invoice.tax
    for line in lines:
        assert line.product is None or line.amount == line.quantity * line.unit_price


@given(charged())
def test_tax_is_never_off_by_more_than_one_yen_for_each_rate(case):
    book, lines = case
    for label, total in calculate(book, lines, OCTOBER).by_rate.items():
        exact = Fraction(0) if label == "outside" else Fraction(total.net) * Fraction(Decimal(label)) / 100
        assert abs(total.tax - exact) < 1


@given(charged(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_amount_and_no_day(case, random):
    book, lines = case
    shuffled = list(lines)
    random.shuffle(shuffled)
    one, other = calculate(book, lines, OCTOBER), calculate(book, shuffled, OCTOBER)
    assert (one.net, one.tax, one.due_on, one.by_rate) == (other.net, other.tax, other.due_on, other.by_rate)


@given(
    st.lists(st.integers(0, 1_000), min_size=1, max_size=5),
    st.lists(st.integers(1, 50), max_size=4),
    st.integers(0, 400),
)
def test_tiers_charge_every_unit_exactly_once(unit_prices, widths, units):
    starts = [1]
    for width in widths[: len(unit_prices) - 1]:
        starts.append(starts[-1] + width)
    tiers = [{"from": first, "unit_price": price} for first, price in zip(starts, unit_prices, strict=False)]
    price = Price.model_validate({"article": "list-1", "product": "line", "tiers": tiers, "tax": "standard"})
    prices = PriceList(effective_on=date(2026, 1, 1), prices=(price,))

    lines = charge_lines(BOOKS["ct-e1"].policy, prices, {"line": units})

    def cost(unit: int) -> int:
        return [price for first, price in zip(starts, unit_prices, strict=False) if first <= unit][-1]

    assert net_of(lines) == sum(cost(unit) for unit in range(1, units + 1))
    assert sum(line.quantity for line in lines) == units


@pytest.mark.parametrize("month", [OCTOBER, Month(2026, 2), Month(2024, 2)])
def test_calls_alone_are_due_as_beside_the_fees(month):
    book, prices = BOOKS["ct-e1"], PRICES["ct-e1"]
    calls = usage_lines(book.policy, prices, {"calls-domestic": 100}, month + -1)
    fees = charge_lines(book.policy, prices, {"line": 1})
    assert (
        calculate(book, calls, month).due_on == calculate(book, (*fees, *calls), month).due_on == month.last
    )
