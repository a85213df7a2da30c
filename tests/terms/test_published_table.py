"""Comparison tables that people made: the seed 003, and what a page break can do to a table."""

from pathlib import Path

import pytest

from contracts.terms.compare.fold import fold
from contracts.terms.compare.published_table import (
    PublishedRow,
    PublishedTable,
    PublishedTableError,
    read_published_table,
)
from contracts.terms.compare.rows import CHANGED, OMITTED, Row, compare

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


@pytest.fixture(scope="module")
def published() -> PublishedTable:
    [seed] = SEEDS.glob("003_*.txt")
    return read_published_table(seed.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ours(published: PublishedTable) -> tuple[Row, ...]:
    return compare(published.old, published.new)


def test_the_sides_are_rebuilt_over_page_breaks(published: PublishedTable) -> None:
    old, new = published.old, published.new
    assert [str(one.number) for one in new.articles if one.title] == ["2", "6", "18", "18の2", "41"]
    assert [str(one.number) for one in old.articles if one.title] == ["2", "6", "18", "41"]
    for side, definitions, paragraphs in ((old, 10, 3), (new, 13, 4)):
        definition_article, stops, liability = side.article("2"), side.article("18"), side.article("41")
        assert definition_article is not None and stops is not None and liability is not None
        assert len(definition_article.paragraphs[0].items) == definitions
        assert [one.number for one in stops.paragraphs] == list(range(1, paragraphs + 1))
        assert len(liability.paragraphs[0].items) == 13
    assert published.outside == ("以上",)


def test_our_rows_and_remarks_are_those_of_the_table(
    published: PublishedTable, ours: tuple[Row, ...]
) -> None:
    theirs = [(fold(row.new), fold(row.old), set(row.remarks)) for row in published.rows]
    assert [(fold(row.new), fold(row.old), {row.remark} - {""}) for row in ours] == theirs
    assert len(ours) == 61


def test_people_remark_each_changed_passage_and_differ_from_us_in_one_row(
    published: PublishedTable, ours: tuple[Row, ...]
) -> None:
    """The one difference is explained in docs/comparison.md: item (2) of article 18, paragraph 1."""
    passages = [
        (row, theirs.remarks)
        for row, theirs in zip(ours, published.rows, strict=True)
        if row.remark == CHANGED
    ]
    assert [len(row.changes) for row, _remarks in passages] == [1, 2, 1, 2, 1, 1]
    different = [row for row, remarks in passages if len(remarks) != len(row.changes)]
    assert [(row.article, row.new[:3], len(row.changes)) for row in different] == [("18", "(2)", 1)]


def test_every_other_remark_stands_once(published: PublishedTable) -> None:
    others = [row.remarks for row in published.rows if row.remarks and row.remarks[0] != CHANGED]
    assert {len(remarks) for remarks in others} == {1}
    assert [remarks[0] for remarks in others].count(OMITTED) == 5


HEADER = "新\t旧\t備考\n"


def test_a_sentence_cut_by_a_page_break_is_joined() -> None:
    text = (
        f"{HEADER}第1条（料金）\t第1条（料金）\t\n1. 料金は、毎月\t1. 料金は、毎年\t\n\n"
        f"{HEADER}<p>請求します。</p><p>2. 端数は切り捨てます。</p>\t"
        "<p>請求します。</p><p>(追加)</p>\t<p>(変更)</p><p>(追加)</p>\n"
    )
    assert read_published_table(text).rows == (
        PublishedRow("第1条（料金）", "第1条（料金）"),
        PublishedRow("1. 料金は、毎月請求します。", "1. 料金は、毎年請求します。", ("（変更）",)),
        PublishedRow("2. 端数は切り捨てます。", "(追加)", ("（追加）",)),
    )


def test_html_tables_with_the_old_text_on_the_left_read_the_same() -> None:
    text = (
        "<p>約款の改定</p><table><tr><th>旧</th><th>新</th><th>備考</th></tr>"
        "<tr><td>第1条（料金）<br>月額です。</td><td>第1条（料金）<br>年額です。</td><td>（変更）</td></tr></table>"
    )
    table = read_published_table(text)
    assert table.rows == (
        PublishedRow("第1条（料金）", "第1条（料金）"),
        PublishedRow("年額です。", "月額です。", ("（変更）",)),
    )
    assert table.outside == ("約款の改定",)
    assert table.old.articles[0].paragraphs[0].text == "月額です。"


def test_what_was_left_out_is_the_same_on_both_sides() -> None:
    text = (
        f"{HEADER}(略)\t(略)\t(略)\n第4条（料金）\t第4条（料金）\t\n1. 一\t1. 二\t(変更)\n(略)\t(略)\t(略)\n"
    )
    table = read_published_table(text)
    assert [str(article.number) for article in table.old.articles] == ["1", "2", "3", "4"]
    assert [row.remark for row in compare(table.old, table.new)] == [OMITTED, "", CHANGED, OMITTED]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no table"),
        ("第1条 目的\n本文", "no table"),
        ("一\t二\t三\n", "row 1: a table begins with"),
        (f"{HEADER}第1条\t第1条\t(廃止)\n", "row 2: the remark '\\(廃止\\)'"),
        (
            f"{HEADER}<p>1. 一</p><p>2. 二</p><p>3. 三</p>\t<p>1. 一</p><p>2. 二</p>\t\n",
            "新 has 3 parts and 旧 2",
        ),
    ],
)
def test_what_is_no_such_table_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PublishedTableError, match=reason):
        read_published_table(text)
