import pytest

from contracts.terms.importing.annexes import annex_keys
from contracts.terms.importing.furniture import find_furniture
from contracts.terms.importing.result import FurnitureKind
from contracts.terms.importing.source import read_lines


def found(source: str) -> list[tuple[str, FurnitureKind]]:
    return [(item.text, item.kind) for item in find_furniture(read_lines(source))]


@pytest.mark.parametrize("text", ["－ 3 －", "― 12 ―", "3 / 10", "Page 3 of 10", "P.3", "3 ページ"])
def test_page_numbers(text: str) -> None:
    assert found(f"本文\n{text}\n本文") == [(text, FurnitureKind.PAGE_NUMBER)]


@pytest.mark.parametrize("text", ["以上", "以　上", "(以下余白)", "（以下余白）"])
def test_end_marks(text: str) -> None:
    assert found(f"本文\n{text}") == [(text, FurnitureKind.END_MARK)]


def test_rules() -> None:
    assert found("本文\n――――\n本文") == [("――――", FurnitureKind.RULE)]


def test_numbers_alone_are_page_numbers_when_they_count() -> None:
    assert found("本文\n1\n本文\n2\n本文\n3") == [(text, FurnitureKind.PAGE_NUMBER) for text in "123"]
    assert found("本文\n5\n本文\n3\n") == []


def test_what_stands_at_the_edge_of_most_pages_is_a_running_head() -> None:
    pages = "\n\f".join(f"見本約款 第1版\n{n}の本文\n- {i} -" for i, n in enumerate("甲乙丙", 1))
    heads = [item for item in found(pages) if item[1] is FurnitureKind.RUNNING_HEAD]
    assert heads == [("見本約款 第1版", FurnitureKind.RUNNING_HEAD)] * 3
    assert len(found(pages)) == 6


def test_headings_that_begin_pages_and_lines_that_count_otherwise_are_text() -> None:
    assert found("第1章\n本文\n\f第2章\n別文\n\f第3章\n他文") == []
    assert found("料金 5円\n本文\n\f料金 9円\n別文") == []
    assert found("版 1 頁\n本文\n\f版 2 頁\n別文") == [
        ("版 1 頁", FurnitureKind.RUNNING_HEAD),
        ("版 2 頁", FurnitureKind.RUNNING_HEAD),
    ]


def test_a_table_of_contents_ends_where_its_first_heading_comes_again() -> None:
    source = "目 次\n第1条 目的 …… 1\n第2条 定義 …… 2\n第1条 目的\n本文"
    assert [text for text, kind in found(source) if kind is FurnitureKind.CONTENTS] == [
        "目 次",
        "第1条 目的 …… 1",
        "第2条 定義 …… 2",
    ]


def test_keys_of_annexes_come_from_their_titles() -> None:
    titles = [
        "別記 料金通則",
        "料金表 第1 見本",
        "第2 見本",
        "附則",
        "附則",
        "別紙１ 料金表",
        "サービス仕様",
        "覚書",
    ]
    assert annex_keys(titles) == [
        "general",
        "list-1",
        "list-2",
        "suppl-1",
        "suppl-2",
        "sheet-1",
        "spec",
        "annex",
    ]


def test_keys_are_unique_even_when_numbers_repeat() -> None:
    assert annex_keys(["別紙1 甲", "別紙1 乙", "別紙 丙"]) == ["sheet-1", "sheet-2", "sheet-3"]
