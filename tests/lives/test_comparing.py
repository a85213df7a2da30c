"""What a draft makes of a life: the differences, what it has to expect from then on, and both in words."""

from datetime import date
from typing import Any

from django.utils.translation import override

from contracts.problems.reasons import Reason
from contracts.publishing.lives import Difference, PlayedLife
from contracts.publishing.lives_in_words import differences
from contracts.rules.examples.evaluation import Mismatch, Result
from contracts.rules.examples.example_file import Example
from contracts.rules.problems import Problem
from portal.lives.comparing import compared
from tests.lives_scene import life

EXPECT = {"as_of": "2027-01-20", "open": 9900, "charged": {"2026-11": 9000}, "ends_on": None}


def result(
    *mismatches: tuple[str, Any, Any], expect: dict[str, Any] | None = None, problem: str = ""
) -> Result:
    example = Example.model_validate(life("x", **(expect or EXPECT)))
    problems = (Problem("given.events[0]", Reason("event_broke", {"why": problem})),) if problem else ()
    return Result(example, mismatches=tuple(Mismatch(*one) for one in mismatches), problems=problems)


def test_a_life_that_comes_out_as_written_by_both_says_nothing():
    assert compared(result(), result()) is None


def test_what_differs_is_told_with_what_is_written_and_what_it_becomes():
    found = compared(result(), result(("open", 9900, 9801), ("ends_on", None, "2027-01-31")))
    assert found["differences"] == [
        {"field": "open", "written": 9900, "old": 9900, "new": 9801},
        {"field": "ends_on", "written": None, "old": None, "new": "2027-01-31"},
    ]
    assert found["becomes"] == {**EXPECT, "open": 9801, "ends_on": "2027-01-31"}


def test_what_is_unlike_the_written_by_both_is_no_change():
    (one,) = compared(result(("open", 9900, 1)), result(("open", 9900, 1)))["differences"]
    assert one == {"field": "open", "written": 9900, "old": 1, "new": 1}


def test_an_event_that_is_refused_or_taken_from_now_on_is_expected_so():
    refused = compared(result(), result(("given.events[2]", "taken", "refused: too late")))
    assert refused["becomes"]["refused_events"] == [2]
    expect = {**EXPECT, "refused_events": [0, 2]}
    taken = compared(result(expect=expect), result(("given.events[2]", "refused", "taken"), expect=expect))
    assert taken["becomes"]["refused_events"] == [0]


def test_a_reason_why_there_is_no_such_thing_is_not_expected():
    found = compared(result(), result(("open", 9900, "There is no contract.")))
    assert found["becomes"] == {name: value for name, value in EXPECT.items() if name != "open"}


def test_a_life_that_can_not_be_played_becomes_nothing():
    found = compared(result(), result(problem="KeyError: x"))
    assert found["becomes"] is None
    assert found["differences"][0]["field"] == ""
    assert "KeyError: x" in found["differences"][0]["new"]


def test_differences_are_told_in_words_one_by_one():
    changed = (
        Difference("charged", None, {"2026-11": 9000, "2026-12": 9000}, {"2026-11": 9000, "2026-12": 4500}),
        Difference("other", None, {"minimum_term": 0}, {"minimum_term": 12000}),
        Difference("ends_on", None, None, "2027-01-31"),
        Difference("state", None, "running", "ended"),
        Difference("requests", None, {"c": "accepted"}, {"c": "refused:late"}),
        Difference("named", None, [], ["to_correct"]),
        Difference("articles_apply", None, {"9-2": True}, {"9-2": False}),
        Difference("given.events[2]", None, "taken", "refused: 期限を過ぎています"),
        Difference("open", None, 9900, "There is no contract."),
    )
    written = life("x", **EXPECT)
    played = PlayedLife("x", written["given"]["events"], date(2027, 1, 20), "", (), changed, {}, True)
    with override("ja"):
        said = [(one.label, one.old, one.new) for one in differences(played)]
    assert said == [
        ("利用月の料金（2026年12月）", "9,000円", "4,500円"),
        ("その他の額（最低利用期間の残りの料金）", "0円", "12,000円"),
        ("契約の終了日", "—", "2027年1月31日"),
        ("契約の状態", "利用中", "終了"),
        ("申込みの結果（c）", "承諾", "不承諾（late）"),
        ("担当者に示される仕事", "—", "訂正すべき請求済みの月"),
        ("条項の適用（9-2）", "はい", "いいえ"),
        ("3番目の出来事（2026年12月3日 11:00の請求）", "受け付ける", "断る：期限を過ぎています"),
        ("未払額", "9,900円", "There is no contract."),
    ]
