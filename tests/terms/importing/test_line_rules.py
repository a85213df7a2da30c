import pytest

from contracts.terms.importing.line_rules import (
    ArticleLine,
    ChapterLine,
    LabelLine,
    NumberLine,
    TextLine,
    TitleLine,
    is_annex_title,
    is_bare_annex_title,
    is_heading_like,
    read,
    read_part,
)
from contracts.terms.numbering import ArticleNumber


@pytest.mark.parametrize(
    ("text", "heading", "level"),
    [
        ("第1章 総則", "第1章 総則", 1),
        ("第 1 2 節　見本", "第12節 見本", 2),
        ("第一編総則", "第一編 総則", 0),
        ("第３章の2 見本", "第3章の2 見本", 1),
        ("第2節", "第2節", 2),
    ],
)
def test_headings_of_chapters_are_read(text: str, heading: str, level: int) -> None:
    found = read(text)
    assert isinstance(found, ChapterLine)
    assert (found.heading, found.level) == (heading, level)


@pytest.mark.parametrize(
    "text",
    [
        "第3章第7条で定める日から",
        "第7章で定める手続によります。",
        "第7章に定める手続",
        "第1章 この章は、次のとおりです。",
    ],
)
def test_a_sentence_that_names_a_chapter_is_no_heading(text: str) -> None:
    assert not isinstance(read(text), ChapterLine)


@pytest.mark.parametrize(
    ("text", "number", "titled", "citing"),
    [
        ("第1条（目的）", ArticleNumber(1), ("目的", ""), False),
        ("第 2 2 条 (見本)", ArticleNumber(22), ("見本", ""), False),
        ("第1条（目的）この約款は", ArticleNumber(1), ("目的", "この約款は"), False),
        ("第 1 条 適用範囲", ArticleNumber(1), ("適用範囲", ""), False),
        ("第十八条の二　見本", ArticleNumber(18, (2,)), ("見本", ""), False),
        ("・第〇条 禁止行為", ArticleNumber(0, (), "〇"), ("禁止行為", ""), False),
        ("第2条 当社は、見本を定めます。", ArticleNumber(2), None, False),
        ("第38条 第11条（見本）の定めに基づき", ArticleNumber(38), None, False),
        ("第 15条第 2項の規定を準用する", ArticleNumber(15), None, True),
        ("第22条（見本）所定の者", ArticleNumber(22), ("見本", "所定の者"), True),
        ("第28条から第29条まで", ArticleNumber(28), None, True),
    ],
)
def test_lines_that_begin_with_an_article_number(
    text: str, number: ArticleNumber, titled: tuple[str, str] | None, citing: bool
) -> None:
    line = read(text)
    assert isinstance(line, ArticleLine)
    assert (line.number, line.titled, line.citing) == (number, titled, citing)


@pytest.mark.parametrize(
    ("text", "number", "rest", "dotted"),
    [
        ("2. 本文", 2, "本文", True),
        ("２．本文", 2, "本文", True),
        ("10．本文", 10, "本文", True),
        ("３　本文", 3, "本文", False),
        ("1 適用", 1, "適用", False),
    ],
)
def test_numbers_of_paragraphs_are_read(text: str, number: int, rest: str, dotted: bool) -> None:
    found = read(text)
    assert isinstance(found, NumberLine)
    assert (found.number, found.rest, found.dotted) == (number, rest, dotted)


@pytest.mark.parametrize("text", ["14.6％の利率で計算した", "24時間以上", "2026年1月1日"])
def test_figures_at_the_beginning_of_a_line_are_text(text: str) -> None:
    assert isinstance(read(text), TextLine)


def test_titles_labels_and_texts() -> None:
    assert read("（目的）") == TitleLine("目的", "（目的）")
    assert isinstance(read("（1）本文"), LabelLine)
    assert isinstance(read("（以下同じとします。）"), TextLine)
    assert isinstance(read("本文"), TextLine)


def test_headings_are_short_and_no_sentences() -> None:
    assert is_heading_like("利用契約の成立")
    assert not is_heading_like("利用契約が成立します。")
    assert not is_heading_like("あ" * 41)


@pytest.mark.parametrize(
    "text",
    [
        "別記",
        "附則",
        "附　則",
        "付則 2023年2月6日",
        "別紙1",
        "別紙１　利用料金表",
        "別表第2（見本）",
        "料金通則",
        "料金表",
    ],
)
def test_names_of_annexes(text: str) -> None:
    assert is_annex_title(text)


@pytest.mark.parametrize(
    "text", ["別紙1に定める", "別記の料金", "附則の規定により、次のとおりとします。", "見本"]
)
def test_what_only_mentions_an_annex_names_none(text: str) -> None:
    assert not is_annex_title(text)


def test_a_bare_annex_title_waits_for_its_second_line() -> None:
    assert is_bare_annex_title("別紙1")
    assert not is_bare_annex_title("別紙1 利用料金表")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("第 1 見本料金", 1),
        ("第3 見本", 3),
        ("第4見本料金", 4),
        ("第1条 見本", None),
        ("第2", None),
        ("見本", None),
    ],
)
def test_parts_of_annexes(text: str, number: int | None) -> None:
    assert read_part(text) == number
