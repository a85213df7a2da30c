"""What a product's price covers, and conditions on what is held."""

import pytest

from contracts.rules.policy.products import Condition, Product, beyond_cover, failed_condition

SETUP = Product.model_validate(
    {
        "article": "list-4",
        "key": "setup",
        "name": {"ja": "初期設定", "en": "Set-up"},
        "kind": "one_time",
        "unit": {"ja": "式", "en": "set"},
        "covers": {"line": 5, "seat": 6},
    }
)


def test_price_holds_up_to_what_it_covers() -> None:
    assert beyond_cover(SETUP, {"line": 5, "seat": 6, "user": 100}) == {}


def test_units_beyond_the_cover_are_named() -> None:
    assert beyond_cover(SETUP, {"line": 6, "seat": 10}) == {"line": 1, "seat": 4}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("needs_base", "needs_base"), ("must_hold", "not_held")],
)
def test_conditions_on_holdings_are_checked_only_against_known_holdings(kind: str, reason: str) -> None:
    condition = Condition.model_validate({"article": "12-4", "kind": kind})

    refused, _step = failed_condition(condition, "option", 0, {}, (), False, {"seat"})
    unchecked, _step = failed_condition(condition, "option", 0, None, (), False, {"seat"})

    assert refused == reason
    assert unchecked is None
