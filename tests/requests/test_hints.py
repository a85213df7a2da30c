"""Numbers of products that do not go together are pointed out, and bind nobody."""

import pytest

from contracts.rules.policy.products import left_out, uneven
from contracts.wording.quotations import hints, hints_on_application


@pytest.fixture
def policy(ct_e1):
    return ct_e1.versions.get().policy


def test_what_is_counted_by_seats_comes_as_many_times_or_a_multiple(policy):
    held = {"seat": 4, "recording-16h": 8, "delivery-base": 1, "delivery-seat": 4}
    assert uneven(policy.products, held) == {}
    assert uneven(policy.products, {**held, "recording-16h": 50, "delivery-seat": 9}) == {
        "recording-16h": "seat",
        "delivery-seat": "seat",
    }
    assert uneven(policy.products, {"line": 1, "recording-16h": 1}) == {"recording-16h": "seat"}


def test_the_set_up_is_missed_in_an_application_without_it(policy):
    assert left_out(policy.products, {"line": 1}) == ["setup-standard"]
    assert left_out(policy.products, {"line": 1, "setup-standard": 1}) == []
    (hint,) = hints_on_application(policy, {"line": 1})
    assert hint.articles == ("list-4",)


def test_a_hint_names_both_products_with_their_numbers(policy):
    (hint,) = hints(policy, {"seat": 4, "delivery-base": 1, "delivery-seat": 9})
    assert "シートライセンス" in hint.text and "4 席" in hint.text and "9 席" in hint.text
    assert hint.articles == ("5-1-2", "list-2")
