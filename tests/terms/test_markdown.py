import pytest
from hypothesis import HealthCheck, given, settings

from contracts.problems.reasons import Reason
from contracts.terms.markdown import TermsProblem, TermsSyntaxError, parse, render
from contracts.terms.numbering import ArticleNumber
from contracts.terms.references import Missing, dangling_references
from contracts.terms.tree import Annex, Article, Item, Paragraph, Table, Terms
from tests.properties import examples
from tests.terms.any_terms import terms_texts


@settings(deadline=None, max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])
@given(terms_texts())
def test_a_rendered_tree_reads_back_as_the_same_tree(terms: Terms) -> None:
    assert parse(render(terms)) == terms


TEXT = """\
# 見本約款

> 見本文です。
> 二行目です。

## 第1章 総則

### 第十二条（契約者の氏名（名称）の変更）
1. 最初の項
   続きの行
   - (１) 一つ目
     その続き
      - イ 細目
   - （2） 二つ目
2. 次の項

### 第 3 条 適用
番号のない項

もう一つの項

## 料金表 {#list-1}
前書き
| 品目 | 円 |
|---|---|
| a\\|b | 5 |
"""


def test_the_format_reads_into_the_tree() -> None:
    terms = parse(TEXT)
    assert terms.title == "見本約款"
    assert terms.preamble == "見本文です。\n二行目です。"
    assert terms.articles[0] == Article(
        ArticleNumber(12),
        "契約者の氏名（名称）の変更",
        "第1章 総則",
        (
            Paragraph(
                1,
                "最初の項\n続きの行",
                (Item("(1)", "一つ目\nその続き", (Item("イ", "細目"),)), Item("(2)", "二つ目")),
            ),
            Paragraph(2, "次の項"),
        ),
    )
    assert terms.articles[1].paragraphs == (Paragraph(None, "番号のない項"), Paragraph(None, "もう一つの項"))
    table = Table(("品目", "円"), (("a|b", "5"),))
    assert terms.annexes == (Annex("list-1", "料金表", (Paragraph(None, "前書き", (), (table,)),)),)


def test_every_non_blank_line_of_the_text_is_in_the_rendered_text() -> None:
    assert render(parse(TEXT)).count("\n") >= len([line for line in TEXT.splitlines() if line])


def test_windows_line_ends_and_byte_order_mark_read_the_same() -> None:
    assert parse("\ufeff" + TEXT.replace("\n", "\r\n")) == parse(TEXT)


EXTRAS = """\
# 見本約款
## 第1章 総則
## 第1節 通則
### 第1条（目的）
・本文
   - ・ 一つ目
   - ・ 二つ目

## 第2節 細則
### 第〇条（禁止行為）
本文

## 附則 {#suppl}
#### 第1条（実施期日）
1. 本文
| a<br>b | \\<br> |

   - (1) 表の後
#### 第2条（経過措置）
1. 本文
"""


def test_sections_open_numbers_small_headings_and_items_after_tables_have_their_place() -> None:
    terms = parse(EXTRAS)
    assert [(str(article.number), article.chapter) for article in terms.articles] == [
        ("1", "第1章 総則\n第1節 通則"),
        ("〇", "第1章 総則\n第2節 細則"),
    ]
    assert [item.label for item in terms.articles[0].paragraphs[0].items] == ["・", "・"]
    assert terms.articles[1].number.irregular
    assert terms.articles[1].number.label_ja() == "第〇条"
    assert terms.annexes[0].clauses == (
        Paragraph(1, "本文", (), (Table((), (("a\nb", "<br>"),)),), "第1条（実施期日）"),
        Paragraph(None, "", (Item("(1)", "表の後"),)),
        Paragraph(1, "本文", heading="第2条（経過措置）"),
    )
    assert render(terms).count("## 第1章 総則") == 1


ARTICLE = "# 題\n### 第1条（目的）\n"


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("### 第1条（目的）\n本文", 1, "no title"),
        ("# 題\n# 題", 2, "one title only"),
        ("# 題\n本文", 2, "outside of an article"),
        ("# 題\n## 第1章 総則\n本文\n### 第1条\n本文", 3, "outside of an article"),
        ("# 題\n## 第1章 総則\n## 第2章 契約\n### 第1条\n本文", 2, "no article stands under 第1章"),
        ("# 題\n## 総則\n", 2, "is a chapter"),
        ("# 題\n## 別記 {#List}\n本文", 2, "a key like"),
        ("# 題\n### 総則\n", 2, "is an article"),
        ("# 題\n### 第十十条（目的）\n本文", 2, "can't be read"),
        ("# 題\n##### 第1条\n", 2, "one to four"),
        ("# 題\n#### 題\n", 2, "inside an article or annex"),
        ("# 題\n### 第0条（題）\n本文", 2, "start at 1"),
        ("# 題\n### 第〇条（題）\n本文\n### 第〇条（題）\n本文", 4, "第〇条 already stands in line 2"),
        ("# 題\n###第1条\n", 2, "needs a space"),
        (ARTICLE, 2, "has no text"),
        (ARTICLE + "本文\n### 第１条（別）\n本文", 4, "第1条 already stands in line 2"),
        (ARTICLE + "本文\n## 付則 {#s}\n本文\n## 付則 {#s}\n本文", 6, "annex s already stands in line 4"),
        (ARTICLE + "本文\n## 付則 {#s}\n本文\n### 第2条\n本文", 6, "before the annexes"),
        (ARTICLE + "本文\n## 表 {#list}\n1. 一\n## 表 {#list-1}\n本文", 6, "also reads as clause 1"),
        (ARTICLE + "本文\n> 引用", 4, "is the preamble"),
        (ARTICLE + "1. 本文\n1. 本文", 4, "stands twice"),
        (ARTICLE + "1. 本文\n  2. 本文", 4, "beginning of the line"),
        (ARTICLE + "1. ", 3, "a number from 1 and a text"),
        (ARTICLE + "本文\n   - (1) あ\n   - （１） い", 5, "item (1) stands twice"),
        (ARTICLE + "本文\n   - (1) あ\n      - イ い\n    - ロ う", 6, "none of the items"),
        (ARTICLE + "本文\n   - (1)", 4, "needs a text"),
        (ARTICLE + "本文\n\t- (1) あ", 4, "ordinary spaces"),
        (ARTICLE + "本文\n   - (1) あ\n  続き", 5, "continues no text"),
        (ARTICLE + "| a | b |\n|---|---|\n| 1 |", 5, "has 1 cells, the table 2"),
        (ARTICLE + "| a | b |\n|---|", 4, "has 1 cells, the table 2"),
        (ARTICLE + "|---|---|", 3, "below the first row"),
        (ARTICLE + "| a | b", 3, "must end with |"),
        (ARTICLE + "| a |\n- (1) あ", 4, "items stand before the table"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_reason(source: str, line: int, reason: str) -> None:
    with pytest.raises(TermsSyntaxError) as caught:
        parse(source)
    assert [problem.line for problem in caught.value.problems if reason in str(problem.reason)] == [line]


def test_a_number_that_is_too_long_is_text() -> None:
    number = "9" * 5000
    terms = parse(f"# 題\n### 第1条\n{number}. 本文 第{number}条 別紙{number}\n")
    assert terms.articles[0].paragraphs[0].text.startswith(number)
    assert [placed.missing for placed in dangling_references(terms)] == [Missing.ANNEX]


def test_all_problems_are_reported_together_in_order() -> None:
    with pytest.raises(TermsSyntaxError) as caught:
        parse("本文\n### 第1条\n### 第1条\n本文")
    assert [problem.line for problem in caught.value.problems] == [1, 1, 2, 3]
    assert str(caught.value).splitlines()[2] == str(TermsProblem(2, Reason("empty_body")))


def test_a_tree_without_a_markdown_form_is_refused() -> None:
    gap = Terms("題", "", (Article(ArticleNumber(1), "目的", "", (Paragraph(1, "一\n\n二"),)),))
    with pytest.raises(ValueError, match="can't be written"):
        render(gap)
    with pytest.raises(ValueError, match="no text"):
        render(Terms("題", "", (Article(ArticleNumber(1), "目的", "", ()),)))
