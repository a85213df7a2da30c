"""Everything that an import has kept of a text, as one string, to compare with the text itself."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from contracts.terms.importing import ImportedTerms, NoteKind
from contracts.terms.tree import Item, Paragraph, Terms

MARKUP = re.compile(r"(?m)^[ \t]*#+ |\*\*|^[ \t]*- |</?(?:p|ul|li)(?: [^>]*)?>")


def characters(text: str) -> Counter[str]:
    """The characters outside white space, whatever their width."""
    return Counter(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))


def letters(text: str) -> str:
    """Letters and digits only, in order."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


def without_markup(source: str) -> str:
    return MARKUP.sub("", source)


def kept(imported: ImportedTerms) -> str:
    """The tree, what has no place in it, and page furniture."""
    parts = [*_tree(imported.terms, titled=not _title_assumed(imported))]
    parts += [leftover.text for leftover in imported.not_placed]
    parts += [furniture.text for furniture in imported.furniture]
    return "\n".join(parts)


def _title_assumed(imported: ImportedTerms) -> bool:
    return any(note.kind is NoteKind.TITLE_ASSUMED for note in imported.notes)


def _tree(terms: Terms, *, titled: bool) -> Iterator[str]:
    if titled:
        yield terms.title
    yield terms.preamble
    above: list[str] = []
    for chapter in terms.chapters:
        headings = chapter.heading.split("\n")
        yield from (
            heading for depth, heading in enumerate(headings) if headings[: depth + 1] != above[: depth + 1]
        )
        above = headings
        for article in chapter.articles:
            yield article.number.label_ja()
            yield article.title
            yield from _paragraphs(article.paragraphs)
    for annex in terms.annexes:
        yield annex.title
        yield from _paragraphs(annex.clauses)


def _paragraphs(paragraphs: tuple[Paragraph, ...]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield paragraph.heading
        if paragraph.number is not None:
            yield f"{paragraph.number}."
        yield paragraph.text
        yield from _items(paragraph.items)
        for table in paragraph.tables:
            for row in (table.header, *table.rows):
                yield from row


def _items(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        yield item.label
        yield item.text
        yield from _items(item.items)
