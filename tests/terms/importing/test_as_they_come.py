"""Texts as they really come: long items, gaps, labels of every kind, lists that count themselves."""

from functools import partial

import pytest

from contracts.problems.reasons import Reason
from contracts.terms.importing import NoteKind, TermsImportError, import_text
from contracts.terms.tree import Article, Item, Terms
from tests.steps import steps

HEAD = "見本約款\n\n第1条（目的）この約款は条件を定めます。\n"
LONG = "破産、民事再生、会社更生又は特別清算の手続開始の申立てを受け、又は自ら申し立てた場合"


def terms_of(text: str) -> Terms:
    return import_text(text).terms


def shape(article: Article) -> list[object]:
    """The paragraphs of an article by number and text, each followed by its items."""
    found: list[object] = []
    for paragraph in article.paragraphs:
        found.append((paragraph.number, paragraph.text))
        found += _labels(paragraph.items)
    return found


def _labels(items: tuple[Item, ...]) -> list[object]:
    return [
        (item.label, item.text, _labels(item.items)) if item.items else (item.label, item.text)
        for item in items
    ]


def reasons(text: str) -> list[str]:
    with pytest.raises(TermsImportError) as refused:
        import_text(text)
    return [problem.reason.key for problem in refused.value.problems if isinstance(problem.reason, Reason)]


# What stands below an item that ends in a noun


@pytest.mark.parametrize("blank", ["", "\n"])
@pytest.mark.parametrize("mark", ["", "## "])
def test_a_chapter_below_a_long_item_is_one(mark: str, blank: str) -> None:
    text = (
        f"見本約款\n第1章 総則\n第1条（解除）\n次の各号の場合に解除します。\n(1) 不払い\n(2) {LONG}\n"
        f"{blank}{mark}第2章 雑則\n第2条（管轄）\n東京地方裁判所を管轄とします。"
    )
    terms = terms_of(text)
    assert [article.chapter for article in terms.articles] == ["第1章 総則", "第2章 雑則"]
    assert shape(terms.articles[0])[-1] == ("(2)", LONG)


@pytest.mark.parametrize("title", ["別表 料金", "別紙1", "附則", "## 別表 料金"])
def test_an_annex_below_a_long_item_is_one(title: str) -> None:
    text = (
        f"見本約款\n第1条（解除）\n次の各号の場合に解除します。\n(1) {LONG}\n{title}\n月額は1,000円とします。"
    )
    assert [annex.title for annex in terms_of(text).annexes] == [title.removeprefix("## ")]


@pytest.mark.parametrize("number", ["２　", "2. ", "2　", "２．", "2 項. ", "第2項　"])
def test_a_paragraph_below_a_long_item_is_one(number: str) -> None:
    text = (
        f"見本約款\n第１条（解除）\n１　次の各号の場合に解除します。\n一　不払い\n"
        f"二　{LONG}\n{number}前項の解除は書面によります。"
    )
    assert shape(terms_of(text).articles[0])[-1] == (2, "前項の解除は書面によります。")


def test_a_number_in_the_middle_of_a_broken_line_is_text() -> None:
    line = "契約者が料金を期日までに支払わないときは、当社は催告をしたうえで、"
    text = f"見本約款\n第1条（解除）\n{line}\n2 週間の後に解除することができます。\n" + f"{line}\n" * 8
    assert [paragraph.number for paragraph in terms_of(text).articles[0].paragraphs] == [None]


# Articles with their text on the line of their heading


def test_an_article_behind_a_gap_is_one_and_the_gap_is_noted() -> None:
    imported = import_text(
        HEAD
        + "第2条（定義）用語は別に定めます。\n第4条（料金）料金を支払います。\n第5条（解約）解約できます。"
    )
    assert [str(article.number) for article in imported.terms.articles] == ["1", "2", "4", "5"]
    assert [(note.kind, note.subject) for note in imported.notes] == [(NoteKind.ARTICLE_GAP, "第2条 → 第4条")]


def test_a_branch_that_skips_one_is_noted() -> None:
    imported = import_text(HEAD + "第1条の3（適用）すべてに適用します。\n第2条（定義）別に定めます。")
    assert [str(article.number) for article in imported.terms.articles] == ["1", "1の3", "2"]
    assert imported.notes[0].kind == NoteKind.ARTICLE_GAP


def test_a_number_that_stands_twice_is_refused() -> None:
    assert reasons(HEAD + "第2条（定義）別に定めます。\n第2条（料金）支払います。") == ["already_in_line"]


@pytest.mark.parametrize("title", ["(契約の解除)", "（契約の解除）", " (契約の解除)"])
@pytest.mark.parametrize(
    "rest", ["に沿って、契約は続きます。", "の定めによります。", "、第4条及び第5条によります。"]
)
def test_what_cites_an_article_by_its_title_begins_none(title: str, rest: str) -> None:
    text = (
        f"見本約款\n第1条 (総則)\n提供します。\n第2条 (継続)\n"
        f"第3条{title}{rest}\n第3条 (契約の解除)\n申し出ます。"
    )
    assert [str(article.number) for article in terms_of(text).articles] == ["1", "2", "3"]


def test_an_article_whose_text_begins_with_a_word_like_a_particle_is_one() -> None:
    assert len(terms_of(HEAD + "第2条（解約）もしもの場合は別に定めます。").articles) == 2


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("第2条から第4条まで　削除", ["2", "3", "4"]),
        ("第二条から第四条まで　削除", ["2", "3", "4"]),
        ("第2条乃至第4条 （削除）", ["2", "3", "4"]),
        ("第2条～第3条　削除", ["2", "3"]),
        ("第2条及び第3条　削除", ["2", "3"]),
        ("第1条の2から第1条の4まで　削除", ["1の2", "1の3", "1の4"]),
        ("第2条、第3条及び第4条　削除", ["2", "3", "4"]),
        ("第2条・第3条　削除", ["2", "3"]),
        ("第2条から第4条は削除", ["2", "3", "4"]),
        ("第2条から第4条までを削除する。", ["2", "3", "4"]),
        ("第2条－第4条　削除", ["2", "3", "4"]),
        ("第2条～4条　削除", ["2", "3", "4"]),
        ("第2～4条　削除", ["2", "3", "4"]),
        ("第２条〜第４条　＜削除＞", ["2", "3", "4"]),
        ("第２条　ないし　第４条　【削 除】", ["2", "3", "4"]),
        ("第2条から第4条まで　（欠番）", ["2", "3", "4"]),
    ],
)
def test_deleted_ranges_are_kept_as_deleted_articles(written: str, numbers: list[str]) -> None:
    imported = import_text(f"{HEAD}{written}\n第5条（管轄）東京とします。")
    deleted = imported.terms.articles[1:-1]
    assert [str(article.number) for article in deleted] == numbers
    assert {article.paragraphs[0].text for article in deleted} == {"削除"}
    assert str(imported.terms.articles[-1].number) == "5"
    noted = [note.subject for note in imported.notes if note.kind is NoteKind.DELETED]
    assert [subject.replace("\u3000", "") for subject in noted] == [written.replace("\u3000", "")]


def test_a_text_whose_numbers_were_lost_is_refused_with_its_headings() -> None:
    text = (
        "見本約款\n(総則)\n提供します。\n(期間)\n1か月とします。\n"
        "(継続)\n第4条 (解除)に沿って続きます。\n(解除)\n申し出ます。"
    )
    assert reasons(text) == ["numbers_lost"]


def test_so_is_one_whose_headings_are_entries_of_a_list() -> None:
    assert reasons(
        "# 利用約款\n\n1. **（定義等）**\n\n定めます。\n\n1. **（適用）**\n"
        "\n適用します。\n\n1. **（料金）**\n\n払います。"
    ) == ["numbers_lost"]


@pytest.mark.parametrize("written", ["第2条　削除", "第2条（削除）", "第2条 【削除】", "第2条　欠番"])
def test_one_deleted_article_is_noted_as_such(written: str) -> None:
    imported = import_text(f"{HEAD}{written}\n第3条（管轄）東京とします。")
    assert [note.kind for note in imported.notes] == [NoteKind.DELETED]


@pytest.mark.parametrize("blank", ["", "\n"])
@pytest.mark.parametrize("below", ["解約できます。", "２　解約できます。"])
def test_a_small_heading_inside_an_article_is_one(below: str, blank: str) -> None:
    text = (
        f"見本約款\n第1条（解除）\n１　次の各号の場合に解除します。\n一　不払い\n二　{LONG}\n"
        f"{blank}（解約の手続）\n{blank}{below}"
    )
    last = terms_of(text).articles[0].paragraphs[-1]
    assert (last.heading, last.text) == ("（解約の手続）", "解約できます。")


@pytest.mark.parametrize("remark", ["（注）税は別です。", "（略）", "（税込）", "（例）見本"])
def test_a_remark_in_brackets_is_no_heading(remark: str) -> None:
    text = f"見本約款\n第1条（料金）\n料金は月額です。\n{remark}\n第2条（管轄）\n東京とします。"
    assert [paragraph.heading for paragraph in terms_of(text).articles[0].paragraphs] == [""] * len(
        terms_of(text).articles[0].paragraphs
    )


def test_a_title_may_stand_below_the_number() -> None:
    text = "見本約款\n第1条\n（目的）\n定めます。\n第2条\n（料金）\n1. 支払います。\n2. 端数は切り捨てます。"
    assert [article.title for article in terms_of(text).articles] == ["目的", "料金"]


def test_the_first_section_below_a_long_item_is_one() -> None:
    text = (
        f"見本約款\n第1章　総則\n第1条（解除）\n次の各号の場合に解除します。\n一　不払い\n二　{LONG}\n"
        "第１節　通則\n第2条（管轄）東京とします。"
    )
    assert terms_of(text).articles[-1].chapter == "第1章 総則\n第1節 通則"


@pytest.mark.parametrize("dot", [".", "．", "-", "－"])
def test_a_number_that_names_the_article_too_is_that_of_a_paragraph(dot: str) -> None:
    text = f"見本約款\n第1条（料金）\n1{dot}1 月額です。\n1{dot}2 前払いです。\n2{dot}1 ミリです。"
    assert shape(terms_of(text).articles[0]) == [(1, "月額です。"), (2, f"前払いです。\n2{dot}1 ミリです。")]


# Items, however they are announced and labelled


@pytest.mark.parametrize(
    "sentence",
    [
        *(
            "次の各号の行為を禁じます。",
            "以下の行為をしてはなりません。",
            "次の行為を禁じます。",
            "次の場合に停止します。",
        ),
        *(
            "次の事項を届け出ます。",
            "次の条件によります。",
            "次のものを除きます。",
            "次のいずれかに当たるときは解除します。",
        ),
        *(
            "以下のいずれかに当たるとき",
            "次に定めるところによります。",
            "つぎのとおりとします。",
            "下記によります。",
        ),
        *("料金は別に定めます。次の方法で支払います。", "以下に掲げる者です。", "次の通りです。"),
        *("契約者は以下を遵守します。", "次を禁止します。", "禁止事項は以下とする。", "禁止事項："),
        *("次の3つの条件によります。", "以下の２点を確認します。", "次の二つの方法によります。"),
        *("禁止行為は次記のとおりです。", "後記の場合を除きます。", "下に掲げる行為を禁じます。"),
    ],
)
def test_numbers_below_a_sentence_that_announces_items_are_items(sentence: str) -> None:
    text = (
        f"# 見本規約\n\n## 第1条（禁止）\n\n{sentence}\n\n"
        f"1. 一つ目\n2. 二つ目\n\n## 第2条（管轄）\n東京とします。"
    )
    assert shape(terms_of(text).articles[0]) == [(None, sentence), ("1.", "一つ目"), ("2.", "二つ目")]


@pytest.mark.parametrize(
    "sentence",
    [
        "料金は翌月末に支払います。",
        "次の月の末日に支払います。",
        "1年以下の期間とします。",
        "次回から適用します。",
        *("次条によります。", "以下「本契約」といいます。", "100円以下とします。", "以下同じとします。"),
        *("次の営業日とします。", "取次の手続をします。", "目次のとおりです。", "次の支払期日に支払います。"),
        *("次の更新日までとします。", "次の請求書で精算します。", "次の締日に計上します。"),
    ],
)
def test_numbers_below_any_other_sentence_are_paragraphs(sentence: str) -> None:
    text = f"# 見本規約\n\n## 第1条（料金）\n\n{sentence}\n\n2. 二つ目です。\n3. 三つ目です。"
    assert [paragraph.number for paragraph in terms_of(text).articles[0].paragraphs] == [None, 2, 3]


@pytest.mark.parametrize(
    ("first", "second", "labels"),
    [
        ("⑴　", "⑵　", ["(1)", "(2)"]),
        ("⒈ ", "⒉ ", ["1.", "2."]),
        ("㈠", "㈡", ["(一)", "(二)"]),
        ("i. ", "ii. ", ["i.", "ii."]),
        ("ⅰ ", "ⅱ ", ["i.", "ii."]),
        ("ii) ", "iii) ", ["ii)", "iii)"]),
        ("一、", "二、", ["一", "二"]),
        ("一. ", "二. ", ["一", "二"]),
        ("壱. ", "弐. ", ["一", "二"]),
        ("ア、", "イ、", ["ア", "イ"]),
        ("ア） ", "イ） ", ["ア", "イ"]),
        ("㋐ ", "㋑ ", ["ア", "イ"]),
        ("あ．", "い．", ["あ", "い"]),
        ("Ａ．", "Ｂ．", ["A.", "B."]),
        ("A. ", "B. ", ["A.", "B."]),
        ("ⓐ ", "ⓑ ", ["a.", "b."]),
        ("❶ ", "❷ ", ["①", "②"]),
        ("〔1〕", "〔2〕", ["(1)", "(2)"]),
        ("［１］", "［２］", ["(1)", "(2)"]),
        ("【1】", "【2】", ["(1)", "(2)"]),
        ("第1号　", "第2号　", ["(1)", "(2)"]),
        ("1号 ", "2号 ", ["(1)", "(2)"]),
        ("1、", "2、", ["1.", "2."]),
        ("1: ", "2: ", ["1.", "2."]),
        ("１，", "２，", ["1.", "2."]),
        ("(ⅰ) ", "(ⅱ) ", ["(i)", "(ii)"]),
        ("ｱ) ", "ｲ) ", ["ア", "イ"]),
        ("（ｱ）", "（ｲ）", ["(ア)", "(イ)"]),
        ("Ａ　", "Ｂ　", ["A.", "B."]),
        ("〈1〉", "〈2〉", ["(1)", "(2)"]),
        ("＜１＞", "＜２＞", ["(1)", "(2)"]),
        ("①．", "②．", ["①", "②"]),
        ("壹、", "貳、", ["一", "二"]),
        ("▪ ", "▪ ", ["・", "・"]),
        ("→ ", "→ ", ["・", "・"]),
        ("※", "※", ["※", "※"]),
        ("－ ", "－ ", ["・", "・"]),
        ("○ ", "○ ", ["・", "・"]),
    ],
)
def test_labels_of_items_are_read(first: str, second: str, labels: list[str]) -> None:
    text = (
        f"見本規約\n第1条（届出）\n契約者は、次の各号を届け出ます。\n"
        f"{first}商号\n{second}住所\n第2条（管轄）\n東京とします。"
    )
    (paragraph,) = terms_of(text).articles[0].paragraphs
    assert paragraph.text == "契約者は、次の各号を届け出ます。"
    assert [item.label for item in paragraph.items] == labels
    assert [item.text for item in paragraph.items] == ["商号", "住所"]


def test_the_rest_of_a_broken_word_is_no_label() -> None:
    line = "契約者は、当社が別に定める手続によって、電話機その他の通信に用いるデバ"
    text = f"見本規約\n第1条（届出）\n{line}\nイ、回線及び番号を届け出ます。\n" + f"{line[:-2]}端末\n" * 8
    assert not terms_of(text).articles[0].paragraphs[0].items


@pytest.mark.parametrize("unit", ["{} 項.　", "{}項　", "第{}項　", "第 {} 項．", "{}項："])
def test_the_unit_of_a_paragraph_is_no_text(unit: str) -> None:
    one, two, three = (unit.format(number) for number in (1, 2, 3))
    text = (
        f"# 見本規約\n\n## 第 1 条　停止\n\n{one}次のいずれかの場合に停止できます。\n"
        f"\n1.　規約に反した場合\n\n2.　{LONG}\n\n"
        f"{two}前項の停止は書面で知らせます。\n\n{three}前二項は解除を妨げません。"
    )
    assert shape(terms_of(text).articles[0]) == [
        (1, "次のいずれかの場合に停止できます。"),
        ("1.", "規約に反した場合"),
        ("2.", LONG),
        (2, "前項の停止は書面で知らせます。"),
        (3, "前二項は解除を妨げません。"),
    ]


def test_a_paragraph_cited_at_the_head_of_a_line_is_text() -> None:
    text = "見本規約\n第1条（停止）\n停止できます。\n第2項の場合を除きます。\n第2条（管轄）\n東京とします。"
    assert len(terms_of(text).articles[0].paragraphs) == 1


@pytest.mark.parametrize(
    "number",
    ["２．１０日を過ぎて届いたものは翌月の扱いとします。", "2.10日を過ぎて届いたものは翌月の扱いとします。"],
)
def test_a_paragraph_that_begins_with_a_figure_is_one(number: str) -> None:
    text = f"見本規約\n第1条（届出）\n１．届出は毎月10日までとします。\n{number}"
    assert shape(terms_of(text).articles[0])[-1] == (2, number[2:])


# Lists that count themselves


def test_a_list_whose_numbers_repeat_is_counted_on_by_indentation() -> None:
    text = (
        "# 見本規約\n\n## 第1条（管轄）\n1. 東京とします。\n1. 前項は、次の場合を除きます。\n"
        "\t1. 少額のとき\n\t1. 合意があるとき\n1. 第2項の合意は書面によります。"
    )
    imported = import_text(text)
    assert shape(imported.terms.articles[0]) == [
        (1, "東京とします。"),
        (2, "前項は、次の場合を除きます。"),
        ("1.", "少額のとき"),
        ("2.", "合意があるとき"),
        (3, "第2項の合意は書面によります。"),
    ]
    assert [(note.line, note.kind, note.subject) for note in imported.notes] == [
        (5, NoteKind.COUNTED_ON, "1. → 2."),
        (7, NoteKind.COUNTED_ON, "1. → 2."),
        (8, NoteKind.COUNTED_ON, "1. → 3."),
    ]


@pytest.mark.parametrize("heading", ["料金表", "　　　附則", "別紙1 料金", "（料金）"])
def test_the_numbers_of_an_annex_begin_anew(heading: str) -> None:
    article = "第1条（管轄）\n1. 東京とします。\n2. 協議します。"
    text = f"見本規約\n{article}\n\n{heading}\n1. 一つ目です。\n2. 二つ目です。"
    assert import_text(text).notes == ()


def test_heads_of_pages_are_known_where_only_page_numbers_divide_them() -> None:
    head = "「見本」契約約款　２０２６年４月版"
    pages = [
        "見本約款\n第1条（目的）\n1. この約款は、提供の条件を定めるものとし、",
        f"１／３\n\n{head}\n利用の条件をも定めます。\n2. 条件は変えることがあります。",
        f"２／３\n\n{head}\n3. 変えるときは知らせます。\n３／３",
    ]
    imported = import_text("\n\n".join(pages))
    assert [paragraph.text for paragraph in imported.terms.articles[0].paragraphs] == [
        "この約款は、提供の条件を定めるものとし、利用の条件をも定めます。",
        "条件は変えることがあります。",
        "変えるときは知らせます。",
    ]
    assert [item.text for item in imported.furniture].count(head) == 2


def test_items_below_an_announcement_may_count_as_the_paragraphs_do() -> None:
    text = (
        "見本規約\n第1条（解除）\n1. 次の各号の場合に解除します。\n"
        "1. 不払い\n2. 破産\n2. 解除は書面によります。"
    )
    assert shape(terms_of(text).articles[0]) == [
        (1, "次の各号の場合に解除します。"),
        ("1.", "不払い"),
        ("2.", "破産"),
        (2, "解除は書面によります。"),
    ]


def test_the_same_label_below_a_table_is_text() -> None:
    table = "<table><tr><td>甲</td></tr></table>"
    text = f"見本規約\n第1条（目的）\n一　見本\n{table}\n一　見本"
    assert shape(terms_of(text).articles[0]) == [(None, ""), ("一", "見本"), (None, "一\u3000見本")]


# Laws


def test_headings_of_every_depth_stand_above_articles() -> None:
    text = (
        "見本規程\n第一章　総則\n第一節　契約\n第一款　成立\n第一目　申込み\n"
        "第一条　申込みは書面による。\n第二目　承諾\n第二条　承諾は書面による。"
    )
    assert [article.chapter.split("\n")[-1] for article in terms_of(text).articles] == [
        "第一目 申込み",
        "第二目 承諾",
    ]


# Bounds


def test_items_too_deep_to_read_are_refused() -> None:
    text = HEAD + "第2条（表）\n次の各号とします。\n" + "".join(f"{' ' * depth}- あ\n" for depth in range(30))
    assert reasons(text) == ["too_deep"]


def test_a_table_too_large_to_read_is_refused() -> None:
    cells = "<td colspan=50 rowspan=50>あ</td>" * 10
    assert reasons(f"{HEAD}<table>{f'<tr>{cells}</tr>' * 10}</table>") == ["table_too_large"]


GROWING = {
    "blanks": "あ" + " " * 10,
    "ideographic blanks": "\u3000" * 10,
    "marks of bold text": "**a ",
    "lines of one letter": "あ\n",
    "citations": "第1条第2項及び",
    "tags that don't close": "<table",
    "tables": "<table><tr><td>あ</td></tr></table>\n",
    "nested tables": "<table><tr><td>",
    "labels that repeat": "(1) あ\n",
    "titles": "（あ）\n",
    "annexes": "以上\n別紙 料金\n本文\n",
    "headings": "## あ\n",
    "rows": "| あ | い |\n",
}


@pytest.mark.parametrize("piece", GROWING.values(), ids=GROWING)
def test_the_work_grows_with_the_length_of_the_text(piece: str) -> None:
    once, twice = (
        steps(partial(import_text, HEAD + piece * count), TermsImportError) for count in (400, 800)
    )
    assert twice <= once * 2.2
