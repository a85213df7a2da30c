"""Files as somebody met them, kept beside the project: read by the test where the reference is there."""

import pytest

from contracts.source_files import read_source
from contracts.terms.importing import TermsImportError, import_text
from contracts.terms.references import dangling_references
from contracts.terms.tree import Terms
from tests import reference

pytestmark = pytest.mark.reference


def read(name: str) -> Terms:
    return import_text(read_source(reference.reference_file(f"review/inputs/{name}").read_bytes())).terms


ARTICLES = {
    "terms-announced-items-new.md": ["1", "2"],
    "terms-announced-items-old.md": ["1", "2"],
    "terms-branch-skipped.txt": ["1", "1の3", "2"],
    "terms-cites-next-with-title.txt": ["1", "2", "3"],
    "terms-deleted-range.txt": ["1", "2", "3", "4", "5", "6", "7", "8"],
    "terms-gap-one-line.txt": ["1", "2", "4", "5"],
    "terms-item-labels.txt": ["1", "2", "3", "4", "5"],
    "terms-kou-labels.md": ["1", "2", "3"],
    "terms-law-form.txt": ["1", "2", "3", "4", "5"],
    "terms-lazy-numbers.md": ["1", "2", "3"],
    "terms-long-item-then-chapter.md": ["1", "2"],
    "terms-long-item-then-paragraph.txt": ["1", "2"],
    "word-enclosed.docx": ["1", "2"],
    "word-islgl.docx": ["1", "2"],
    "word-kanji.docx": [str(number) for number in range(1, 37)],
    "word-lvlrestart.docx": ["1", "2", "3", "4"],
    "word-startoverride.docx": ["1", "2", "3", "4"],
}


@pytest.mark.parametrize("name", ARTICLES)
def test_all_articles_are_found(name: str) -> None:
    assert [str(article.number) for article in read(name).articles] == ARTICLES[name]


@pytest.mark.parametrize("name", [name for name in ARTICLES if name.startswith("terms-")])
def test_every_citation_leads_somewhere(name: str) -> None:
    assert dangling_references(read(name)) == ()


@pytest.mark.parametrize("name", ["terms-titles-only.txt", "terms-twice-one-line.txt"])
def test_what_cannot_be_understood_is_refused(name: str) -> None:
    with pytest.raises(TermsImportError):
        read(name)


def test_items_and_paragraphs_stand_where_they_belong() -> None:
    first = read("terms-long-item-then-paragraph.txt").articles[0]
    assert [(paragraph.number, len(paragraph.items)) for paragraph in first.paragraphs] == [
        (1, 2),
        (2, 0),
        (3, 0),
    ]
    old, new = (read(f"terms-announced-items-{which}.md").articles[0] for which in ("old", "new"))
    assert [item.text for item in old.paragraphs[0].items] == [item.text for item in new.paragraphs[0].items]
