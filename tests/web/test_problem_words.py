"""What is wrong with a text, a policy or a price list is said in the language of the interface."""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

import pytest
from django.conf import settings
from django.utils.translation import override
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from billing.calculation.prices import PriceListError, read_price_list
from contracts.problems.reasons import SENTENCES, Reason
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import read_policy
from contracts.rules.problems import _SHAPES, Problem, explain
from contracts.terms.importing import import_text
from contracts.terms.references import Missing
from contracts.wording.imports import import_findings
from contracts.wording.problems import problem_texts, reason_text
from tests.rules.policies import policy

CALENDAR = {"article": "2"}
DUE = {"article": "32", "months_after": 0}
DEADLINE = {"article": "10-1", "anchor": "wanted_month_end", "before": {"months": 1}}
NOTICE = {"article": "21"}
OF_PYDANTIC = {
    "missing",
    "string_too_short",
    "string_too_long",
    "string_pattern_mismatch",
    "too_short",
    "too_long",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "multiple_of",
    "decimal_max_digits",
    "decimal_max_places",
    "decimal_whole_digits",
    "invalid_key",
}
GROUND = {"article": "14", "key": "unpaid", "text": {"ja": "あ", "en": "a"}}
TERMINATION = {"article": "14", "billed_through": {"article": "11", "rule": "end_of_month"}}
SUSPENSION = {"article": "16", "until_paid": {"article": "16-2", "reasons": ["nobody"]}}


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", sentence))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def reasons_in_source() -> Iterator[tuple[str, set[str] | None]]:
    """The key of every reason that the project gives, and the names of its values where they stand there."""
    for folder in ("billing", "contracts", "portal"):
        for file in (settings.BASE_DIR / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for call in calls(tree, "Reason", "refusal"):
                match call:
                    case ast.Call(func=ast.Name("refusal"), args=[ast.Constant(key)]):
                        yield key, {given.arg for given in call.keywords} - {"at"}
                    case ast.Call(args=[ast.Constant(key)]):
                        yield key, set()
                    case ast.Call(args=[ast.Constant(key), ast.Dict(names)]):
                        yield key, {name.value for name in names}
                    case ast.Call(args=[ast.Constant(key), _]):
                        yield key, None


IN_SOURCE = list(reasons_in_source())


def test_every_reason_that_is_given_has_its_sentence_and_its_values():
    assert len(IN_SOURCE) > 100
    assert {key for key, _names in IN_SOURCE} <= set(SENTENCES)
    wrong = [
        (key, names)
        for key, names in IN_SOURCE
        if names is not None and not placeholders(SENTENCES[key]) <= names
    ]
    assert wrong == []


def test_no_sentence_is_kept_that_nothing_says():
    given = {key for key, _names in IN_SOURCE}
    of_shapes, of_references = set(_SHAPES.values()), {missing.value for missing in Missing}
    assert set(SENTENCES) - given - of_shapes - of_references <= OF_PYDANTIC


@pytest.mark.parametrize("key", SENTENCES)
def test_every_reason_has_words_in_both_languages(key):
    values = {name: f"<{name}>" for name in placeholders(SENTENCES[key])}
    with override("en"):
        assert reason_text(Reason(key, values)) == str(Reason(key, values))
    with override("ja"):
        said = reason_text(Reason(key, values))
    assert re.search(r"[ぁ-んァ-ヶ一-龠]", said), "the catalog has no Japanese for it"
    assert all(value in said for value in values.values())


def test_reasons_within_reasons_are_said_in_japanese_too():
    why = Reason("shape", {"shape": Reason("whole_number"), "given": "'one'"})
    with override("ja"):
        said = reason_text(Reason("with_agreement", {"contract": "C26-000001", "why": why}))
    assert said == "C26-000001の個別合意と合わせた結果：整数にしてください（現在：'one'）"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('version = "1"\ntitle = \n', "TOMLとして読めません（2行目の9文字目をご確認ください）"),
        ('version = "1"\ntitle = "', "TOMLとして読めません（2行目の10文字目をご確認ください）"),
        (f"version = {'9' * 5000}", "TOMLとして使えません（数が長すぎるか、入れ子が深すぎます）"),
        (f"version = {'[' * 5000}", "TOMLとして使えません（数が長すぎるか、入れ子が深すぎます）"),
    ],
)
def test_toml_that_cannot_be_read_is_said_in_japanese_with_its_place(source, said):
    with pytest.raises(PolicyError) as refused:
        read_policy(source)
    with override("ja"):
        assert problem_texts(refused.value.problems) == [said]


def test_the_line_of_a_text_stands_with_its_problem():
    with override("ja"):
        assert problem_texts([Problem("", Reason("empty_body"), 2)], "# 題\n### 第1条\n") == [
            "2行目：この条・別記等には本文がありません（「### 第1条」）"
        ]


def test_what_found_no_place_in_an_import_is_said_in_japanese():
    imported = import_text("約款\n第1章 総則\n前置き\n第1条（目的）\n本文です。\n以上\nこれは後書きです。\n")
    with override("ja"):
        (not_placed, *_others) = import_findings(imported)
    assert not_placed.lines == [
        "3行目：前置き (章の見出しと最初の条の間にあります)",
        "7行目：これは後書きです。 (本文の終わりより後にあります)",
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": 1}, "this must be text (given: 1)"),
        ({"version": "a/b"}, "this must have the form "),
        ({"revised_on": "yesterday"}, "this must be a day, such as 2027-04-01 (given: 'yesterday')"),
        ({"effective": {"article": "suppl", "on": []}}, "this must be a day, such as 2027-04-01"),
        ({"calendars": 5}, "this must be a group of names and values (given: 5)"),
        ({"calendars": {5: CALENDAR}}, "this must be text (given: 5)"),
        ({"calendars": {}}, "calendars: the calendar 'company' is missing"),
        (
            {"calendars__company": {**CALENDAR, "hours": "10-late"}},
            "this must be a time of day, such as 17:00",
        ),
        ({"calendars__company": {**CALENDAR, "hours": "10:00"}}, "this value is missing"),
        ({"calendars__company": {**CALENDAR, "hours": "1:00-2:00-3:00"}}, "this must have at most 2 entries"),
        ({"calendars__company": {**CALENDAR, "weekend": ["sunday"] * 7}}, "this must have at most 6 entries"),
        ({"calendars__company": {**CALENDAR, "national_holidays": "often"}}, "this must be true or false"),
        (
            {"calendars__company": {**CALENDAR, "closed_every_year": ["1-1"]}},
            "write a day of the year as MM-DD",
        ),
        (
            {"calendars__company": {**CALENDAR, "closed_every_year": ["02-30"]}},
            "'02-30' is not a day of the year",
        ),
        ({"calendars__company": {"article": ["2", "第3条"]}}, "this must have the form "),
        ({"products": "none"}, "this must be a list (given: 'none')"),
        ({"charging__due__usage__transfer": {**DUE, "months_after": "one"}}, "this must be a whole number"),
        ({"charging__due__usage__transfer": {**DUE, "months_after": 1.5}}, "this must be a whole number"),
        (
            {"charging__due__usage__transfer": {**DUE, "months_after": -1}},
            "this must be at least 0 (given: -1)",
        ),
        ({"charging__due__usage__transfer": {**DUE, "day": 32}}, "this must be at most 31 (given: 32)"),
        ({"charging__due__usage__transfer": {**DUE, "calendars": ["bank"]}}, "adjust and calendars belong"),
        (
            {"charging__due__usage__transfer": {**DUE, "adjust": "next_business_day", "calendars": ["moon"]}},
            "charging.due.usage.transfer.calendars: there is no calendar 'moon'",
        ),
        ({"charging__due__usage": {}}, "due: every charge needs at least one payment method"),
        ({"charging__due": {}}, "due: say at least when usage fees are due"),
        ({"charging__late_interest__percent_a_year": "much"}, "this must be a number (given: 'much')"),
        ({"charging__late_interest__percent_a_year": 14.6}, "write the rate as text, such as"),
        ({"charging__tax__rounding": "up"}, "'up' is not allowed here; allowed: "),
        ({"cancellation__deadline": {**DEADLINE, "before": {}}}, "give exactly one of months, days"),
        ({"notices__purposes__service_end": NOTICE}, "give either lead or timing"),
        ({"termination": {**TERMINATION, "grounds": [{**GROUND, "since": "notice"}]}}, "period belongs to"),
        (
            {"termination": {**TERMINATION, "grounds": [GROUND, GROUND]}},
            "termination.grounds: 'unpaid' is there",
        ),
        ({"suspension": SUSPENSION}, "suspension.until_paid.reasons: there is no reason 'nobody'"),
        ({"cancelation": 1}, "unknown name; check the spelling, or take it out"),
    ],
)
def test_every_problem_of_a_policy_has_words_of_ours(changed, said):
    with pytest.raises(PolicyError) as refused:
        policy(**changed)
    problems = [str(problem) for problem in refused.value.problems]
    assert any(said in problem for problem in problems), problems
    assert "unfit" not in {problem.reason.key for problem in refused.value.problems}


@pytest.mark.parametrize(
    "source",
    [
        "effective_on = 2027-01-01\nprices = [{article = 'p', product = 'a', tax = 'standard'}]",
        "effective_on = 2027-01-01\nprices = [{article = 'p', product = 'a', tax = 'no', unit_price = -1}]",
        "effective_on = 2027-01-01\nprices = [{article='p', product='a', tax='standard', unit_price=1.5}]",
        "effective_on = 2027-01-01\nprices = ["
        + "{article='p',product='a',tax='outside',unit_price=1}," * 2
        + "]",
        "effective_on = 2027-01-01\nprices = [{article='p', product='a', tax='outside', "
        "tiers=[{from=2, unit_price=1}]}]",
        "effective_on = ",
    ],
)
def test_every_problem_of_a_price_list_has_words_of_ours(source):
    with pytest.raises(PriceListError) as refused:
        read_price_list(source)
    assert "unfit" not in {problem.reason.key for problem in refused.value.problems}


class Odd(BaseModel):
    """Fields of every kind that our models have, or may get."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=3, pattern=r"^[a-z]*$")] = "a"
    number: Annotated[int, Field(gt=0, lt=10, multiple_of=2)] = 2
    bounded: Annotated[int, Field(ge=1, le=3)] = 1
    rate: Annotated[Decimal, Field(max_digits=4, decimal_places=2)] = Decimal(1)
    share: float = 0.5
    yes: bool = True
    day: date = date(2027, 4, 1)
    hour: time = time(17)
    names: tuple[str, ...] = ()
    kinds: set[str] = set()
    fixed: frozenset[str] = frozenset()
    group: dict[str, int] = {}
    mapping: Mapping[str, int] = {}
    choice: Literal["a", "b", "c"] = "a"
    colour: Enum("Colour", [("RED", "red"), ("BLUE", "blue")]) = "red"
    nothing: None = None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": b"\xff"}, "this must be text"),
        ({"text": "abcd"}, "this must have at most 3 characters (given: 'abcd')"),
        ({"text": ""}, "this must not be empty"),
        ({"text": "A"}, "this must have the form "),
        ({"number": 0}, "this must be more than 0 (given: 0)"),
        ({"number": 12}, "this must be less than 10 (given: 12)"),
        ({"number": 3}, "this must be a multiple of 2 (given: 3)"),
        ({"number": "9" * 5000}, "this must be a whole number"),
        ({"bounded": 0}, "this must be at least 1 (given: 0)"),
        ({"bounded": 4}, "this must be at most 3 (given: 4)"),
        ({"rate": "123.45"}, "this must have at most 4 digits (given: '123.45')"),
        ({"rate": "1.234"}, "this must have at most 2 digits after the point (given: '1.234')"),
        ({"rate": "123"}, "this must have at most 2 digits before the point (given: '123')"),
        ({"rate": "NaN"}, "this must be a number"),
        ({"rate": []}, "this must be a number"),
        ({"share": "half"}, "this must be a number"),
        ({"yes": "perhaps"}, "this must be true or false"),
        ({"day": "2027-13-01"}, "this must be a day"),
        ({"hour": "25:00"}, "this must be a time of day"),
        ({"names": "a"}, "this must be a list"),
        ({"kinds": 1}, "this must be a list"),
        ({"fixed": 1}, "this must be a list"),
        ({"group": 1}, "this must be a group of names and values"),
        ({"mapping": 1}, "this must be a group of names and values"),
        ({"choice": "d"}, "'d' is not allowed here; allowed: 'a', 'b', 'c'"),
        ({"colour": "green"}, "'green' is not allowed here; allowed: 'red', 'blue'"),
        ({"nothing": 1}, "this value does not fit (code none_required; given: 1)"),
    ],
)
def test_what_a_model_refuses_has_words_of_ours(given, said):
    with pytest.raises(ValidationError) as refused:
        Odd.model_validate(given)
    reasons = [str(problem.reason) for problem in explain(refused.value)]
    assert any(reason.startswith(said) for reason in reasons), reasons
    assert not any(detail["msg"] in reason for detail in refused.value.errors() for reason in reasons)
