"""Charges follow from facts alone, and what is corrected agrees with them, whatever happened before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.calculation.charged.differences import (
    Difference,
    differences,
    later_line,
    reaches_back,
    takings,
)
from billing.calculation.charged.facts import Facts, Held, charges
from billing.calculation.charged.standing import (
    REST,
    StatedDocument,
    StatedLine,
    Supply,
    standing,
)
from billing.calculation.charges import ChargeLine, net_of
from billing.calculation.prices import read_price_list
from contracts.rules.calendar.period import Month
from contracts.rules.policy.charging import CorrectionRule
from tests.properties import examples
from tests.rules.policies import policy

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
    """
)
JANUARY = Month(2026, 1)
MONTHS = [JANUARY + place for place in range(6)]
PRODUCTS = ("user", "seat")

months = st.sampled_from(MONTHS)
held = st.builds(
    lambda product, quantity, first, length: Held(
        product, quantity, first.first, None if length is None else (first + length).last
    ),
    st.sampled_from(PRODUCTS),
    st.integers(1, 20),
    months,
    st.none() | st.integers(0, 4),
)


def facts_of(items: Sequence[Held]) -> Facts:
    return Facts(policy_on=lambda _day: policy(), prices=[PRICES], held=items)


def owed(items: Sequence[Held], until: Month = MONTHS[-1]) -> dict[Month, tuple[ChargeLine, ...]]:
    return charges(facts_of(items), [month for month in MONTHS if month <= until])


def ten_percent(line: ChargeLine, month: Month) -> str | None:
    return None if line.tax == "outside" else "10"


class Books:
    """The documents of one contract, kept as the portal would, and settled month by month."""

    def __init__(self) -> None:
        self.documents: list[StatedDocument] = []
        self.invoices: dict[Month, str] = {}

    def found(self, items: Sequence[Held], until: Month) -> list[Difference]:
        stands = standing(self.documents)
        return differences(owed(items, until), stands, self.invoices, ten_percent, {})

    def bill(self, items: Sequence[Held], month: Month) -> None:
        """Issue the month's invoice, and settle every earlier month."""
        found = self.found(items, month + -1)
        later = [later_line(one) for one in found if one.amount > 0]
        for one in found:
            self._return(one)
        own = charges(facts_of(items), [month])[month]
        self.invoices[month] = number = f"I-{month}"
        self.documents.append(
            StatedDocument(number=number, month=month, lines=_stated([*own, *later], month))
        )

    def _return(self, one: Difference) -> None:
        for taking in takings(one, standing(self.documents)[one.supply]) if one.amount < 0 else ():
            self.give_back(taking.invoice, taking.place, taking.amount, corrects=True)

    def give_back(self, number: str, place: int, amount: int, *, corrects: bool = False) -> None:
        invoice = next(one for one in self.documents if one.number == number)
        line = next(line for line in invoice.lines if line.place == place)
        returned = replace(line, amount=-amount, quantity=-1)
        self.documents.append(
            StatedDocument(
                number=f"R-{len(self.documents)}",
                month=invoice.month,
                lines=[returned],
                returns=number,
                corrects=corrects,
            )
        )


def _stated(lines: Sequence[ChargeLine], month: Month) -> list[StatedLine]:
    return [
        StatedLine(
            supply=Supply(line.month or month, line.product or ""),
            place=place,
            amount=line.amount,
            quantity=line.quantity,
            unit_price=line.unit_price or 0,
            rate="10",
        )
        for place, line in enumerate(lines)
    ]


def charged(books: Books) -> dict[Supply, int]:
    return {supply: stands.charged for supply, stands in standing(books.documents).items() if stands.charged}


def sums(items: Sequence[Held], until: Month) -> dict[Supply, int]:
    found: dict[Supply, int] = {}
    for month, lines in owed(items, until).items():
        for line in lines:
            supply = Supply(month, line.product or "")
            found[supply] = found.get(supply, 0) + line.amount
    return {supply: amount for supply, amount in found.items() if amount}


@given(st.lists(held, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=examples(100), deadline=None)
def test_the_order_in_which_facts_were_recorded_makes_no_difference(items, random):
    shuffled = random.sample(items, len(items))
    assert owed(shuffled) == owed(items)


@given(st.lists(held, max_size=6), st.integers(0, 6))
@settings(max_examples=examples(100), deadline=None)
def test_a_span_owes_what_its_parts_owe(items, cut):
    first, second = MONTHS[:cut], MONTHS[cut:]
    assert charges(facts_of(items), first) | charges(facts_of(items), second) == owed(items)


@given(st.lists(st.lists(held, max_size=5), min_size=6, max_size=6))
@settings(max_examples=examples(100), deadline=None)
def test_whatever_facts_become_documents_charge_what_is_owed_after_each_billing_and_once_only(known):
    """`known` are the facts as they are known at each billing: they may change for any month."""
    books = Books()
    for month, items in zip(MONTHS, known, strict=True):
        books.bill(items, month)
        assert charged(books) == sums(items, month)
        assert books.found(items, month) == []


@given(st.lists(held, min_size=1, max_size=4), st.lists(held, max_size=4), st.integers(1, 100))
@settings(max_examples=examples(100), deadline=None)
def test_what_staff_gave_back_is_never_charged_again_and_counts_towards_a_reduction(before, after, percent):
    books = Books()
    books.bill(before, JANUARY)
    invoice = books.documents[0]
    for line in invoice.lines:
        if amount := line.amount * percent // 100:
            books.give_back(invoice.number, line.place, amount)
    owes, gave = sums(after, JANUARY), sums(before, JANUARY)
    books.bill(after, JANUARY + 1)
    for supply, stands in standing(books.documents).items():
        if supply.month == JANUARY:
            now, then = owes.get(supply, 0), gave.get(supply, 0)
            left = stands.charged - stands.given_back
            assert left <= now
            assert left >= min(now, then - stands.given_back)
    assert books.found(after, JANUARY) == []


def test_the_rest_of_an_invoice_is_what_no_earlier_return_took():
    supply = Supply(JANUARY, "user")
    line = StatedLine(supply=supply, place=0, amount=1_000, quantity=2, unit_price=500, rate="10")
    rest = replace(line, supply=Supply(JANUARY, REST), amount=-600, quantity=-1, unit_price=600)
    documents = [
        StatedDocument(number="I", month=JANUARY, lines=[line]),
        StatedDocument(number="R1", month=JANUARY, lines=[replace(line, amount=-400)], returns="I"),
        StatedDocument(number="R2", month=JANUARY, lines=[rest], returns="I"),
    ]
    stands = standing(documents)[supply]
    assert (stands.charged, stands.given_back, stands.places[0].left) == (1_000, 1_000, 0)


def test_terms_say_which_facts_reach_back_and_how_far_against_the_customer():
    def difference(amount: int, month: Month = JANUARY, cause: str = "later_charge") -> Difference:
        return Difference(supply=Supply(month, "user"), owed=0, charged=0, amount=amount, cause=cause)

    rule = CorrectionRule(article="22", reaches_back=("quantity",), months_against_customer=3)
    assert reaches_back(rule, difference(1), JANUARY + 3)
    assert not reaches_back(rule, difference(1), JANUARY + 4)
    assert reaches_back(rule, difference(-1), JANUARY + 40)
    assert not reaches_back(rule, difference(1, cause="error"), JANUARY + 1)
    assert reaches_back(None, difference(1), JANUARY + 60)
    assert not reaches_back(None, difference(1), JANUARY + 61)


def test_what_is_missing_is_charged_in_units_where_they_make_it_up_and_else_as_one_sum():
    (fee,) = charges(facts_of([Held("user", 3, date(2026, 1, 1))]), [JANUARY])[JANUARY]
    difference = Difference(
        supply=Supply(JANUARY, "user"),
        owed=net_of([fee]),
        charged=fee.unit_price,
        amount=2 * fee.unit_price,
        cause="later_charge",
        lines=(fee,),
        invoice="I-1",
    )
    units = later_line(difference)
    assert (units.quantity, units.unit_price, units.lump, units.follows) == (2, fee.unit_price, False, "I-1")
    lump = later_line(replace(difference, amount=fee.unit_price + 1))
    assert (lump.quantity, lump.unit_price, lump.lump) == (1, fee.unit_price + 1, True)
