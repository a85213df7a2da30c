"""Reads real terms texts into the tree: a lexical layer, rules for single lines, the building of the tree.

labels       numerals with spaces, brackets, labels of items
source       the lines of a text without Markdown and HTML marks; html_tables
furniture    page numbers, running heads, end marks, tables of contents
line_rules   what one line may be, by itself
joining      whether a line continues the one above
announcing   whether a text says that items follow
lists        counts lists on whose numbers repeat
body         paragraphs, items and tables below one heading
builder      chapters, articles and annexes; front, annexes
"""

from __future__ import annotations

from operator import attrgetter

from contracts.problems.reasons import Reason
from contracts.terms.comparison_heads import columns_of
from contracts.terms.importing.builder import TreeBuilder
from contracts.terms.importing.furniture import find_furniture, with_pages
from contracts.terms.importing.joining import Layout
from contracts.terms.importing.lists import count_on
from contracts.terms.importing.result import (
    Furniture,
    FurnitureKind,
    ImportedTerms,
    Leftover,
    Note,
    NoteKind,
    TermsImportError,
)
from contracts.terms.importing.source import SourceLine, read_lines
from contracts.terms.limits import beyond_limits
from contracts.terms.markdown import parse
from contracts.terms.reader import TermsProblem, TermsSyntaxError

__all__ = [
    "Furniture",
    "FurnitureKind",
    "ImportedTerms",
    "Leftover",
    "Note",
    "NoteKind",
    "TermsImportError",
    "import_text",
]


def import_text(text: str) -> ImportedTerms:
    """Read a text into a tree; what our own Markdown form says is taken at its word.

    Raises TermsImportError for an empty text, for one beyond the limits (`contracts.terms.limits`), for one
    without articles or with an article number that stands twice, and for a comparison table (新旧対照表),
    which holds two texts.
    """
    if beyond := [TermsProblem(line, reason) for line, reason in beyond_limits(text)]:
        raise TermsImportError(beyond)
    try:
        return ImportedTerms(parse(text), (), (), ())
    except TermsSyntaxError:
        pass
    lines = with_pages(read_lines(text))
    _refuse_what_is_no_text(lines)
    furniture = find_furniture(lines)
    away = {(item.line, item.text) for item in furniture if item.kind is not FurnitureKind.END_MARK}
    kept, notes = count_on([line for line in lines if (line.number, line.text) not in away])
    heads = [item.text for item in furniture if item.kind is FurnitureKind.RUNNING_HEAD]
    builder = TreeBuilder(kept, Layout.of(kept), heads)
    builder.build()
    terms = builder.finish()
    return ImportedTerms(
        terms,
        tuple(sorted(builder.not_placed, key=attrgetter("line", "text"))),
        tuple(sorted([*furniture, *builder.furniture])),
        tuple(sorted([*builder.notes, *notes])),
    )


def _refuse_what_is_no_text(lines: list[SourceLine]) -> None:
    if not lines:
        raise TermsImportError([TermsProblem(1, Reason("no_text"))])
    for line in lines:
        first_row = (line.table.header or line.table.rows[0]) if line.table else line.cells
        if columns_of(first_row):
            raise TermsImportError([TermsProblem(line.number, Reason("comparison_table"))])
