import pytest

from contracts.terms.importing.labels import (
    Label,
    has_open_bracket,
    number_label,
    numeral,
    read_label,
    split_bracket,
    tidy,
    tidy_heading,
)


@pytest.mark.parametrize(
    ("text", "value"), [("2 2", 22), ("１ ０", 10), ("4\u30007", 47), ("十 二", 12), ("９", 9)]
)
def test_numerals_are_read_through_the_spaces_in_them(text: str, value: int) -> None:
    assert numeral(text) == value


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("第 2 2 条 (見本)", "第22条 (見本)"),
        ("第 15条第 2項及び第 3 項", "第15条第2項及び第3項"),
        ("第 18 条 の 2", "第18条の2"),
        ("  見本  サービス \u3000 契約 ", "見本 サービス\u3000契約"),
        ("24 時間以上", "24 時間以上"),
    ],
)
def test_spaces_that_the_extraction_left_are_taken_out(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


def test_the_number_of_a_heading_is_closed_up_too() -> None:
    assert tidy_heading("第 1 見本料金") == "第1 見本料金"
    assert tidy("第 1 見本料金") == "第 1 見本料金"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("（目的）", ("目的", "")),
        ("(名称（称号）の変更) 本文", ("名称（称号）の変更", "本文")),
        ("【定義】", ("定義", "")),
        ("（閉じない", None),
        ("目的（一）", None),
        ("", None),
    ],
)
def test_a_bracket_at_the_beginning_is_split_off(text: str, parts: tuple[str, str] | None) -> None:
    assert split_bracket(text) == parts


def test_an_open_bracket_or_quotation_is_noticed() -> None:
    assert has_open_bracket("当社（以下「甲")
    assert not has_open_bracket("当社（以下「甲」という。）")


@pytest.mark.parametrize(
    ("text", "kind", "label", "rest"),
    [
        ("(1) 本文", "(1)", "(1)", "本文"),
        ("（１）本文", "(1)", "(1)", "本文"),
        ("（ 10 ）\u3000本文", "(1)", "(10)", "本文"),
        ("（十） 本文", "(1)", "(十)", "本文"),
        ("（イ）本文", "(イ)", "(イ)", "本文"),
        ("(い) 本文", "(い)", "(い)", "本文"),
        ("(a) 本文", "(a)", "(a)", "本文"),
        ("(iv) 本文", "(a)", "(iv)", "本文"),
        ("3) 本文", "1)", "3)", "本文"),
        ("３）本文", "1)", "3)", "本文"),
        ("b. 本文", "a.", "b.", "本文"),
        ("② 本文", "①", "②", "本文"),
        ("イ 本文", "イ", "イ", "本文"),
        ("ア．本文", "イ", "ア", "本文"),
        ("一\u3000本文", "一", "一", "本文"),
        ("・本文", "・", "・", "本文"),
        ("● 本文", "・", "●", "本文"),
    ],
)
def test_labels_of_items_are_read(text: str, kind: str, label: str, rest: str) -> None:
    found = read_label(text)
    assert found is not None
    assert (found[0].kind, found[0].text, found[1]) == (kind, label, rest)


@pytest.mark.parametrize(
    "text", ["アカウントの管理", "一般的な条件", "（以下同じ）", "1本文", "A社は", "本文", ""]
)
def test_words_are_not_labels(text: str) -> None:
    assert read_label(text) is None


def label(text: str) -> Label:
    found = read_label(f"{text} 本文")
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("(2)", "(1)"),
        ("（３）", "(2)"),
        ("ロ", "イ"),
        ("イ", "ア"),
        ("(ii)", "(i)"),
        ("(j)", "(i)"),
        ("・", "・"),
    ],
)
def test_a_label_follows_the_one_before_in_its_order(later: str, earlier: str) -> None:
    assert label(later).follows(label(earlier))


@pytest.mark.parametrize(("later", "earlier"), [("(3)", "(1)"), ("(2)", "1)"), ("(1)", "(1)"), ("ハ", "イ")])
def test_a_label_does_not_follow_another_kind_or_over_a_gap(later: str, earlier: str) -> None:
    assert not label(later).follows(label(earlier))


def test_first_labels_are_known() -> None:
    assert all(label(text).is_first for text in ("(1)", "イ", "ア", "(i)", "①", "一"))
    assert number_label(1).is_first
    assert not label("(2)").is_first
