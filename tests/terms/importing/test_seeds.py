"""Real texts, as they come: read beside the project, never copied into it."""

from collections import Counter
from functools import cache
from pathlib import Path

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
from tests.terms.importing.flatten import characters, kept, letters, without_markup

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
PLAIN_TEXTS = ["000", "001", "002", "004"]


def source_of(number: str) -> str:
    (file,) = SEEDS.glob(f"{number}_*.txt")
    return file.read_text(encoding="utf-8")


@cache
def imported(number: str) -> ImportedTerms:
    return import_text(source_of(number))


@pytest.mark.parametrize(
    ("number", "articles", "chapters", "annexes"),
    [
        ("000", 50, 8, {"spec": 12}),
        ("001", 51, 9, {"general": 5, "list-1": 2, "list-2": 2, "list-3": 3, "list-4": 3}),
        ("002", 44, 0, {"suppl-1": 1, "suppl-2": 1}),
        ("004", 35, 10, {}),
    ],
)
def test_every_article_chapter_and_annex_is_found(
    number: str, articles: int, chapters: int, annexes: dict[str, int]
) -> None:
    terms = imported(number).terms
    regular = [article.number.number for article in terms.articles if not article.number.irregular]
    assert regular == list(range(1, articles + 1))
    assert len([chapter for chapter in terms.chapters if chapter.heading]) == chapters
    assert {annex.key: len(annex.clauses) for annex in terms.annexes} == annexes
    assert all(article.title for article in terms.articles)


@pytest.mark.parametrize(
    ("number", "bracketed_titles", "dots_added"),
    [("000", 50, 0), ("001", 51, 13), ("002", 44, 0), ("004", 0, 0)],
)
def test_no_character_is_lost_and_none_is_made_up(
    number: str, bracketed_titles: int, dots_added: int
) -> None:
    """All that differs: the brackets around the titles of articles, and dots after bare clause numbers."""
    source, result = characters(without_markup(source_of(number))), characters(kept(imported(number)))
    assert source - result == +Counter({"(": bracketed_titles, ")": bracketed_titles})
    assert result - source == +Counter({".": dots_added})


@pytest.mark.parametrize("number", PLAIN_TEXTS)
def test_the_end_of_every_line_is_kept_in_one_piece(number: str) -> None:
    result = letters(kept(imported(number)))
    ends = [letters(without_markup(line))[-12:] for line in source_of(number).splitlines()]
    assert [end for end in ends if end not in result] == []


@pytest.mark.parametrize("number", PLAIN_TEXTS)
def test_the_export_reads_back_as_the_same_tree(number: str) -> None:
    terms = imported(number).terms
    exported = render(terms)
    assert parse(exported) == terms
    again = import_text(exported)
    assert (again.terms, again.not_placed, again.furniture, again.notes) == (terms, (), (), ())


@pytest.mark.parametrize("number", PLAIN_TEXTS)
def test_everything_has_its_place(number: str) -> None:
    assert imported(number).not_placed == ()


def test_the_article_whose_number_is_left_open_stands_between_23_and_24() -> None:
    result = imported("004")
    numbers = [str(article.number) for article in result.terms.articles]
    assert numbers[22:25] == ["23", "〇", "24"]
    open_article, before = result.terms.article("〇"), result.terms.article("23")
    assert open_article is not None
    assert before is not None
    assert open_article.chapter == before.chapter
    assert [len(paragraph.items) for paragraph in open_article.paragraphs] == [8]
    assert [len(paragraph.items) for paragraph in before.paragraphs] == [0]
    assert result.notes == (Note(211, NoteKind.OPEN_NUMBER, "第〇条"),)


def test_end_marks_are_of_the_page_and_what_follows_them_is_an_annex() -> None:
    assert [item.kind for item in imported("000").furniture] == [FurnitureKind.END_MARK] * 2
    assert [item.line for item in imported("001").furniture] == [428, 555]


def test_a_text_without_a_title_gets_the_name_it_gives_itself() -> None:
    assert [note.kind for note in imported("000").notes] == [NoteKind.TITLE_ASSUMED]
    assert imported("000").terms.title.endswith("サービス契約約款")


@pytest.mark.parametrize(
    ("number", "article", "counts"),
    [
        ("000", "2", [(1, 12)]),
        ("000", "5", [(1, 0), (2, 0), (3, 0), (4, 0)]),
        ("000", "29", [(1, 17)]),
        ("001", "4", [(None, 2)]),
        ("001", "12", [(None, 0), *((number, 0) for number in range(2, 8))]),
        ("001", "47", [(None, 0), *((number, 0) for number in range(2, 15))]),
        ("002", "2", [(None, 16)]),
        ("002", "9", [(None, 0), *((number, 0) for number in range(2, 10)), (10, 5)]),
        ("002", "17", [(None, 2), (2, 0)]),
        ("002", "35", [(None, 19), (2, 0), (3, 0)]),
        ("002", "44", [(None, 14), (2, 0), (3, 0)]),
        ("004", "8", [(None, 10)]),
        ("004", "18", [(None, 10)]),
        ("004", "19", [(None, 0), (None, 0)]),
        ("004", "21", [(None, 0), (1, 0), (2, 0), (3, 0)]),
        ("004", "22", [(1, 14), (2, 0)]),
    ],
)
def test_paragraphs_and_items_are_counted_right(
    number: str, article: str, counts: list[tuple[int | None, int]]
) -> None:
    found = imported(number).terms.article(article)
    assert found is not None
    assert [(paragraph.number, len(paragraph.items)) for paragraph in found.paragraphs] == counts


@pytest.mark.parametrize("number", ["001", "002"])
def test_no_line_breaks_of_the_extraction_are_left_inside_sentences(number: str) -> None:
    for article in imported(number).terms.articles:
        for paragraph in article.paragraphs:
            for line in paragraph.text.split("\n"):
                assert line.endswith(("。", "る。")), (str(article.number), line[-20:])


def test_tables_have_their_rows() -> None:
    terms = imported("001").terms
    sizes = {
        str(body.ref): [(len(table.header), len(table.rows)) for part in body.body for table in part.tables]
        for body in (*terms.articles, *terms.annexes)
        if any(part.tables for part in body.body)
    }
    assert sizes == {
        "3": [(2, 8)],
        "22": [(2, 2)],
        "list-1": [(2, 1), (3, 4)],
        "list-2": [(3, 3)],
        "list-3": [(3, 3)],
        "list-4": [(3, 1), (4, 9)],
    }


def test_a_comparison_table_is_no_terms_text() -> None:
    with pytest.raises(TermsImportError, match=r"line 3: this is a comparison table"):
        import_text(source_of("003"))


def test_references_that_lead_nowhere_are_found_and_no_others() -> None:
    assert [dangling_references(imported(number).terms) for number in ("000", "001", "004")] == [()] * 3
    found = dangling_references(imported("002").terms)
    assert [(str(placed.at), placed.missing) for placed in found] == [
        ("14-1", Missing.ANNEX),
        ("23-1", Missing.ANNEX),
    ]
