"""Small texts, each with one thing that real texts have."""

import pytest

from contracts.terms.importing import FurnitureKind, NoteKind, TermsImportError, import_text
from contracts.terms.markdown import render
from contracts.terms.tree import Item, Paragraph, Table


def markdown(source: str) -> str:
    imported = import_text(source)
    assert imported.not_placed == ()
    exported = render(imported.terms)
    assert import_text(exported).terms == imported.terms
    return exported


def test_a_text_in_the_style_of_statutes() -> None:
    source = """見本サービス契約約款

第一章　総則
第一節　通則
（目的）
第一条　この約款は、見本を定める。
２　前項の見本は、次の各号に掲げるものとする。
一　一つ目
　イ　細目
　ロ　細目の二
二　二つ目
３　三項。
第二節 細則
第二条　削除
（枝番）
第二条の二
枝番の本文。
附則
（実施期日）
第一条　この約款は、来月から実施する。
（経過措置）
第二条　従前の例による。
"""
    assert (
        markdown(source)
        == """# 見本サービス契約約款

## 第一章 総則

## 第一節 通則

### 第1条（目的）
この約款は、見本を定める。
2. 前項の見本は、次の各号に掲げるものとする。
   - 一 一つ目
      - イ 細目
      - ロ 細目の二
   - 二 二つ目
3. 三項。

## 第二節 細則

### 第2条
削除

### 第2条の2（枝番）
枝番の本文。

## 附則 {#suppl}
#### 第1条（実施期日）
この約款は、来月から実施する。

#### 第2条（経過措置）
従前の例による。
"""
    )


def test_contents_annexes_and_page_numbers() -> None:
    source = """契約約款
目次
第1章 総則 ..... 1
第1条 目的 ..... 1
第1章 総則
第1条 目的
1．本文一。
2．本文二。
- 1 -
別紙1
利用料金表
| 品目 | 円 |
|---|---|
| 見本 | 5 |
別紙2 提供条件
条件は次のとおり。
"""
    imported = import_text(source)
    assert [annex.key for annex in imported.terms.annexes] == ["sheet-1", "sheet-2"]
    assert imported.terms.annexes[0].title == "別紙1 利用料金表"
    assert imported.terms.annexes[0].clauses == (
        Paragraph(None, "", (), (Table(("品目", "円"), (("見本", "5"),)),)),
    )
    assert [paragraph.number for paragraph in imported.terms.articles[0].paragraphs] == [1, 2]
    assert [item.kind for item in imported.furniture] == [FurnitureKind.CONTENTS] * 3 + [
        FurnitureKind.PAGE_NUMBER
    ]


def test_pages_cut_sentences_and_repeat_their_head() -> None:
    source = "見本約款\n第1条（目的）\nこの文は途中で\n1\n\f見本約款\n頁が変わります。\n2. 次の項。\n2\n"
    imported = import_text(source)
    assert imported.terms.title == "見本約款"
    assert imported.terms.articles[0].paragraphs == (
        Paragraph(None, "この文は途中で頁が変わります。"),
        Paragraph(2, "次の項。"),
    )


def test_an_html_table_and_text_behind_the_title() -> None:
    source = """契約約款
第1条（料金）
料金は次のとおり。
<table><tr><th>区分</th><th>円</th></tr><tr><td>A<br>B</td><td>1</td></tr></table>
2. 次の項。
第2条（目的）本文が続く。
"""
    first, second = import_text(source).terms.articles
    assert first.paragraphs[0].tables == (Table(("区分", "円"), (("A\nB", "1"),)),)
    assert first.paragraphs[1] == Paragraph(2, "次の項。")
    assert (second.title, second.paragraphs) == ("目的", (Paragraph(None, "本文が続く。"),))


def test_items_of_several_kinds_nest() -> None:
    source = "約款\n第1条（見本）\n1. 項\n（1）一\n① 二\n② 三\n・四\n（2）五\n"
    (article,) = import_text(source).terms.articles
    assert article.paragraphs == (
        Paragraph(
            1,
            "項",
            (Item("(1)", "一", (Item("①", "二"), Item("②", "三", (Item("・", "四"),)))), Item("(2)", "五")),
        ),
    )


LONG = "契約者が届け出た人数が、実際に使っている人数と違うことがわかったときの、その人数の取扱い"


def test_a_number_with_a_dot_begins_a_paragraph_even_where_the_one_above_has_no_full_stop() -> None:
    (article,) = import_text(f"約款\n第1条（見本）\n1. {LONG}\n2. 次の項。\n").terms.articles
    assert article.paragraphs == (Paragraph(1, LONG), Paragraph(2, "次の項。"))


def test_a_bare_number_in_the_middle_of_a_sentence_belongs_to_it() -> None:
    (article,) = import_text(f"約款\n第1条（見本）\n1. {LONG}は、\n2 週間前に知らせます。\n").terms.articles
    assert article.paragraphs == (Paragraph(1, f"{LONG}は、2 週間前に知らせます。"),)


def test_the_second_paragraph_is_no_item_of_what_follows() -> None:
    source = "約款\n第1条（見本）\n料金は、次のとおりとします。\n2. 次の項。\n"
    (article,) = import_text(source).terms.articles
    assert article.paragraphs == (Paragraph(None, "料金は、次のとおりとします。"), Paragraph(2, "次の項。"))


def test_a_citation_at_the_beginning_of_a_line_is_no_heading() -> None:
    source = """約款
第1条（見本）
本文は、次の条の定めに従い、
第1条第1項の規定により、または
第2条（別）から第3条までを準用します。
第2条（別）
本文。
"""
    terms = import_text(source).terms
    assert [str(article.number) for article in terms.articles] == ["1", "2"]
    assert terms.articles[0].paragraphs[0].text.endswith("第3条までを準用します。")


def test_what_comes_before_the_first_article_is_title_and_preamble() -> None:
    terms = import_text("この約款を\nよくお読みください。\n見本利用規約\n第1条（見本）\n本文。").terms
    assert (terms.title, terms.preamble) == ("見本利用規約", "この約款を\nよくお読みください。")


def test_an_article_of_nothing_but_a_title_has_it_as_text() -> None:
    imported = import_text("約款\n第1条（見本）\n本文。\n第2条 削除\n第3条（次）\n本文。")
    assert imported.terms.articles[1].paragraphs == (Paragraph(None, "削除"),)
    assert [(note.line, note.kind) for note in imported.notes] == [(4, NoteKind.DELETED)]


def test_gaps_in_the_numbers_are_noted() -> None:
    imported = import_text("約款\n第2条（見本）\n1. 一。\n3. 三。\n第4条（次）\n本文。")
    assert [str(note) for note in imported.notes] == [
        "line 2: article numbers missing: – → 第2条",
        "line 4: paragraph numbers missing: 第2条 → 3",
        "line 5: article numbers missing: 第2条 → 第4条",
    ]


def test_what_has_no_place_is_listed_with_its_line_and_reason() -> None:
    source = """約款
第1章 総則
前置きの文。
第1条 目的
本文。
第2章 空
第3章 契約
第2条 契約
本文。
以上
株式会社見本が定めます。
"""
    imported = import_text(source)
    assert [(leftover.line, leftover.text) for leftover in imported.not_placed] == [
        (3, "前置きの文。"),
        (6, "第2章 空"),
        (11, "株式会社見本が定めます。"),
    ]
    assert all(leftover.reason for leftover in imported.not_placed)
    assert [chapter.heading for chapter in imported.terms.chapters] == ["第1章 総則", "第3章 契約"]


def test_what_our_own_format_says_is_taken_at_its_word() -> None:
    source = "# 題\n\n### 第1条（見本）\n2024. 年ではない項\n   - (1) 号\n"
    imported = import_text(source)
    assert imported.terms.articles[0].paragraphs[0].number == 2024
    assert imported.notes == ()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "line 1: the text is empty"),
        (" \n\u3000\n", "line 1: the text is empty"),
        ("ご案内\n本日は晴天です。\n", "line 1: no article"),
        ("約款\n第1条（一）\n本文。\n第1条（二）\n本文。", "line 4: 第1条 already stands in line 2"),
        (
            "約款\n第1条（一）\n本文。\n第〇条（二）\n甲。\n第〇条（三）\n乙。",
            "line 6: 第〇条 already stands",
        ),
        ("旧\t新\t備考\n甲\t乙\t（変更）\n", "line 1: this is a comparison table"),
    ],
)
def test_what_is_no_terms_text_is_refused(source: str, problem: str) -> None:
    with pytest.raises(TermsImportError, match=problem):
        import_text(source)


def test_every_duplicate_is_named() -> None:
    source = "約款\n第1条（一）\n本文。\n第2条（二）\n本文。\n第1条（一）\n本文。\n第2条（二）\n本文。"
    with pytest.raises(TermsImportError) as caught:
        import_text(source)
    assert [problem.line for problem in caught.value.problems] == [6, 8]
