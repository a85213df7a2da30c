"""Whole texts, as they come: our own, and those that providers publish (reference files)."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.terms.importing import (
    FurnitureKind,
    ImportedTerms,
    Note,
    NoteKind,
    TermsImportError,
    import_text,
)
from contracts.terms.markdown import parse, render
from contracts.terms.references import Missing, dangling_references
from tests.reference import reference_file
from tests.terms.importing.flatten import characters, kept, letters, without_markup

MARKDOWN, SPACED, WRAPPED, LOOSE, TABLE = (
    "extracted_markdown",
    "spaced_numerals",
    "wrapped_lines",
    "loose_numbering",
    "comparison_table",
)
TEXTS = Path(__file__).parent / "texts"
PUBLISHED = ("000", "001", "002", "003", "004")
"""The reference files. In this order, ours have the shapes of 000, 001, 002, 004 and 003."""


def published(name: str, *expected: object) -> Any:
    return pytest.param(name, *expected, marks=pytest.mark.reference)


EVERY_TEXT = [MARKDOWN, SPACED, WRAPPED, LOOSE, *(published(name) for name in PUBLISHED if name != "003")]


def source_of(name: str) -> str:
    file = reference_file(f"seeds/{name}_*.txt") if name in PUBLISHED else TEXTS / f"{name}.txt"
    return file.read_text(encoding="utf-8")


@cache
def imported(name: str) -> ImportedTerms:
    return import_text(source_of(name))


@pytest.mark.parametrize(
    ("name", "articles", "chapters", "annexes"),
    [
        (MARKDOWN, 16, 4, {"spec": 9}),
        (SPACED, 15, 3, {"general": 5, "list-1": 2, "list-2": 2, "list-3": 3, "list-4": 3}),
        (WRAPPED, 11, 0, {"suppl-1": 1, "suppl-2": 1}),
        (LOOSE, 17, 7, {}),
        published("000", 50, 8, {"spec": 12}),
        published("001", 51, 9, {"general": 5, "list-1": 2, "list-2": 2, "list-3": 3, "list-4": 3}),
        published("002", 44, 0, {"suppl-1": 1, "suppl-2": 1}),
        published("004", 35, 10, {}),
    ],
)
def test_every_article_chapter_and_annex_is_found(
    name: str, articles: int, chapters: int, annexes: dict[str, int]
) -> None:
    terms = imported(name).terms
    regular = [article.number.number for article in terms.articles if not article.number.irregular]
    assert regular == list(range(1, articles + 1))
    assert len([chapter for chapter in terms.chapters if chapter.heading]) == chapters
    assert {annex.key: len(annex.clauses) for annex in terms.annexes} == annexes
    assert all(article.title for article in terms.articles)


@pytest.mark.parametrize(
    ("name", "bracketed_titles", "dots_added"),
    [
        (MARKDOWN, 16, 0),
        (SPACED, 15, 13),
        (WRAPPED, 11, 0),
        (LOOSE, 0, 0),
        published("000", 50, 0),
        published("001", 51, 13),
        published("002", 44, 0),
        published("004", 0, 0),
    ],
)
def test_no_character_is_lost_and_none_is_made_up(name: str, bracketed_titles: int, dots_added: int) -> None:
    """All that differs: the brackets around the titles of articles, and dots after bare clause numbers."""
    source, result = characters(without_markup(source_of(name))), characters(kept(imported(name)))
    assert source - result == +Counter({"(": bracketed_titles, ")": bracketed_titles})
    assert result - source == +Counter({".": dots_added})


@pytest.mark.parametrize("name", EVERY_TEXT)
def test_the_end_of_every_line_is_kept_in_one_piece(name: str) -> None:
    result = letters(kept(imported(name)))
    ends = [letters(without_markup(line))[-12:] for line in source_of(name).splitlines()]
    assert [end for end in ends if end not in result] == []


@pytest.mark.parametrize("name", EVERY_TEXT)
def test_the_export_reads_back_as_the_same_tree(name: str) -> None:
    terms = imported(name).terms
    exported = render(terms)
    assert parse(exported) == terms
    again = import_text(exported)
    assert (again.terms, again.not_placed, again.furniture, again.notes) == (terms, (), (), ())


@pytest.mark.parametrize("name", EVERY_TEXT)
def test_everything_has_its_place(name: str) -> None:
    assert imported(name).not_placed == ()


@pytest.mark.parametrize(
    ("name", "before", "line", "items"), [(LOOSE, 14, 133, 4), published("004", 23, 211, 8)]
)
def test_an_article_whose_number_is_left_open_stands_where_it_stood(
    name: str, before: int, line: int, items: int
) -> None:
    result = imported(name)
    numbers = [str(article.number) for article in result.terms.articles]
    assert numbers[before - 1 : before + 2] == [str(before), "〇", str(before + 1)]
    open_article, article_before = result.terms.article("〇"), result.terms.article(str(before))
    assert open_article is not None
    assert article_before is not None
    assert open_article.chapter == article_before.chapter
    assert [len(paragraph.items) for paragraph in open_article.paragraphs] == [items]
    assert [len(paragraph.items) for paragraph in article_before.paragraphs] == [0]
    assert result.notes == (Note(line, NoteKind.OPEN_NUMBER, "第〇条"),)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (MARKDOWN, [122, 166]),
        (SPACED, [127, 246]),
        published("000", [369, 428]),
        published("001", [428, 555]),
    ],
)
def test_end_marks_are_of_the_page_and_what_follows_them_is_an_annex(name: str, lines: list[int]) -> None:
    marks = imported(name).furniture
    assert [(item.line, item.kind) for item in marks] == [(line, FurnitureKind.END_MARK) for line in lines]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (MARKDOWN, "書庫番クラウドサービス契約約款"),
        published("000", "ProgOffice Enterpriseサービス契約約款"),
    ],
)
def test_a_text_without_a_title_gets_the_name_it_gives_itself(name: str, title: str) -> None:
    assert [note.kind for note in imported(name).notes] == [NoteKind.TITLE_ASSUMED]
    assert imported(name).terms.title == title


@pytest.mark.parametrize(
    ("name", "article", "counts"),
    [
        (MARKDOWN, "2", [(1, 5)]),
        (MARKDOWN, "4", [(1, 0), (2, 0), (3, 0), (4, 0)]),
        (MARKDOWN, "7", [(1, 0), (2, 0), (3, 0)]),
        (MARKDOWN, "10", [(1, 4)]),
        (MARKDOWN, "12", [(1, 4), (2, 2)]),
        (MARKDOWN, "13", [(1, 1)]),
        (SPACED, "4", [(None, 2)]),
        (SPACED, "8", [(None, 3), (2, 0)]),
        (SPACED, "9", [(None, 0), (2, 0), (3, 0)]),
        (SPACED, "13", [(None, 0), (2, 0), (3, 0)]),
        (WRAPPED, "2", [(None, 7)]),
        (WRAPPED, "4", [(None, 0), (2, 0), (3, 0), (4, 3), (5, 0)]),
        (WRAPPED, "5", [(None, 2), (2, 0), (3, 0), (4, 0)]),
        (WRAPPED, "7", [(None, 0), (2, 0)]),
        (WRAPPED, "9", [(None, 4), (2, 0), (3, 0)]),
        (WRAPPED, "10", [(None, 0), (2, 2), (3, 0)]),
        (LOOSE, "3", [(1, 0), (2, 0), (3, 1), (4, 0)]),
        (LOOSE, "5", [(None, 5)]),
        (LOOSE, "10", [(None, 7)]),
        (LOOSE, "11", [(None, 0), (None, 0)]),
        (LOOSE, "12", [(None, 0), (1, 0), (2, 0), (3, 0)]),
        (LOOSE, "13", [(1, 5), (2, 0)]),
        published("000", "2", [(1, 12)]),
        published("000", "5", [(1, 0), (2, 0), (3, 0), (4, 0)]),
        published("000", "29", [(1, 17)]),
        published("001", "4", [(None, 2)]),
        published("001", "12", [(None, 0), *((number, 0) for number in range(2, 8))]),
        published("001", "47", [(None, 0), *((number, 0) for number in range(2, 15))]),
        published("002", "2", [(None, 16)]),
        published("002", "9", [(None, 0), *((number, 0) for number in range(2, 10)), (10, 5)]),
        published("002", "17", [(None, 2), (2, 0)]),
        published("002", "35", [(None, 19), (2, 0), (3, 0)]),
        published("002", "44", [(None, 14), (2, 0), (3, 0)]),
        published("004", "8", [(None, 10)]),
        published("004", "18", [(None, 10)]),
        published("004", "19", [(None, 0), (None, 0)]),
        published("004", "21", [(None, 0), (1, 0), (2, 0), (3, 0)]),
        published("004", "22", [(1, 14), (2, 0)]),
    ],
)
def test_paragraphs_and_items_are_counted_right(
    name: str, article: str, counts: list[tuple[int | None, int]]
) -> None:
    found = imported(name).terms.article(article)
    assert found is not None
    assert [(paragraph.number, len(paragraph.items)) for paragraph in found.paragraphs] == counts


@pytest.mark.parametrize("name", [SPACED, WRAPPED, published("001"), published("002")])
def test_no_line_breaks_of_the_extraction_are_left_inside_sentences(name: str) -> None:
    for article in imported(name).terms.articles:
        for paragraph in article.paragraphs:
            for line in paragraph.text.split("\n"):
                assert line.endswith(("。", "る。")), (str(article.number), line[-20:])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (MARKDOWN, {"spec": [(3, 1)]}),
        (
            SPACED,
            {
                "3": [(2, 6)],
                "12": [(2, 2)],
                "list-1": [(2, 1), (3, 3)],
                "list-2": [(3, 2)],
                "list-3": [(3, 3)],
                "list-4": [(3, 1), (4, 4)],
            },
        ),
        published(
            "001",
            {
                "3": [(2, 8)],
                "22": [(2, 2)],
                "list-1": [(2, 1), (3, 4)],
                "list-2": [(3, 3)],
                "list-3": [(3, 3)],
                "list-4": [(3, 1), (4, 9)],
            },
        ),
    ],
)
def test_tables_have_their_rows(name: str, expected: dict[str, list[tuple[int, int]]]) -> None:
    terms = imported(name).terms
    sizes = {
        str(body.ref): [(len(table.header), len(table.rows)) for part in body.body for table in part.tables]
        for body in (*terms.articles, *terms.annexes)
        if any(part.tables for part in body.body)
    }
    assert sizes == expected


@pytest.mark.parametrize("name", [TABLE, published("003")])
def test_a_comparison_table_is_no_terms_text(name: str) -> None:
    with pytest.raises(TermsImportError, match=r"line 3: this is a comparison table"):
        import_text(source_of(name))


@pytest.mark.parametrize(
    ("name", "places"),
    [
        (MARKDOWN, []),
        (SPACED, []),
        (WRAPPED, ["6-1", "10-1"]),
        (LOOSE, []),
        published("000", []),
        published("001", []),
        published("002", ["14-1", "23-1"]),
    ],
)
def test_references_to_annexes_that_are_not_there_are_found_and_no_others(
    name: str, places: list[str]
) -> None:
    found = dangling_references(imported(name).terms)
    assert [(str(placed.at), placed.missing) for placed in found] == [
        (place, Missing.ANNEX) for place in places
    ]
