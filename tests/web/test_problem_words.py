"""What is wrong with a policy or a price list is said in the language of the interface."""

import pytest

from billing.calculation.prices import PriceListError, read_price_list
from contracts.problem_words import _MATCHERS, _PARTS, _SENTENCES
from contracts.rules.policy import PolicyError
from contracts.rules.problems import _SHAPES
from tests.rules.policies import policy

CALENDAR = {"article": "2"}
DUE = {"article": "32", "months_after": 0}
DEADLINE = {"article": "10-1", "anchor": "wanted_month_end", "before": {"months": 1}}
NOTICE = {"article": "21"}
GROUND = {"article": "14", "key": "unpaid", "text": {"ja": "あ", "en": "a"}}
TERMINATION = {"article": "14", "billed_through": {"article": "11", "rule": "end_of_month"}}
SUSPENSION = {"article": "16", "until_paid": {"article": "16-2", "reasons": ["nobody"]}}


def is_known(reason: str) -> bool:
    """Whether a reason has a msgid, and so a translation."""
    return reason in _SENTENCES or any(matcher.fullmatch(reason) for _pattern, matcher in _MATCHERS)


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
    reasons = [problem.reason for problem in refused.value.problems]
    assert any(reason.startswith(said) for reason in reasons), reasons
    assert [reason for reason in reasons if not is_known(reason)] == []


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
    assert [problem.reason for problem in refused.value.problems if not is_known(problem.reason)] == []


def test_every_shape_that_is_wanted_has_a_word():
    assert set(_SHAPES.values()) <= set(_PARTS)
