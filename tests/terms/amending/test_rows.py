"""What the rows of a comparison table do to the version before, however such tables are written."""

import difflib

import pytest

from contracts.problems.reasons import Reason
from contracts.terms.amending import StepKind, amend
from contracts.terms.importing import TermsImportError
from contracts.terms.markdown import parse, render

OLD = """# 見本約款

> 前文です。

## 第1章 総則

### 第1条（目的）
この約款は、条件を定めます。

### 第2条（定義）
用語は、次の各号のとおりとします。
   - (1) 契約者　申し込んだ者
   - (2) 料金　支払う金銭
   - (3) 利用　使うこと

## 第2章 料金

### 第3条（料金）
1. 料金は月額1,000円とします。
2. 料金は翌月末日までに支払います。ただし、休日のときは翌営業日とします。
3. 端数は切り捨てます。
4. 支払いは次のいずれかによります。
   - (1) 振込
   - (2) 口座振替

### 第4条（解約）
1. 契約者は、1か月前までに解約を申し出ます。
2. 前項の申出は書面によります。

### 第5条（管轄）
東京地方裁判所とします。

## 別紙1 料金表 {#sheet-1}
| 品目 | 円 |
|---|---|
| 基本 | 1,000 |
| 追加 | 500 |

## 附則 {#suppl}
この約款は、2026年4月1日から実施します。
"""
TOKYO, OSAKA = "東京地方裁判所とします。", "大阪地方裁判所とします。"


def table(*rows: tuple[str, ...], heads: tuple[str, ...] = ("現行", "改定後")) -> str:
    lines = [heads, tuple("---" for _head in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def changes(text: str) -> list[str]:
    """The lines of the old version that go (-) and those that come (+)."""
    amended = render(amend(parse(OLD), text).terms)
    before = render(parse(OLD)).split("\n")
    found = difflib.unified_diff(before, amended.split("\n"), n=0, lineterm="")
    return [line for line in found if line[0] in "+-" and line[:2] not in ("++", "--") and line[1:].strip()]


def not_placed(text: str) -> list[tuple[int, str, str]]:
    found = amend(parse(OLD), text).not_placed
    return [(item.line, item.text, item.reason.key) for item in found]


PLACE_OF_COURT = [f"-{TOKYO}", f"+{OSAKA}"]


@pytest.mark.parametrize(
    "heads",
    [
        ("現行", "改定後"),
        ("旧", "新"),
        ("改定前", "改定後"),
        ("改正前", "改正後"),
        ("変更前", "変更後"),
        ("現　行", "改　定　案"),
        ("現行規約", "新規約"),
        ("**旧約款**", "**新約款**"),
        ("現行（第1版）", "改定後（2027年4月1日施行）"),
        ("旧条文", "新条文"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_columns_may_be_called_and_ordered_otherwise(heads: tuple[str, str], turned: bool) -> None:
    rows = [heads, (f"第5条（管轄）<br>{TOKYO}", f"第5条（管轄）<br>{OSAKA}")]
    head, *others = [tuple(reversed(row)) if turned else row for row in rows]
    assert changes(table(*others, heads=head)) == PLACE_OF_COURT


@pytest.mark.parametrize(
    "text",
    [
        table(("第5条（管轄）", "第5条（管轄）"), (TOKYO, OSAKA)),
        table(("第５条　管轄", "第５条　管轄"), (TOKYO, f"<u>大阪</u>{OSAKA[2:]}")),
        table((TOKYO, f"**大阪**{OSAKA[2:]}")),
        table(("第5条", TOKYO, OSAKA), heads=("条項", "現行", "改定後")),
        table(("（略）", "（略）"), (f"（管轄）<br>第5条<br>{TOKYO}", f"（管轄）<br>第5条<br>{OSAKA}")),
        table((f"第5条（管轄） {TOKYO}", f"第5条（管轄） {OSAKA}", "移転のため"), heads=("旧", "新", "理由")),
        f"## 第5条（管轄）\n\n{table((TOKYO, OSAKA))}",
        f"現行\t改定後\n(略)\t(略)\n第5条（管轄）\t第5条（管轄）\n{TOKYO}\t{OSAKA}\n(以下略)\t(以下略)",
        "<table><tr><th>現行</th><th>改定後</th></tr>"
        f"<tr><td>第5条（管轄）<br>{TOKYO}</td><td>第5条（管轄）<br><u>大阪</u>{OSAKA[2:]}</td></tr></table>",
        "<table><tr><td><p>旧</p></td><td><p>新</p></td></tr>"
        f"<tr><td><p>第5条（管轄）</p><p>{TOKYO}</p></td><td><p>第5条（管轄）</p><p>{OSAKA}</p></td></tr></table>",
        f"{table(('第5条（管轄）', '第5条（管轄）'))}\n\n{table((TOKYO, OSAKA))}",
        table(
            ("第5条（管轄）<br>東京地方裁判所と<br>します。", "第5条（管轄）<br>大阪地方裁判<br>所とします。")
        ),
    ],
)
def test_a_changed_text_is_found_however_it_is_shown(text: str) -> None:
    assert changes(text) == PLACE_OF_COURT
    assert not_placed(text) == []


OF_CHARGES = "第3条（料金）"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [
                (f"{OF_CHARGES}<br>1.（略）", f"{OF_CHARGES}<br>1.（変更なし）"),
                ("（新設）", "２．税は別とします。"),
                ("２．（略）", "３．（略）"),
                ("３～４（略）", "４～５（略）"),
            ],
            ["+2. 税は別とします。", "3.", "4.", "5."],
        ),
        (
            [(f"{OF_CHARGES}<br>（新設）", f"{OF_CHARGES}<br>2 税は別とします。")],
            ["+2. 税は別とします。", "3.", "4.", "5."],
        ),
        (
            [(OF_CHARGES, OF_CHARGES), ("3. 端数は切り捨てます。", "（削除）"), ("4.（略）", "3.（略）")],
            ["-3. 端数", "3."],
        ),
        (
            [(f"{OF_CHARGES}<br>(略)<br>(新設)", f"{OF_CHARGES}<br>(略)<br>5. 税は別です。")],
            ["+5. 税は別です。"],
        ),
    ],
)
def test_paragraphs_are_added_taken_out_and_renumbered(
    rows: list[tuple[str, str]], expected: list[str]
) -> None:
    numbers = [part for part in expected if part[0] not in "+-"]
    found = changes(table(*rows))
    for part in expected:
        if part[0] in "+-":
            assert any(line.startswith(part) for line in found)
    amended = amend(parse(OLD), table(*rows)).terms.article("3")
    assert amended is not None
    count = 4 + sum(part[0] == "+" for part in expected) - sum(part[0] == "-" for part in expected)
    assert [paragraph.number for paragraph in amended.paragraphs] == list(range(1, count + 1))
    assert [item.text for item in amended.paragraphs[-1].items or amended.paragraphs[-2].items] == [
        "振込",
        "口座振替",
    ]
    assert not_placed(table(*rows)) == []
    assert all(any(line.startswith(f"+{number}") for line in found) for number in numbers)


@pytest.mark.parametrize(
    ("old", "new", "labels"),
    [
        (
            "（略）<br>(2) 料金　支払う金銭<br>(3) 利用　使うこと",
            "（略）<br>（削除）<br>(2) 利用　使うこと",
            ["(1)", "(2)"],
        ),
        ("(1)～(3)（略）<br>（新設）", "(1)～(3)（略）<br>(4) 回線　通信回線", ["(1)", "(2)", "(3)", "(4)"]),
        (
            "（新設）<br>(2) 料金　支払う金銭",
            "(2) 会員　登録した者<br>(3) 料金　支払う金銭",
            ["(1)", "(2)", "(3)", "(4)"],
        ),
        (
            "(3) 利用　使うこと",
            "(3) 利用　使うこと<br>イ　直接に使うこと<br>ロ　人に使わせること",
            ["(1)", "(2)", "(3)"],
        ),
        ("⑵　料金　支払う金銭", "⑵　料金　支払う金額", ["(1)", "(2)", "(3)"]),
        ("二　料金　支払う金銭", "(2) 料金　支払う金額", ["(1)", "(2)", "(3)"]),
    ],
)
def test_items_are_added_taken_out_and_renumbered(old: str, new: str, labels: list[str]) -> None:
    text = table((f"第2条（定義）<br>{old}", f"第2条（定義）<br>{new}"))
    article = amend(parse(OLD), text).terms.article("2")
    assert article is not None
    (paragraph,) = article.paragraphs
    assert [item.label for item in paragraph.items] == labels
    assert not_placed(text) == []


def numbers(text: str) -> list[str]:
    return [f"{article.number} {article.title}" for article in amend(parse(OLD), text).terms.articles]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [("（新設）", "第4条の2（中途解約）<br>解約できます。")],
            ["1 目的", "2 定義", "3 料金", "4 解約", "4の2 中途解約", "5 管轄"],
        ),
        ([("第4条（解約）（略）", "（削除）")], ["1 目的", "2 定義", "3 料金", "5 管轄"]),
        ([("第4条（解約）<br>（略）", "第4条　削除")], ["1 目的", "2 定義", "3 料金", "4 ", "5 管轄"]),
        ([("第4条（解約）", "第4条（削除）")], ["1 目的", "2 定義", "3 料金", "4 ", "5 管轄"]),
        (
            [("第4条（解約）（略）<br>第5条（管轄）（略）", "第4条及び第5条　削除")],
            ["1 目的", "2 定義", "3 料金", "4 ", "5 "],
        ),
        (
            [("（新設）", "第4条（停止）<br>停止できます。"), ("第4条～第5条（略）", "第5条～第6条（略）")],
            ["1 目的", "2 定義", "3 料金", "4 停止", "5 解約", "6 管轄"],
        ),
        (
            [
                ("（新設）", "第4条（停止）<br>停止できます。"),
                ("第4条（解約）<br>（略）", "第5条（解約）<br>（略）"),
                ("第5条（管轄）", "第6条（裁判所）"),
            ],
            ["1 目的", "2 定義", "3 料金", "4 停止", "5 解約", "6 裁判所"],
        ),
    ],
)
def test_articles_are_added_deleted_and_renumbered(rows: list[tuple[str, str]], expected: list[str]) -> None:
    assert numbers(table(*rows)) == expected
    assert not_placed(table(*rows)) == []


def test_a_sentence_of_which_the_middle_is_left_out_keeps_it() -> None:
    text = table(
        (
            "第3条（料金）<br>2. 料金は（略）支払います。ただし、休日のときは翌営業日とします。",
            "第3条（料金）<br>2. 料金は（略）支払います。ただし、休日のときは前営業日とします。",
        )
    )
    assert changes(text)[1] == "+2. 料金は翌月末日までに支払います。ただし、休日のときは前営業日とします。"


def test_a_sentence_that_a_page_break_cuts_is_one() -> None:
    first = ("第3条（料金）<br>2. 料金は翌月末日までに", "第3条（料金）<br>2. 料金は翌々月末日までに")
    second = ("支払います。ただし、休日のときは翌営業日とします。<br>3. 端数は切り捨てます。",) * 2
    text = f"{table(first)}\n\n{table(second)}"
    assert changes(text)[1] == "+2. 料金は翌々月末日までに支払います。ただし、休日のときは翌営業日とします。"
    assert not_placed(text) == []


def test_rows_of_price_tables_headings_of_chapters_and_titles_are_changed() -> None:
    assert changes(table(("別紙1 料金表<br>基本｜1,000", "別紙1 料金表<br>基本｜1,200"))) == [
        "-| 基本 | 1,000 |",
        "+| 基本 | 1,200 |",
    ]
    assert changes(table(("第2章 料金", "第2章 料金及び支払"))) == [
        "-## 第2章 料金",
        "+## 第2章 料金及び支払",
    ]
    assert changes(table(("見本約款", "新見本約款"), ("前文です。", "新しい前文です。"))) == [
        "-# 見本約款",
        "+# 新見本約款",
        "-> 前文です。",
        "+> 新しい前文です。",
    ]


def test_a_new_supplementary_provision_keeps_its_own_articles() -> None:
    text = table(
        ("（略）", "（略）"), ("（新設）", "附則（2027年4月1日）<br>第1条（実施期日）<br>実施します。")
    )
    annex = amend(parse(OLD), text).terms.annexes[-1]
    assert (annex.key, annex.title) == ("suppl-2", "附則（2027年4月1日）")
    assert [(clause.heading, clause.text) for clause in annex.clauses] == [
        ("第1条（実施期日）", "実施します。")
    ]


def test_only_the_paragraph_goes_that_stands_beside_the_mark() -> None:
    text = table(("第4条（解約）<br>2. 前項の申出は書面によります。", "第4条（解約）<br>（削除）"))
    assert changes(text) == ["-2. 前項の申出は書面によります。"]


# Nothing is silent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            table(("第5条（管轄）<br>福岡簡易の管轄に属する。", f"第5条（管轄）<br>{OSAKA}")),
            [(3, "福岡簡易の管轄に属する。", "old_text_not_found"), (3, OSAKA, "counterpart_not_found")],
        ),
        (table(("第9条（委託）<br>委託します。", "（削除）")), [(3, "第9条（委託）", "no_such_part")]),
        (
            table(("（新設）", "第5条（通知）<br>通知します。")),
            [(3, "第5条（通知）", "number_taken"), (3, "通知します。", "number_taken")],
        ),
        (table(("第2章 料金", "（削除）")), [(3, "第2章 料金", "chapter_with_articles")]),
        (table(("（新設）", "第9章 その他")), [(3, "第9章 その他", "chapter_without_articles")]),
        (table(("第4条<br>7.（略）", "第4条<br>8.（略）")), [(3, "7.（略）", "omitted_not_found")]),
        (f"{table((TOKYO, OSAKA))}\n\n2027年4月1日改定", [(5, "2027年4月1日改定", "outside_the_table")]),
        (f"{table((TOKYO, OSAKA))}\n| 余 | り | 物 |", [(4, "余 り 物", "outside_the_table")]),
        (
            table(("第5条（管轄）", "第5条（管轄）"), (TOKYO.replace("東京", "東京の"), OSAKA)),
            [(4, TOKYO.replace("東京", "東京の"), "old_text_differs")],
        ),
    ],
)
def test_what_has_no_place_is_listed_with_its_line(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert not_placed(text)[: len(expected)] == expected


def test_what_is_no_comparison_table_is_refused() -> None:
    for text in ("", "第1条（目的）\n定めます。", "| 品目 | 円 |\n|---|---|\n| 甲 | 5 |"):
        with pytest.raises(TermsImportError) as refused:
            amend(parse(OLD), text)
        (problem,) = refused.value.problems
        assert problem.reason == Reason("no_comparison_table")


def test_each_change_says_its_line_and_its_place() -> None:
    text = table(
        ("第3条（料金）", "第3条（料金）"),
        ("1. 料金は月額1,000円とします。", "1. 料金は月額1,200円とします。"),
    )
    (step,) = amend(parse(OLD), text).steps
    assert (step.line, step.kind, step.at) == (4, StepKind.CHANGED, "第3条第1項")
