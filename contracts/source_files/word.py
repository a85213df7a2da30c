"""Word files (.docx): paragraphs with the numbers that Word shows before them, and tables."""

from __future__ import annotations

import io
import zipfile

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import _Element

from contracts.problems.reasons import Reason
from contracts.source_files.errors import UnreadableFile
from contracts.source_files.word_numbers import Numbering
from contracts.terms.lines import escape_cell

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LARGEST_CONTENT = 100_000_000
_TEXT, _TAB = qn("w:t"), qn("w:tab")
_BREAKS = (qn("w:br"), qn("w:cr"))
_NOT_READ = (qn("w:del"), qn("w:moveFrom"), _FALLBACK)
_HEADING = "heading "


def read_word(data: bytes) -> str:
    """The text of the body, one line a paragraph, rows of tables as Markdown.

    What was deleted under change tracking is left out, what was inserted is in. Raises UnreadableFile.
    """
    document = _open(data)
    numbering = Numbering(document)
    lines: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            lines += _paragraph_lines(block, numbering)
        else:
            lines += ["", *_table_lines(block), ""]
    text = "\n".join(lines)
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


def _paragraph_lines(paragraph: Paragraph, numbering: Numbering) -> list[str]:
    text = _text(paragraph)
    label = numbering.label(paragraph)
    if not text.strip():
        return [""]
    first, *others = text.split("\n")
    style = (paragraph.style.name or "").lower() if paragraph.style else ""
    level = style.removeprefix(_HEADING) if style.startswith(_HEADING) else ""
    mark = f"{'#' * int(level)} " if level.isdecimal() else "# " if style == "title" else ""
    return [f"{mark}{label}{first.strip()}", *others]


def _text(paragraph: Paragraph) -> str:
    parts: list[str] = []
    for element in paragraph._p.iter():
        if any(ancestor.tag in _NOT_READ for ancestor in element.iterancestors()):
            continue
        if element.tag == _TEXT:
            parts.append(element.text or "")
        elif element.tag == _TAB and _is_in_run(element):
            parts.append(" ")
        elif element.tag in _BREAKS:
            parts.append("\n")
    return "".join(parts)


def _is_in_run(element: _Element) -> bool:
    """Whether a tab stands in the text; others set where tabs lead."""
    parent = element.getparent()
    return parent is not None and parent.tag == qn("w:r")


def _table_lines(table: Table) -> list[str]:
    """The rows of a table; a cell over several columns or rows stands once, its other places are empty."""
    seen: set[object] = set()
    lines = []
    for row in table.rows:
        cells = []
        for cell in row.cells:
            text = "\n".join(_text(paragraph).strip() for paragraph in cell.paragraphs)
            cells.append("" if cell._tc in seen else escape_cell(text.strip()))
            seen.add(cell._tc)
        lines.append(f"| {' | '.join(cells)} |")
    return lines
