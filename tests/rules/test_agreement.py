"""Individual agreements are put into a policy: what they replace wins, and all else remains."""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from contracts.rules.calendar.period import JAPAN
from contracts.rules.policy.base import Origin
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layer import agreement as layer_of
from contracts.rules.policy.layers import OF_THE_VERSION, layered_policy, read_fragment
from contracts.rules.policy.policy_diff import policy_differences
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import read_policy
from contracts.rules.rulebook import Rulebook

CATALOG = Path(settings.BASE_DIR) / "contracts" / "catalog"
SOURCE = (CATALOG / "partner-cloud-e" / "1.1.toml").read_text(encoding="utf-8")
TEN_DAYS = "cancellation.deadline.before.business_days = 10"


def agreement(rules: str, title: str = "特約", since: str = "2026-11-01") -> Layer:
    return layer_of(title, date.fromisoformat(since), None, rules)


def whole_numbers(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    for name, value in node.items():
        if isinstance(value, dict):
            yield from whole_numbers(value, (*path, name))
        elif type(value) is int:
            yield (*path, name), value


# A year has 365 days in every policy.
NUMBERS = [
    (path, value)
    for path, value in whole_numbers(tomllib.loads(SOURCE))
    if path[-1] != "days_in_year" and path[0] not in OF_THE_VERSION
]


@pytest.mark.parametrize(("path", "value"), NUMBERS, ids=[".".join(path) for path, _value in NUMBERS])
def test_a_replaced_value_wins_and_everything_else_remains(path, value):
    merged = layered_policy(SOURCE, [agreement(f"{'.'.join(path)} = {value + 1}")])
    expected = tomllib.loads(SOURCE)
    node = expected
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value + 1
    got = merged.model_dump(mode="json", exclude_unset=True)
    assert without_readings(got) == without_readings(
        type(merged).model_validate(expected).model_dump(mode="json", exclude_unset=True)
    )
    found = policy_differences(read_policy(SOURCE), merged)
    assert len(found) == 1
    assert ".".join(path).startswith(found[0].path)


def without_readings(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: without_readings(value) for name, value in node.items() if name != "reading"}
    return [without_readings(value) for value in node] if isinstance(node, list) else node


def test_the_explanation_names_the_agreement_for_what_it_replaced_alone():
    rules = Rulebook(layered_policy(SOURCE, [agreement(TEN_DAYS, "10営業日特約")]))
    decision = rules.cancellation(datetime(2026, 11, 2, 12, tzinfo=JAPAN), date(2026, 11, 30))
    assert (decision.outcome, decision.deadline_on) == ("accepted", date(2026, 11, 13))
    signed = {taken.rule: taken.origin for taken in decision.steps}
    assert signed["deadline.business_days_before"] == Origin("agreement", "10営業日特約", date(2026, 11, 1))
    assert all(key.startswith("deadline.") == (agreed is not None) for key, agreed in signed.items())
    named = [one["origin"] for one in decision.to_json()["steps"] if "origin" in one]
    assert named[0] == {"kind": "agreement", "title": "10営業日特約", "effective_on": "2026-11-01"}
    assert "15-1" in decision.articles
    # "The 20th business day" is no reading of what was agreed; that of the rule around it stays.
    assert rules.policy.cancellation.deadline.reading is None
    assert rules.policy.cancellation.reading is not None


def test_an_agreement_may_give_its_own_reading():
    own = f'{TEN_DAYS}\ncancellation.deadline.reading = {{ ja = "十日", en = "ten" }}'
    assert layered_policy(SOURCE, [agreement(own)]).cancellation.deadline.reading.en == "ten"


def test_nothing_is_signed_in_the_policy_of_the_version():
    layered_policy(SOURCE, [agreement(TEN_DAYS)])
    assert read_policy(SOURCE).cancellation.deadline.origin is None


def test_entries_of_a_list_are_found_by_their_key():
    merged = layered_policy(SOURCE, [agreement('[[products]]\nkey = "base"\nmaximum = 7')])
    plain = read_policy(SOURCE)
    assert merged.product("base").maximum == 7
    assert merged.product("base").name == plain.product("base").name
    assert [one.key for one in merged.products] == [one.key for one in plain.products]
    assert [one.key for one in merged.products if one.origin] == ["base"]


def test_other_lists_are_replaced_as_a_whole_and_sign_their_rules():
    rules = """
    [[charging.unpaid_grounds]]
    article = "12-3"
    leads_to = "suspension"
    text = { ja = "未払い", en = "Unpaid" }
    after_months = 2
    """
    merged = layered_policy(SOURCE, [agreement(rules)])
    assert [(one.after_months, one.origin is not None) for one in merged.charging.unpaid_grounds] == [
        (2, True)
    ]


def test_the_later_agreement_goes_before_the_earlier():
    later = agreement("cancellation.deadline.before.business_days = 5", "後", "2026-12-01")
    merged = layered_policy(SOURCE, [agreement(TEN_DAYS, "先"), later])
    assert merged.cancellation.deadline.before.amount == 5
    assert merged.cancellation.deadline.origin.title == "後"


@pytest.mark.parametrize(
    ("rules", "place", "reason"),
    [
        ("cancelation.ends = 'any_day'", "cancelation", "unknown name"),
        ("cancellation.deadline.befor.days = 3", "cancellation.deadline.befor", "unknown name"),
        ("minimum_term.months = 'one'", "minimum_term.months", "this must be a whole number"),
        ("effective.on = 2030-01-01", "effective", "this belongs to the version of the terms"),
        ("notices.sender = 'x'", "notices", "this belongs to the version"),
        ("endings.option.ends = 'any_day'", "endings", "this belongs to the version"),
        ("consent_renewal.article = '1'", "consent_renewal", "this belongs to the version"),
        ("individual_agreements.article = '1'", "individual_agreements", "this belongs to the version"),
        ("minimum_term.months = ", "", "not valid TOML"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(rules, place, reason):
    with pytest.raises(PolicyError) as refused:
        layered_policy(SOURCE, [agreement(rules)])
    (problem,) = refused.value.problems
    assert (problem.path, str(problem.reason).startswith(reason)) == (place, True)


def test_where_the_terms_do_not_let_agreements_go_before_them_they_change_nothing():
    source = (CATALOG / "ct-e1" / "2015-04-01.toml").read_text(encoding="utf-8")
    assert layered_policy(source, [agreement('charging.late_interest.percent_a_year = "3"')]) == read_policy(
        source
    )


def test_an_empty_fragment_replaces_nothing():
    assert read_fragment("# nothing") == {}
    assert layered_policy(SOURCE, [agreement("# nothing")]) == read_policy(SOURCE)


def test_an_agreement_holds_from_its_first_through_its_last_day():
    made = layer_of("特約", date(2026, 11, 1), date(2026, 11, 30), TEN_DAYS)
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
    assert [made.holds_on(day) for day in days] == [False, True, True, False]
