from pathlib import Path

import pytest

from contracts.terms.markdown import parse, render
from contracts.terms.numbering import ArticleRef
from contracts.terms.tree import Terms

CATALOG = Path(__file__).parents[2] / "contracts" / "catalog"
TEXTS = sorted([*CATALOG.glob("*/*.md"), *CATALOG.glob("*/agents/*/*.md")])


def text_of(version: str) -> Terms:
    return parse((CATALOG / f"{version}.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_sample_text_reads_without_loss_and_says_that_it_is_a_sample(path: Path) -> None:
    terms = parse(path.read_text(encoding="utf-8"))
    assert parse(render(terms)) == terms
    assert "見本" in terms.preamble


@pytest.mark.parametrize(
    ("version", "articles", "chapters", "annexes"),
    [
        ("progoffice/2016-03-01", 49, 8, {"spec": 16}),
        ("progoffice/2020-08-14", 50, 8, {"spec": 16}),
        ("desknets/14", 4, 1, {"suppl": 1, "sample": 15}),
        ("desknets/15", 5, 1, {"suppl": 1, "sample": 15}),
        ("simpleconnect/2015-10-01", 35, 10, {"suppl": 1, "sample": 3}),
    ],
)
def test_a_sample_text_has_the_outline_of_its_document(
    version: str, articles: int, chapters: int, annexes: dict[str, int]
) -> None:
    terms = text_of(version)
    assert len(terms.articles) == articles
    assert len(terms.chapters) == chapters
    assert {annex.key: len(annex.clauses) for annex in terms.annexes} == annexes


@pytest.mark.parametrize(
    ("version", "refs"),
    [
        ("progoffice/2016-03-01", "2-1-3 2-1-9 5-3 10-2-6 31-1 38-1 50-1 spec-8 spec-12"),
        ("progoffice/2020-08-14", "2-1-3 2-1-9 5-3 10-2-6 31-1 38-1 44-4 50-2 spec-8 spec-12"),
        ("desknets/14", "2-1-10 6-1 18-2 18-3 41-2 suppl sample-10-4 sample-15"),
        ("desknets/15", "2-1-13 6-1-2 18-2 18-4 18の2-4 41-3 suppl sample-10-4 sample-15"),
        (
            "simpleconnect/2015-10-01",
            "1-4 3-5 6-5 7-2 8-1-10 9-14 10-2 12 21-3 23 24-1-9 27-2 29-2 32-3 sample-3",
        ),
    ],
)
def test_what_the_rules_cite_is_in_the_sample_text(version: str, refs: str) -> None:
    terms = text_of(version)
    assert [ref for ref in refs.split() if not terms.has(ArticleRef.parse(ref))] == []


def test_the_older_texts_lack_what_came_later() -> None:
    progoffice, desknets = text_of("progoffice/2016-03-01"), text_of("desknets/14")
    assert progoffice.article("44") is None
    assert not progoffice.has(ArticleRef.parse("50-2"))
    assert desknets.article("18の2") is None
    assert not desknets.has(ArticleRef.parse("2-1-11"))
