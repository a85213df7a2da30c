"""Whole comparison tables: what they make of the old version is the new one."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.terms.amending import amend
from contracts.terms.compare.fold import fold
from contracts.terms.compare.published_table import read_published_table
from contracts.terms.compare.rows import Row, compare
from contracts.terms.importing import TermsImportError
from contracts.terms.lines import escape_cell
from contracts.terms.markdown import parse, render
from contracts.terms.tree import Article, Paragraph, Terms
from portal.catalog import CATALOG
from tests.properties import examples
from tests.reference import reference_file
from tests.steps import steps

OURS = Path(__file__).parents[1] / "importing" / "texts" / "comparison_table.txt"


def as_table(rows: tuple[Row, ...]) -> str:
    """Our own comparison table as Markdown, as Word and PDF files give theirs."""
    cells = [("条", "旧", "新", "備考"), ("---",) * 4]
    lines = [*cells, *((row.article, row.old, row.new, row.remark) for row in rows)]
    head, rule, *others = lines
    written = ["|".join(head), "|".join(rule), *("|".join(map(escape_cell, line)) for line in others)]
    return "\n".join(f"|{line}|" for line in written)


def catalog_text(name: str) -> Terms:
    return parse((CATALOG / f"{name}.md").read_text(encoding="utf-8"))


VERSIONS = [
    ("desknets/14", "desknets/15"),
    ("progoffice/2016-03-01", "progoffice/2020-08-14"),
    ("partner-cloud-e/1.0", "partner-cloud-e/1.1"),
]


@pytest.mark.parametrize(("old", "new"), [*VERSIONS, *(tuple(reversed(pair)) for pair in VERSIONS)])
def test_the_table_of_two_versions_makes_the_one_of_the_other(old: str, new: str) -> None:
    before, after = catalog_text(old), catalog_text(new)
    table = compare(before, after)
    made = amend(before, as_table(table))
    assert made.terms == after
    assert made.not_placed == ()
    assert compare(before, made.terms) == table


def whole(terms: Terms) -> Terms:
    """A side of a published table with texts of ours in place of what it leaves out."""
    articles = (
        Article(article.number, f"見本{article.number}", "", (Paragraph(1, f"{article.number}の本文です。"),))
        if article.paragraphs == (Paragraph(None, "（略）"),)
        else article
        for article in terms.articles
    )
    annexes = tuple(annex for annex in terms.annexes if not annex.key.startswith("left-out"))
    return Terms(terms.title, terms.preamble, tuple(articles), annexes)


@pytest.mark.parametrize("source", ["ours", pytest.param("003", marks=pytest.mark.reference)])
def test_a_published_table_makes_the_new_version(source: str) -> None:
    file = OURS if source == "ours" else reference_file("seeds/003_*.txt")
    text = file.read_text(encoding="utf-8")
    sides = read_published_table(text)
    before, after = whole(sides.old), whole(sides.new)
    made = amend(before, text)
    assert [item.text for item in made.not_placed] == ["以上"]
    assert {row.remark for row in compare(after, made.terms)} == {"（略）"}
    assert [annex.title for annex in made.terms.annexes] == [annex.title for annex in after.annexes]
    theirs = [(fold(row.new), fold(row.old)) for row in compare(before, after)]
    assert [(fold(row.new), fold(row.old)) for row in compare(before, made.terms)] == theirs


SENTENCES = [
    "料金を支払います。",
    "解約できます。",
    "通知します。",
    "端数は切り捨てます。",
    "届け出ます。",
    "停止します。",
]


@st.composite
def simple_terms(draw: st.DrawFn) -> Terms:
    """Articles with numbered paragraphs, each of its own text."""
    numbers = draw(st.lists(st.integers(1, 9), unique=True, min_size=1, max_size=6))
    articles = []
    for number in sorted(numbers):
        count = draw(st.integers(1, 4))
        texts = [f"{draw(st.sampled_from(SENTENCES))[:-1]}（{number}の{place}）。" for place in range(count)]
        paragraphs = "\n".join(f"{place}. {text}" for place, text in enumerate(texts, start=1))
        articles.append(f"### 第{number}条（題{number}）\n{paragraphs}")
    return parse("# 見本約款\n\n" + "\n\n".join(articles) + "\n")


@settings(deadline=None, max_examples=examples(60))
@given(simple_terms(), simple_terms())
def test_whatever_changes_the_table_of_it_makes_it(before: Terms, after: Terms) -> None:
    made = amend(before, as_table(compare(before, after)))
    assert made.terms == after
    assert made.not_placed == ()


CELLS = [
    *(
        "第1条（目的）",
        "第2条（定義）",
        "第9条（見本）",
        "第3条　削除",
        "第2条～第3条（略）",
        "第1章 総則",
        "附則",
        "別紙1 料金",
    ),
    *(
        "（略）",
        "（新設）",
        "（削除）",
        "（変更なし）",
        "同左",
        "1.（略）",
        "2～3（略）",
        "(1)～(2)（略）",
        "",
    ),
    *(
        "1. 一項です。",
        "2. 二項です。",
        "3 三項です。",
        "(1) 一号",
        "(2) 二号",
        "イ 細目",
        "本文です。",
        "続く",
    ),
    *("基本｜1,000", "（端数）", "前（略）後", "第1条第2項の規定", "見本約款", "\\|", "<u>線</u>"),
]
TOLD = ["1. 一項です。", "2. 二項です。", "(1) 一号", "本文です。", "第9条（見本）"]
FORMS = ["| {} | {} |", "{}\t{}", "<table><tr><td>{}</td><td>{}</td></tr></table>"]


@settings(deadline=None, max_examples=examples(200))
@given(
    st.lists(
        st.tuples(st.sampled_from(FORMS), *[st.lists(st.sampled_from(CELLS), max_size=3)] * 2), max_size=8
    ),
    st.sampled_from(["| 旧 | 新 |", "改定後\t現行", "<table><tr><th>旧</th><th>新</th></tr></table>", ""]),
)
def test_whatever_stands_in_a_table_it_is_taken_listed_or_refused(
    rows: list[tuple[str, list[str], list[str]]], head: str
) -> None:
    old = parse(
        "# 見本約款\n\n## 第1章 総則\n\n### 第1条（目的）\n1. 一項です。\n   - (1) 一号\n2. 二項です。\n\n"
        "### 第2条（定義）\n本文です。\n\n## 附則 {#suppl}\n実施します。\n"
    )
    lines = [form.format("<br>".join(before), "<br>".join(after)) for form, before, after in rows]
    try:
        made = amend(old, "\n".join([head, *lines]))
    except TermsImportError as refused:
        assert refused.problems
        return
    assert all(item.text and item.line for item in made.not_placed)
    kept = fold(
        render(made.terms) + "".join(item.text for item in made.not_placed) if made.terms.articles else ""
    )
    for _form, before, after in rows if made.terms.articles else ():
        shown = before if head.startswith("改定後") else after
        assert all(fold(text) in kept for text in shown if text in TOLD)
    assert len({article.number for article in made.terms.articles}) == len(made.terms.articles)


GROWING = {
    "rows": "| 1. 一項です。 | 1. 二項です。 |\n",
    "rows without counterpart": "| （新設） | (9) あ |\n",
    "left out": "| （略） | （略） |\n",
    "new articles": "| （新設） | 第7条の2（題）<br>本文です。 |\n",
    "lines of a cell": "| あ<br>い | う<br>え |\n",
}


@pytest.mark.parametrize("piece", GROWING.values(), ids=GROWING)
def test_the_work_grows_with_the_length_of_the_table(piece: str) -> None:
    old = parse(
        "# 見本約款\n\n### 第1条（目的）\n" + "\n".join(f"{n}. {n}項です。" for n in range(1, 200)) + "\n"
    )
    head = "| 旧 | 新 |\n|---|---|\n| 第1条（目的） | 第1条（目的） |\n"
    once, twice = (steps(partial(amend, old, head + piece * count)) for count in (200, 400))
    assert twice <= once * 2.2
