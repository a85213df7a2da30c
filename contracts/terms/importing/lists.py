"""Counts lists on whose numbers repeat, as renderers of Markdown show them: 1. 1. 1. is 1, 2, 3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.terms.importing.announcing import announces_items
from contracts.terms.importing.line_rules import (
    ArticleLine,
    ChapterLine,
    DeletedLine,
    NumberLine,
    TitleLine,
    is_annex_title,
    read,
)
from contracts.terms.importing.result import Note, NoteKind
from contracts.terms.importing.source import SourceLine

_HEADINGS = ChapterLine | ArticleLine | DeletedLine | TitleLine
_NUMBER = re.compile(r"[0-9０-９]{1,3}(?=\s*[.．、:：])")


@dataclass
class _List:
    """A list at one indentation: the number written last, and the number that its place gives."""

    indent: int
    written: int
    counted: int
    text: str = ""

    def take(self, number: int) -> int:
        """The place of the next entry; a number that goes on, or leaves some out, is taken at its word."""
        goes_on = number == self.written + 1
        self.counted = (
            self.counted + 1 if goes_on or number <= self.written else max(number, self.counted + 1)
        )
        self.written, self.text = number, ""
        return self.counted


def count_on(lines: Sequence[SourceLine]) -> tuple[list[SourceLine], list[Note]]:
    """The lines with their lists counted, and a note for each number that was written otherwise.

    Entries stand in one list by their indentation. A number that comes again below an entry which announces
    items begins these instead.
    """
    counted: list[SourceLine] = []
    notes: list[Note] = []
    open_lists: list[_List] = []
    for line in lines:
        reading = None if line.cells or line.table or line.separator else read(line.text)
        if line.heading or isinstance(reading, _HEADINGS) or (reading and is_annex_title(line.text)):
            open_lists.clear()
        if isinstance(reading, NumberLine) and reading.dotted and not (reading.unit or reading.doubtful):
            place = _place(open_lists, line.indent, reading.number)
            open_lists[-1].text = reading.rest
            if place != reading.number:
                notes.append(Note(line.number, NoteKind.COUNTED_ON, f"{reading.number}. → {place}."))
                line = replace(line, text=_NUMBER.sub(str(place), line.text, count=1))
        elif open_lists:
            open_lists[-1].text += line.text
        counted.append(line)
    return counted, notes


def _place(open_lists: list[_List], indent: int, number: int) -> int:
    """Which place an entry takes; the lists that it closes are closed, and one that it begins is open."""
    while open_lists and open_lists[-1].indent > indent:
        open_lists.pop()
        if open_lists:
            open_lists[-1].text = ""  # what it announced has come
    beside = [found for found in open_lists if found.indent == indent]
    for found in reversed(beside):
        if number == found.written + 1:
            del open_lists[open_lists.index(found) + 1 :]
            return found.take(number)
    if beside and not announces_items(beside[-1].text):
        return beside[-1].take(number)
    open_lists.append(_List(indent, number, number))
    return number
