"""Word files (.docx): paragraphs with the numbers that Word shows before them, and tables."""

from __future__ import annotations

import io
import zipfile

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml.etree import _Element

from contracts.problems.reasons import Reason
from contracts.source_files.errors import UnreadableFile
from contracts.source_files.word_numbers import Numbering
from contracts.source_files.word_tables import rows_of
from contracts.source_files.word_texts import Footnotes, blocks_in, is_joined_to_the_next, read_paragraph
from contracts.terms.compare.outline import CELL_MARK
from contracts.terms.lines import escape_cell

_LARGEST_CONTENT = 100_000_000
_HEADING = "heading "


def read_word(data: bytes) -> str:
    """The text of the body, one line a paragraph, rows of tables as Markdown.

    What was deleted under change tracking, or is hidden, is left out; what was inserted is in. The texts of
    footnotes and text boxes are lines below their paragraph. Raises UnreadableFile.
    """
    document = _open(data)
    try:
        text = "\n".join(_Reader(document).lines())
    except UnreadableFile:
        raise
    except Exception as error:
        # What python-docx and our own reading raise for XML that says what no Word does is of many kinds.
        raise UnreadableFile(Reason("word_damaged")) from error
    if not text.strip():
        raise UnreadableFile(Reason("word_empty"))
    return text


def _open(data: bytes) -> Document:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_CONTENT:
                raise UnreadableFile(Reason("word_too_large"))
            if "word/document.xml" not in archive.namelist():
                raise UnreadableFile(Reason("no_word_file"))
        return docx.Document(io.BytesIO(data))
    except UnreadableFile:
        raise
    except Exception as error:
        # python-docx lets through what zipfile and lxml raise for damaged files.
        raise UnreadableFile(Reason("word_damaged")) from error


class _Reader:
    """Reads the blocks of a document in order, as its numbers are counted."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._numbering = Numbering(document)
        self._footnotes = Footnotes.of(document)
        self._joined = ""

    def lines(self) -> list[str]:
        found: list[str] = []
        for block in blocks_in(self._document.element.body):
            if block.tag == qn("w:tbl"):
                found += ["", *self._table_lines(block), ""]
            else:
                found += self._paragraph_lines(block)
        return [*found, self._joined] if self._joined else found

    def _paragraph_lines(self, element: _Element) -> list[str]:
        text, below = read_paragraph(element, self._footnotes)
        if is_joined_to_the_next(element):
            self._joined += text
            return below
        text, self._joined = self._joined + text, ""
        paragraph = Paragraph(element, self._document)  # type: ignore[arg-type]
        label = self._numbering.label(paragraph)
        if not text.strip():
            return ["", *below]
        first, *others = text.strip("\n").split("\n")
        return [f"{_heading_mark(paragraph)}{label}{first.strip()}", *others, *below]

    def _table_lines(self, table: _Element) -> list[str]:
        rows, header = rows_of(table, self._cell_text)
        lines = [f"| {' | '.join(escape_cell(cell) for cell in row)} |" for row in rows]
        if header and len(rows) > 1:
            lines.insert(1, f"|{'---|' * len(rows[0])}")
        return lines

    def _cell_text(self, cell: _Element) -> str:
        lines: list[str] = []
        for block in blocks_in(cell):
            if block.tag == qn("w:tbl"):
                rows, _header = rows_of(block, self._cell_text)
                lines += [CELL_MARK.join(" ".join(text.split()) for text in row) for row in rows]
            else:
                lines += (line.strip() for line in self._paragraph_lines(block))
        return "\n".join(filter(None, lines))


def _heading_mark(paragraph: Paragraph) -> str:
    style = (paragraph.style.name or "").lower() if paragraph.style else ""
    level = style.removeprefix(_HEADING) if style.startswith(_HEADING) else ""
    return f"{'#' * int(level)} " if level.isdecimal() else "# " if style == "title" else ""
