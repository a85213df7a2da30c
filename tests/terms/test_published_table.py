"""Comparison tables that people made, and what a page break can do to one."""

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
from contracts.terms.tree import Terms
from tests.reference import reference_file

OURS = Path(__file__).parent / "importing" / "texts" / "comparison_table.txt"


@pytest.fixture(scope="module", params=["a table of ours", pytest.param("003", marks=pytest.mark.reference)])
def table(request: pytest.FixtureRequest) -> PublishedTable:
    """One that we wrote in the shape of the other, which a provider published: both tell the same."""
    file = reference_file("seeds/003_*.txt") if request.param == "003" else OURS
    return read_published_table(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(table: PublishedTable) -> tuple[Row, ...]:
    return compare(table.old, table.new)


def outline(terms: Terms) -> dict[str, list[tuple[int | None, int]]]:
    """The numbers of the paragraphs in each article that is not left out, each with its count of items."""
    return {
        str(article.number): [(one.number, len(one.items)) for one in article.paragraphs]
        for article in terms.articles
        if article.title
    }


OUTLINES = {
    "a table of ours": (
        {"3": [(None, 4)], "6": [(1, 1), (2, 0)], "18": [(1, 4), (2, 0), (3, 0)], "24": [(1, 3), (2, 0)]},
        {
            "3": [(None, 6)],
            "6": [(1, 2), (2, 0)],
            "18": [(1, 4), (2, 0), (3, 0), (4, 0)],
            "18の2": [(1, 0), (2, 0)],
            "24": [(1, 3), (2, 0)],
        },
    ),
    "003": (
        {"2": [(None, 10)], "6": [(1, 1), (2, 0)], "18": [(1, 5), (2, 0), (3, 0)], "41": [(1, 13), (2, 0)]},
        {
            "2": [(None, 13)],
            "6": [(1, 2), (2, 0)],
            "18": [(1, 5), (2, 0), (3, 0), (4, 0)],
            "18の2": [(1, 0), (2, 0), (3, 0), (4, 0)],
            "41": [(1, 13), (2, 0), (3, 0)],
        },
    ),
}


def test_the_sides_are_rebuilt_over_page_breaks(
    request: pytest.FixtureRequest, table: PublishedTable
) -> None:
    assert (outline(table.old), outline(table.new)) == OUTLINES[request.node.callspec.params["table"]]
    assert table.outside == ("以上",)


def test_our_rows_and_remarks_are_those_of_the_table(table: PublishedTable, rows: tuple[Row, ...]) -> None:
    theirs = [(fold(row.new), fold(row.old), set(row.remarks)) for row in table.rows]
    assert [(fold(row.new), fold(row.old), {row.remark} - {""}) for row in rows] == theirs


def test_people_remark_each_changed_passage_and_differ_from_us_in_one_row(
    table: PublishedTable, rows: tuple[Row, ...]
) -> None:
    """The one difference is explained in docs/comparison.md: item (2) of article 18, paragraph 1."""
    passages = [
        (row, theirs.remarks) for row, theirs in zip(rows, table.rows, strict=True) if row.remark == CHANGED
    ]
    assert [len(row.changes) for row, _remarks in passages] == [1, 2, 1, 2, 1, 1]
    different = [row for row, remarks in passages if len(remarks) != len(row.changes)]
    assert [(row.article, row.new[:3], len(row.changes)) for row in different] == [("18", "(2)", 1)]


def test_every_other_remark_stands_once(table: PublishedTable) -> None:
    others = [row.remarks for row in table.rows if row.remarks and row.remarks[0] != CHANGED]
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


def test_more_digits_than_any_number_has_are_text() -> None:
    digits = "1" * 5000
    text = f"{HEADER}第1条（料金）\t第1条（料金）\t\n{digits}. 一\t{digits}. 二\t(変更)\n"
    paragraph = read_published_table(text).new.articles[0].paragraphs[0]
    assert (paragraph.number, paragraph.text) == (None, f"{digits}. 一")


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
