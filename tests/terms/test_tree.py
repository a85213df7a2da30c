import json

import pytest

from contracts.terms.markdown import parse
from contracts.terms.numbering import ArticleRef
from contracts.terms.tree import Terms

TEXT = """
# 見本約款

## 第1章 総則
### 第1条（目的）
この約款の目的です。

### 第2条（定義）
1. 用語の意味です。
   - (1) 当社の意味
   - (9) 営業日の意味
2. 補足です。

### 第18条の2（メンテナンス）
最初の項です。
2. 次の項です。

## 別記 料金通則 {#general}
1. 暦月で計算します。
2. 切り捨てます。

## 料金表1 {#list-1}
| 品目 | 円 |
|---|---|
| 席 | 5,000 |

## 付則 {#suppl}
1. 施行日です。
"""


@pytest.fixture(scope="module")
def terms() -> Terms:
    return parse(TEXT)


def ref(text: str) -> ArticleRef:
    return ArticleRef.parse(text)


@pytest.mark.parametrize(
    "cited",
    ["1", "1-1", "2-1", "2-1-9", "2-2", "18の2-1", "18の2-2", "general-2", "list-1", "list-1-1", "suppl-1"],
)
def test_parts_of_the_text_are_found(terms: Terms, cited: str) -> None:
    assert terms.has(ref(cited))


@pytest.mark.parametrize(
    "cited",
    [
        "3",
        "1-2",
        "2-3",
        "2-1-2",
        "2-2-1",
        "18",
        "18の2-3",
        "general-3",
        "list",
        "list-2",
        "sla",
        "list-1-1-1",
    ],
)
def test_parts_that_the_text_lacks_are_not_found(terms: Terms, cited: str) -> None:
    assert not terms.has(ref(cited))


@pytest.mark.parametrize(
    ("cited", "canonical"),
    [
        ("1-1", "1"),
        ("1", "1"),
        ("2-1", "2-1"),
        ("suppl-1", "suppl"),
        ("list-1", "list-1"),
        ("list-1-1", "list-1"),
    ],
)
def test_the_only_paragraph_is_the_article_itself(terms: Terms, cited: str, canonical: str) -> None:
    assert str(terms.canonical(ref(cited))) == canonical


def test_a_reference_to_nothing_stays_as_it_is(terms: Terms) -> None:
    assert str(terms.canonical(ref("1-2"))) == "1-2"
    assert str(terms.canonical(ref("99-1"))) == "99-1"


@pytest.mark.parametrize(
    ("cited", "expected", "satisfied"),
    [
        ("1", "1-1", True),
        ("1-1", "1", True),
        ("2-1-9", "2", True),
        ("2-1-9", "2-1", True),
        ("2-1", "2-1-9", False),
        ("2", "2-1", False),
        ("2-2", "2-1", False),
        ("18の2", "18", False),
        ("general-1", "general", True),
        ("suppl", "suppl-1", True),
        ("suppl", "general", False),
    ],
)
def test_a_citation_satisfies_the_same_place_or_a_wider_one(
    terms: Terms, cited: str, expected: str, satisfied: bool
) -> None:
    assert terms.satisfies(ref(cited), ref(expected)) is satisfied


def test_annexes_are_labelled_by_their_title(terms: Terms) -> None:
    assert terms.label_ja(ref("general-2")) == "別記 料金通則第2項"
    assert terms.label_ja(ref("list-1")) == "料金表1"
    assert terms.label_ja(ref("2-1-9")) == "第2条第1項第9号"
    assert terms.label_en(ref("general-2")) == "別記 料金通則 para. 2"


def test_articles_are_found_by_number_and_stand_under_their_chapter(terms: Terms) -> None:
    article = terms.article("18の2")
    assert article is not None
    assert article.title == "メンテナンス"
    assert article.chapter == "第1章 総則"
    assert terms.article("18") is None
    assert [chapter.heading for chapter in terms.chapters] == ["第1章 総則"]


def test_the_tree_fits_into_json(terms: Terms) -> None:
    data = json.loads(json.dumps(terms.to_dict(), ensure_ascii=False))
    assert data["articles"][1]["paragraphs"][0]["items"][1] == {
        "label": "(9)",
        "text": "営業日の意味",
        "items": [],
    }
    assert data["annexes"][1]["clauses"][0]["tables"] == [
        {"header": ["品目", "円"], "rows": [["席", "5,000"]]}
    ]
