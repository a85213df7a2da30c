"""The texts of a Word file's paragraphs: what is shown of them, with the breaks of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import _Element

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RUN, _TEXT, _TAB, _BREAK = qn("w:r"), qn("w:t"), qn("w:tab"), qn("w:br")
_PARAGRAPH, _TABLE, _BOX, _NOTE = qn("w:p"), qn("w:tbl"), qn("w:txbxContent"), qn("w:footnoteReference")
_SIGNS = {qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:sym"): "・"}
_RUBY = qn("w:rt")
_NOT_READ = (qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), _RUBY, _FALLBACK)
WRAPPERS = tuple(
    qn(tag) for tag in ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag")
)
"""What stands around blocks, rows and cells without being shown."""
_ON_PAGES = ("page", "column")


@dataclass(frozen=True)
class Footnotes:
    """The texts of footnotes by their numbers in the file."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, document: Document) -> Footnotes:
        for relation in document.part.rels.values():
            if relation.reltype.endswith("/footnotes") and not relation.is_external:
                root = parse_xml(relation.target_part.blob)
                notes = root.findall(qn("w:footnote"))
                return cls({note.get(qn("w:id"), ""): _note_text(note) for note in notes})
        return cls({})


def _note_text(note: _Element) -> str:
    texts = (read_paragraph(block, Footnotes({}))[0] for block in blocks_in(note) if block.tag == _PARAGRAPH)
    return " ".join("\n".join(texts).split())


def blocks_in(element: _Element) -> Iterator[_Element]:
    """The paragraphs and tables of a body or cell, also those in content controls."""
    for child in element:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag in WRAPPERS:
            yield from blocks_in(child)


def is_joined_to_the_next(paragraph: _Element) -> bool:
    """Whether the end of a paragraph was deleted under change tracking: the next one goes on with it."""
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None


def read_paragraph(paragraph: _Element, footnotes: Footnotes) -> tuple[str, list[str]]:
    """The text, and below it the lines of text boxes and footnotes. Page breaks are no text."""
    parts: list[str] = []
    below: list[str] = []
    for element in _shown(paragraph):
        if element.tag == _TEXT:
            parts.append(element.text or "")
        elif element.tag == _TAB:
            parts.append(" ")
        elif element.tag == _BREAK and element.get(qn("w:type")) not in _ON_PAGES:
            parts.append("\n")
        elif element.tag in _SIGNS:
            parts.append(_SIGNS[element.tag])
        elif element.tag == _BOX:
            for block in blocks_in(element):
                text, further = read_paragraph(block, footnotes)
                below += [*text.split("\n"), *further]
        elif element.tag == _NOTE and (note := footnotes.texts.get(element.get(qn("w:id"), ""))):
            below.append(f"（注）{note}")
    return "".join(parts), [line for line in below if line.strip()]


def _shown(element: _Element) -> Iterator[_Element]:
    for child in element:
        if child.tag in _NOT_READ or (child.tag == _RUN and _is_hidden(child)):
            continue
        yield child
        if child.tag != _BOX:
            yield from _shown(child)


def _is_hidden(run: _Element) -> bool:
    hidden = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return hidden is not None and hidden.get(qn("w:val"), "1") not in ("0", "false", "off")
