"""Set-off by the law: which claims come first, in proportion where none does, and from which day on."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.owed.appropriation import Claim, Piece, Share, set_off_shares

DECLARED = date(2027, 1, 17)
RATE = Decimal("14.5")


def claim(
    number: str, amount: int, due_on: date, percent: Decimal = RATE, *, whole_only: bool = False
) -> Claim:
    return Claim(number, amount, due_on, percent, whole_only)


def test_it_works_back_to_the_day_on_which_both_were_due():
    due = date(2026, 12, 31)
    earlier, later = Piece(5_500, date(2026, 11, 30)), Piece(5_500, date(2027, 1, 10))
    owed = [claim("a", 11_000, due)]
    assert set_off_shares([later, earlier], owed, DECLARED) == (
        Share("a", 5_500, due),
        Share("a", 5_500, date(2027, 1, 10)),
    )


def test_what_is_not_due_yet_is_paid_with_the_declaration():
    owed = [claim("a", 1_000, date(2027, 1, 31))]
    assert set_off_shares([Piece(400, date(2026, 11, 1))], owed, DECLARED) == (Share("a", 400, DECLARED),)


def test_what_could_be_set_off_first_goes_first_then_the_dearer_then_the_older_then_in_proportion():
    since = date(2026, 12, 1)
    owed = [
        claim("due later", 1_000, date(2026, 12, 31), Decimal(20)),
        claim("cheap and old", 1_000, date(2026, 9, 30), Decimal(3)),
        claim("b", 2_000, date(2026, 11, 30)),
        claim("a", 1_000, date(2026, 11, 30)),
        claim("older", 1_000, date(2026, 10, 31)),
    ]
    shares = set_off_shares([Piece(2_000, since)], owed, DECLARED)
    # 1,000 to the oldest of the dear ones; 1,000 to two that are alike, by 1 to 2.
    assert [(share.number, share.amount) for share in shares] == [("older", 1_000), ("a", 333), ("b", 667)]
    everything = set_off_shares([Piece(6_000, since)], owed, DECLARED)
    assert [share.number for share in everything] == ["older", "a", "b", "cheap and old", "due later"]


def test_what_takes_no_part_is_paid_whole_on_the_day_of_the_last_part_or_not_at_all():
    pieces = [Piece(600, date(2026, 12, 1)), Piece(400, date(2026, 12, 5))]
    due = date(2026, 11, 30)
    whole = claim("whole", 1_000, due, whole_only=True)
    assert set_off_shares(pieces, [whole], DECLARED) == (Share("whole", 1_000, date(2026, 12, 5)),)
    assert set_off_shares(pieces[:1], [whole, claim("part", 700, due)], DECLARED) == (
        Share("part", 600, date(2026, 12, 1)),
    )


def test_without_credit_nothing_is_set_off():
    assert set_off_shares([], [claim("a", 1, DECLARED)], DECLARED) == ()


DAYS = st.integers(0, 90).map(lambda days: date(2026, 11, 1) + timedelta(days=days))
CLAIMS = st.lists(
    st.builds(
        Claim,
        number=st.uuids().map(str),
        amount=st.integers(1, 10_000),
        due_on=DAYS,
        percent=st.sampled_from([Decimal(0), RATE]),
        whole_only=st.booleans(),
    ),
    max_size=6,
)


@given(
    pieces=st.lists(st.builds(Piece, amount=st.integers(1, 10_000), since=DAYS), max_size=4), claims=CLAIMS
)
def test_no_more_is_set_off_than_either_side_has_and_all_that_can_be(pieces, claims):
    declared = date(2027, 1, 30)
    shares = set_off_shares(pieces, claims, declared)
    met = {claim.number: 0 for claim in claims}
    for share in shares:
        met[share.number] += share.amount
        assert share.on <= declared
    credit = sum(piece.amount for piece in pieces)
    assert sum(met.values()) <= credit
    for one in claims:
        assert met[one.number] <= one.amount
        assert not one.whole_only or met[one.number] in (0, one.amount)
    left = credit - sum(met.values())
    assert not left or all(met[one.number] == one.amount for one in claims if not one.whole_only)
