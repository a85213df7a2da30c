import pytest

from contracts.terms.markdown import parse
from contracts.terms.references import (
    Missing,
    Place,
    all_references,
    dangling_references,
    find_references,
)
from contracts.terms.tree import Terms

TERMS = parse("""\
# 見本約款
### 第1条（目的）
目的の本文。
### 第2条（申込方法）
1. 一項。
2. 二項。
   - (1) 一号
   - (2) 二号
3. 三項。
### 第3条（解約）
一項。
2. 二項。
### 第18条の2（枝番）
本文。
## 別紙1 料金表 {#sheet-1}
1. 一。
2. 二。
""")


def place(article: str, paragraph: int | None = None, item: int | None = None) -> Place:
    body = TERMS.article(article)
    assert body is not None
    return Place(TERMS, body, paragraph, item)


def found(text: str, at: Place) -> list[tuple[str, str | None]]:
    references = find_references(text, at)
    assert all(text[reference.start : reference.end] == reference.text for reference in references)
    return [(reference.text, str(reference.target) if reference.target else None) for reference in references]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第2条第2項に定める", [("第2条第2項", "2-2")]),
        ("第 2 条 （申込方法） 第 2 項第 1 号の", [("第 2 条 （申込方法） 第 2 項第 1 号", "2-2-1")]),
        ("第２条（申込方法）の規定", [("第２条（申込方法）", "2")]),
        ("第十八条の二の定め", [("第十八条の二", "18の2")]),
        ("第2条2項", [("第2条2項", "2-2")]),
        ("第1条第2号", [("第1条第2号", "1-1-2")]),
        ("第2条第2項及び第3項", [("第2条第2項", "2-2"), ("第3項", "2-3")]),
        ("第2条第2項第1号から第2号まで", [("第2条第2項第1号", "2-2-1"), ("第2号", "2-2-2")]),
        ("第2条から第3条まで", [("第2条", "2"), ("第3条", "3")]),
        ("第2条第2項に従い、第2項を", [("第2条第2項", "2-2"), ("第2項", "3-2")]),
        ("第2条の場合、同条第1項は", [("第2条", "2"), ("同条第1項", "2-1")]),
        ("第2条第2項のとき、同項第1号は", [("第2条第2項", "2-2"), ("同項第1号", "2-2-1")]),
        ("前条、次条及び本条", [("前条", "2"), ("次条", "18の2"), ("本条", "3")]),
        ("前項第1号", [("前項第1号", "3-1-1")]),
        ("本条第2項乃至第7項", [("本条第2項", "3-2"), ("第7項", "3-7")]),
        ("前1項", [("前1項", "3-1")]),
        ("本項", [("本項", "3-2")]),
        ("第1項第1号（第2号を除く）", [("第1項第1号", "3-1-1"), ("第2号", "3-1-2")]),
        ("別紙1に定める", [("別紙1", "sheet-1")]),
        ("別紙 ２ を見よ", [("別紙 ２", None)]),
        ("第〇条の行為", [("第〇条", "〇")]),
        ("第3章第2条", [("第2条", "2")]),
    ],
)
def test_references_are_read_as_a_reader_of_law_reads_them(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    assert found(text, place("3", 2)) == expected


def test_the_item_before_is_of_the_same_paragraph() -> None:
    assert found("前号及び次号", place("2", 2, 1)) == [("前号", None), ("次号", "2-2-2")]
    assert found("第2号", place("2", 2, 1)) == [("第2号", "2-2-2")]


@pytest.mark.parametrize(
    "text",
    [
        "消費税法第63条の2に定める",
        "見本に関する法律（平成15年法律第57号。以下同じ。）第23条第4項に定める",
        "「見本ガイドライン（平成16年告示第695号）」第12条に定める",
        "（昭和63年法律第108号）",
        "民法第1条及び第2条第1項",
        "第1版、第2回、3項目",
        "手前の項目",
    ],
)
def test_what_leads_out_of_the_text_is_no_reference(text: str) -> None:
    assert found(text, place("1", 1)) == []


def test_a_title_that_stands_with_the_reference_is_kept() -> None:
    (reference,) = find_references("第2条（申込の方法）第1項", place("3", 1))
    assert reference.quoted_title == "申込の方法"


def terms_saying(text: str) -> Terms:
    return parse(f"# 約款\n### 第1条\n1. {text}\n   - (1) 号\n### 第2条\n本文。")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("第3条", Missing.ARTICLE),
        ("第1条の2", Missing.ARTICLE),
        ("第1条第2項", Missing.PARAGRAPH),
        ("第2条第1項第1号", Missing.ITEM),
        ("前項", Missing.PARAGRAPH),
        ("前条", Missing.PARAGRAPH),
        ("別紙1", Missing.ANNEX),
        ("第1項第1号", None),
        ("第2条第1項", None),
    ],
)
def test_what_leads_nowhere_is_listed_with_its_place_and_reason(text: str, missing: Missing | None) -> None:
    terms = terms_saying(f"この{text}による。")
    (placed,) = [placed for placed in all_references(terms) if placed.reference.text == text]
    assert str(placed.at) == "1-1"
    assert placed.missing == missing
    assert dangling_references(terms) == ((placed,) if missing else ())


def test_references_in_items_tables_and_annexes_are_found() -> None:
    terms = parse("""\
# 約款
### 第1条
1. 本文。
   - (1) 前項の号
| 第9条 |
## 別記 {#general}
1. 前項の一。
2. 前項の二。
""")
    assert [(str(placed.at), placed.reference.text) for placed in all_references(terms)] == [
        ("1-1-1", "前項"),
        ("1-1", "第9条"),
        ("general-1", "前項"),
        ("general-2", "前項"),
    ]
    assert [str(placed.at) for placed in dangling_references(terms)] == ["1-1-1", "1-1", "general-1"]


ANNEXES = parse("""\
# 約款
### 第1条
本文。
## 料金表第1 {#list-1}
1. 前項。
2. 前項、本項、第1項及び第3項。
   - (1) 第2号
   - (2) 前号、同項第1号
## 料金表第2 {#list-2}
1. 一。
2. 二。
""")


def test_a_reference_inside_a_numbered_annex_stays_in_it() -> None:
    assert [
        (str(placed.at), placed.reference.text, str(placed.reference.target), placed.missing)
        for placed in all_references(ANNEXES)
    ] == [
        ("list-1-1", "前項", "None", Missing.PARAGRAPH),
        ("list-1-2", "前項", "list-1-1", None),
        ("list-1-2", "本項", "list-1-2", None),
        ("list-1-2", "第1項", "list-1-1", None),
        ("list-1-2", "第3項", "list-1-3", Missing.PARAGRAPH),
        ("list-1-2-1", "第2号", "list-1-2-2", None),
        ("list-1-2-2", "前号", "list-1-2-1", None),
        ("list-1-2-2", "同項第1号", "list-1-2-1", None),
    ]
