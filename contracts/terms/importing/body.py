"""Places lines inside an article or annex: paragraphs, items, tables, and lines that were broken."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts.problems.reasons import Reason
from contracts.terms.half_read import BodyDraft, ItemDraft, ParagraphDraft, TableDraft
from contracts.terms.importing.announcing import announces_items
from contracts.terms.importing.joining import Join, Layout, glue, says_more
from contracts.terms.importing.labels import REMARK_MARK, Label, number_label, tidy
from contracts.terms.importing.line_rules import NumberLine
from contracts.terms.importing.result import TermsImportError
from contracts.terms.importing.source import SourceLine
from contracts.terms.limits import DEEPEST_ITEMS
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Paragraph, Table

_LONGEST_HEADER_CELL = 30
_AMOUNT = re.compile(
    r"[¥￥\\△▲-]?\s*[0-9０-９][0-9０-９,，.．]*\s*(?:円|%|％)(?:（.*）)?|[0-9０-９]+[,，][0-9０-９,，]+"
)


@dataclass
class _OpenItem:
    item: ItemDraft
    label: Label | None
    indent: int


class BodyWriter:
    """Takes the lines below one heading, in order. `numbered_freely` holds for annexes, not for articles."""

    def __init__(self, layout: Layout, *, numbered_freely: bool) -> None:
        self.draft = BodyDraft()
        self.skipped_numbers: list[tuple[int, int]] = []
        self._layout = layout
        self._numbered_freely = numbered_freely
        self._open: list[_OpenItem] = []
        self._text: list[str] = []
        self._last: SourceLine | None = None
        self._indent = 0
        self._in_table = False

    @property
    def empty(self) -> bool:
        """Whether nothing stands below the heading yet."""
        return not self.draft.paragraphs and not self.draft.small_heading

    def interrupted(self, following: SourceLine) -> bool:
        """Whether the text so far stops in the middle of a sentence, as `following` comes."""
        if not self._text or self._last is None or self._in_table:
            return False
        return self._layout.is_open(self._text[-1], self._last, following)

    def says_more(self, following: SourceLine) -> bool:
        """Whether the text so far goes on for sure: `following` may be no heading, whatever it looks like."""
        return self.interrupted(following) and says_more(self._text[-1])

    def add_heading(self, line: SourceLine, heading: str) -> None:
        """Begin a part with a small heading of its own."""
        if self.draft.small_heading:
            self._new_paragraph(None, None)
        self.draft.small_heading = heading
        self._text, self._last, self._in_table = [], line, False
        self._open.clear()

    def add_number(self, line: SourceLine, reading: NumberLine) -> bool:
        """Place a line that begins with a number; False when the number has no place here."""
        number = reading.number
        label = number_label(number)
        is_next = self._is_next(number)
        if reading.doubtful and (not is_next or self.interrupted(line)):
            return False
        if not (reading.unit or (is_next and self._stands_out(line))) and (
            self._continues_items(label) or self._begins_items(number)
        ):
            self.add_label(line, label, reading.rest)
            return True
        if is_next:
            if not self._may_begin(line, reading):
                return False
        elif not reading.dotted or self.interrupted(line):
            return False
        elif self._is_repeated(number):
            return self._add_repeated(line, label, reading.rest)
        elif not self._numbered_freely:
            self.skipped_numbers.append((line.number, number))
        self._new_paragraph(number, line, [reading.rest])
        self._indent = line.indent
        return True

    def _may_begin(self, line: SourceLine, reading: NumberLine) -> bool:
        """Whether the number that comes next begins a paragraph here, and is not part of a sentence."""
        if reading.wide:
            return not self.says_more(line)
        return reading.dotted or not self.interrupted(line)

    def _stands_out(self, line: SourceLine) -> bool:
        """Whether a line is indented as the numbered paragraph is, and less than the items below that."""
        paragraph = self.draft.current
        if paragraph is None or paragraph.number is None or not self._open:
            return False
        return line.indent <= self._indent < self._open[0].indent

    def add_label(self, line: SourceLine, label: Label, rest: str) -> bool:
        """Place an item; False for a line that only looks like one, in a sentence, or has the label above."""
        level = self._level_of(label)
        if level is None and (self._comes_again(label) or self._is_remark(label)):
            return False
        begins = label.is_first and label.sure
        if self.interrupted(line) and level is None and not begins and label.ordinals:
            return False
        self._add_item(line, _OpenItem(ItemDraft(0, label.text, [rest]), label, line.indent), level)
        return True

    def add_dash(self, line: SourceLine) -> None:
        """Place an item of a Markdown list that has no label; deeper ones are indented."""
        shallower = [
            depth
            for depth, item in enumerate(self._open)
            if item.label is None and item.indent >= line.indent
        ]
        level = shallower[0] if shallower else None
        opened = _OpenItem(ItemDraft(0, "", [tidy(line.text)]), None, line.indent)
        self._add_item(line, opened, level)

    def add_row(self, line: SourceLine) -> None:
        """Place a row of a table; rows without a blank line between them are one table."""
        table = self._current_table(line)
        table.rows.append(line.cells)
        self._last, self._in_table = line, True

    def repeats_header(self, line: SourceLine) -> bool:
        """Whether a row is the first of its table once more, as it stands at the head of each page."""
        paragraph = self.draft.current
        if not (self._in_table and paragraph and paragraph.tables and self._last):
            return False
        table = paragraph.tables[-1]
        first = table.header or (table.rows[0] if table.rows else ())
        return line.cells == first and line.page != self._last.page

    def mark_header(self, line: SourceLine) -> None:
        """The row above is the header of its table."""
        paragraph = self.draft.current
        if paragraph and paragraph.tables and len(paragraph.tables[-1].rows) == 1:
            paragraph.tables[-1].header = paragraph.tables[-1].rows.pop()
        self._last, self._in_table = line, True

    def add_table(self, line: SourceLine, table: Table) -> None:
        """Place a whole table."""
        paragraph = self._paragraph_for_table()
        paragraph.tables.append(TableDraft(table.header, list(table.rows)))
        self._last, self._in_table = line, False
        self._text = []

    def add_text(self, line: SourceLine) -> None:
        """Place a line without number or label: it goes on, or begins something new."""
        text = tidy(line.text)
        if not self._text or self._last is None or self._in_table or self.draft.current is None:
            self._new_paragraph(None, line, [text])
            return
        match self._layout.join(self._text[-1], self._last, line):
            case Join.SENTENCE:
                self._text[-1] = glue(self._text[-1], text)
            case Join.LINE:
                self._text.append(text)
            case Join.NEW if self._stays_in_paragraph(line):
                self._text.append(text)
            case Join.NEW:
                self._new_paragraph(None, line, [text])
        self._last = line

    def content(self) -> tuple[Paragraph, ...]:
        """The paragraphs; a small heading with nothing below it is one, too."""
        if self.draft.small_heading:
            self._new_paragraph(None, None)
        for paragraph in self.draft.paragraphs:
            _settle(paragraph)
        return self.draft.content()

    def _new_paragraph(
        self, number: int | None, line: SourceLine | None, text: list[str] | None = None
    ) -> None:
        self._text = text or []
        self.draft.open(number, self._text)
        self._open.clear()
        self._last, self._in_table = line, False

    def _add_item(self, line: SourceLine, opened: _OpenItem, level: int | None) -> None:
        paragraph = self.draft.current
        if paragraph is None or paragraph.tables:
            self._new_paragraph(None, line)
            paragraph, level = self.draft.paragraphs[-1], None
        if level is not None:
            del self._open[level:]
        if len(self._open) >= DEEPEST_ITEMS:
            raise TermsImportError([TermsProblem(line.number, Reason("too_deep", {"most": DEEPEST_ITEMS}))])
        siblings = self._open[-1].item.items if self._open else paragraph.items
        siblings.append(opened.item)
        self._open.append(opened)
        self._text, self._last, self._in_table = opened.item.text, line, False

    def _level_of(self, label: Label) -> int | None:
        """The level of the open items that the label goes on with; the deepest, when there are several."""
        for depth in range(len(self._open) - 1, -1, -1):
            other = self._open[depth].label
            if other is not None and label.follows(other):
                return depth
        if label.is_first:
            return None
        same_kind = (
            depth
            for depth, item in reversed(list(enumerate(self._open)))
            if item.label and item.label.kind == label.kind
        )
        return next((depth for depth in same_kind if not self._stands_at(depth, label)), None)

    def _is_remark(self, label: Label) -> bool:
        """Whether ※ begins a remark: nothing announces items above it."""
        paragraph = self.draft.current
        announced = paragraph is not None and not paragraph.items and announces_items("".join(paragraph.text))
        return label.kind == REMARK_MARK and not announced

    def _comes_again(self, label: Label) -> bool:
        """Whether the item above has this very label and announces no items: one label stands once."""
        same = bool(self._open) and self._open[-1].label == label and bool(label.ordinals)
        return same and not (self._text and announces_items(self._text[-1]))

    def _stands_at(self, depth: int, label: Label) -> bool:
        """Whether an item of that label stands at that level already."""
        siblings = self._open[depth - 1].item.items if depth else self.draft.paragraphs[-1].items
        return any(item.label == label.text for item in siblings)

    def _continues_items(self, label: Label) -> bool:
        return any(item.label is not None and label.follows(item.label) for item in self._open)

    def _begins_items(self, number: int) -> bool:
        """In an article that begins without a number, `1.` after 次の各号 begins its items."""
        paragraph = self.draft.current
        return (
            number == 1
            and not self._numbered_freely
            and paragraph is not None
            and paragraph.number is None
            and not (self._numbers() or paragraph.tables or paragraph.items)
            and announces_items("".join(paragraph.text))
        )

    def _numbers(self) -> list[int]:
        return sorted(number for number in self.draft.numbers() if number is not None)

    def _is_next(self, number: int) -> bool:
        numbers = self._numbers()
        if numbers:
            return number == numbers[-1] + 1
        if any(paragraph.number == number - 1 for paragraph in self.draft.paragraphs):
            return True
        unnumbered = 0 if self.draft.small_heading else len(self.draft.paragraphs)
        return number == 1 or (not self._numbered_freely and number in (2, unnumbered + 1) and unnumbered > 0)

    def _is_repeated(self, number: int) -> bool:
        numbers = self._numbers()
        return bool(numbers) and number <= numbers[-1]

    def _add_repeated(self, line: SourceLine, label: Label, rest: str) -> bool:
        """A number that stands here already begins items, or is text."""
        if label.is_first:
            return self.add_label(line, label, rest)
        if self._text and not self._in_table:
            self._text.append(tidy(line.text))
            self._last = line
        else:
            self._new_paragraph(None, line, [tidy(line.text)])
        return True

    def _stays_in_paragraph(self, line: SourceLine) -> bool:
        if self._open:
            return False
        paragraph = self.draft.current
        return paragraph is not None and (
            paragraph.number is not None or not (line.after_blank or line.indent or line.dash)
        )

    def _paragraph_for_table(self) -> ParagraphDraft:
        if self.draft.current is None:
            self._new_paragraph(None, None)
        return self.draft.paragraphs[-1]

    def _current_table(self, line: SourceLine) -> TableDraft:
        paragraph = self._paragraph_for_table()
        if not (self._in_table and paragraph.tables and not line.after_blank):
            paragraph.tables.append(TableDraft())
        return paragraph.tables[-1]


def _settle(paragraph: ParagraphDraft) -> None:
    """Make of the draft what the Markdown form can hold: no empty numbered text, rows of one width."""
    if paragraph.number is not None and not any(paragraph.text):
        paragraph.text[:] = [f"{paragraph.number}."]
        paragraph.number = None
    for item in paragraph.items:
        _settle_item(item)
    for table in paragraph.tables:
        _settle_table(table)


def _settle_item(item: ItemDraft) -> None:
    if not any(item.text):
        item.text[:], item.label = [item.label], ""
    for child in item.items:
        _settle_item(child)


def _settle_table(table: TableDraft) -> None:
    rows = [row for row in (table.header, *table.rows) if row]
    width = max(len(row) for row in rows)
    padded = [row + ("",) * (width - len(row)) for row in rows]
    if not table.header and len(padded) > 1 and _is_header(padded[0]):
        table.header = rows[0]
    if table.header:
        table.header, padded = padded[0], padded[1:]
    table.rows[:] = padded


def _is_header(row: tuple[str, ...]) -> bool:
    """Whether a row names columns: all its cells are short; that above the names of the rows may be empty."""
    corner, *others = row
    named = [corner, *others] if corner or not others else others
    return all(_is_header_cell(cell) for cell in named)


def _is_header_cell(cell: str) -> bool:
    return (
        bool(cell) and len(cell) <= _LONGEST_HEADER_CELL and "。" not in cell and not _AMOUNT.fullmatch(cell)
    )
