"""Builds the tree from the lines of a text, each placed by its own reading and by what stands around it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.problems.reasons import Reason
from contracts.terms.importing import line_rules
from contracts.terms.importing.body import BodyWriter
from contracts.terms.importing.front import assumed_title, split_front
from contracts.terms.importing.furniture import is_end_mark
from contracts.terms.importing.joining import Layout
from contracts.terms.importing.labels import split_bracket, tidy, tidy_heading
from contracts.terms.importing.line_rules import (
    ArticleLine,
    ChapterLine,
    DeletedLine,
    LabelLine,
    NumberLine,
    Reading,
    TitleLine,
)
from contracts.terms.importing.outline import AnnexDraft, ArticleDraft, Outline, successors
from contracts.terms.importing.result import (
    Furniture,
    FurnitureKind,
    Leftover,
    Note,
    NoteKind,
    TermsImportError,
)
from contracts.terms.importing.source import SourceLine
from contracts.terms.lines import BULLET_MARKS
from contracts.terms.numbering import ArticleNumber
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Terms

_DELETED = "削除"
_FEWEST_TITLES = 3
_REMARK = re.compile(
    r"注|※|例|以下|参考|税|単位|略|中略|削除|廃止|新設|追加|変更|その\d|続き|別紙|別表|[\d０-９\W]+$"
)
"""What stands in brackets as a remark, and not as a heading."""


@dataclass
class TreeBuilder:
    """Takes the lines of a text without page furniture, in order; `finish` gives the tree.

    An end mark (以上) is passed in like any line: what follows it is an annex or has no place.
    """

    lines: Sequence[SourceLine]
    layout: Layout
    running_heads: Sequence[str] = ()
    not_placed: list[Leftover] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    furniture: list[Furniture] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._readings = [_reading_of(line) for line in self.lines]
        self._last_at = {
            reading.number: index
            for index, reading in enumerate(self._readings)
            if isinstance(reading, ArticleLine) and not reading.citing and (reading.spaced or reading.bare)
        }
        self._front: list[SourceLine] = []
        self._outline = Outline()
        self._section: ArticleDraft | AnnexDraft | None = None
        self._pending: tuple[SourceLine, TitleLine] | None = None
        self._ended = False

    def build(self) -> None:
        """Place every line."""
        for index, line in enumerate(self.lines):
            if is_end_mark(line):
                self._ended = True
            elif not self._place_heading(index):
                self._place_content(index)

    def finish(self) -> Terms:
        """The tree. Raises TermsImportError for article numbers that stand twice, or when there is none."""
        outline = self._outline
        if problems := list(self._lost_numbers() or outline.problems()):
            raise TermsImportError(problems)
        self.notes += outline.notes()
        self.not_placed += outline.leftovers()
        articles = outline.article_list()
        title, preamble = split_front(self._front, self.layout)
        if not title:
            texts = (paragraph.text for article in articles for paragraph in article.paragraphs)
            title = assumed_title(self.running_heads, texts)
            self.notes.append(Note(1, NoteKind.TITLE_ASSUMED, title))
        return Terms(title, preamble, articles, outline.annex_list())

    def _lost_numbers(self) -> list[TermsProblem]:
        """Why there is no tree: lines before the first article look like headings without their numbers."""
        articles = self._outline.articles
        if articles and articles[0].number == ArticleNumber(1):
            return []
        first = articles[0].line if articles else math.inf
        titles = [
            line
            for line, reading in zip(self.lines, self._readings, strict=True)
            if line.number < first and _is_title(reading)
        ]
        if len(titles) < _FEWEST_TITLES:
            return []
        shown = "、".join(f"{line.number}: {line.text}" for line in titles[:_FEWEST_TITLES])
        return [TermsProblem(titles[0].number, Reason("numbers_lost", {"titles": shown}))]

    def _place_heading(self, index: int) -> bool:
        """Place the line when it is a heading: of a chapter, an article, an annex, or a small one."""
        line, reading = self.lines[index], self._readings[index]
        match reading:
            case ChapterLine() if self._accepts_chapter(line, reading):
                self._open_chapter(line, reading)
            case ArticleLine() if self._accepts_article(index):
                self._open_article(line, reading)
            case DeletedLine() if self._accepts_deleted(line):
                self._place_deleted(line, reading)
            case TitleLine() if self._is_title_of_next(index):
                self._pending = (line, reading)
            case TitleLine() if isinstance(self._section, AnnexDraft) and not self._interrupted(line):
                self._section.body.add_heading(line, reading.written)
            case TitleLine() if isinstance(self._section, ArticleDraft) and self._is_title_below(reading):
                self._section.title = reading.text
            case TitleLine() if isinstance(self._section, ArticleDraft) and self._is_small_heading(index):
                self._section.body.add_heading(line, reading.written)
            case _:
                return self._place_annex_heading(index)
        return True

    def _is_title_below(self, reading: TitleLine) -> bool:
        """Whether an article has its title in the line below its number."""
        draft = self._section
        bare = isinstance(draft, ArticleDraft) and not draft.title and draft.body.empty and not draft.deleted
        return bare and not _REMARK.match(reading.text)

    def _is_small_heading(self, index: int) -> bool:
        """Whether a title inside an article stands above what follows, and is no remark on what is above."""
        line, reading = self.lines[index], self._readings[index]
        if self._section is None or self._section.body.empty or self._interrupted(line) or self._ended:
            return False
        below = self.lines[index + 1 : index + 2]
        is_remark = isinstance(reading, TitleLine) and _REMARK.match(reading.text)
        return bool(below) and not is_remark and not (below[0].cells or below[0].table)

    def _interrupted(self, line: SourceLine) -> bool:
        return self._section is not None and self._section.body.interrupted(line)

    def _accepts_chapter(self, line: SourceLine, reading: ChapterLine) -> bool:
        if isinstance(self._section, AnnexDraft) or self._section is None:
            return self._section is None
        if reading.number == 1 or self._outline.is_next_chapter(reading):
            return not self._section.body.says_more(line)
        return not self._interrupted(line)

    def _open_chapter(self, line: SourceLine, reading: ChapterLine) -> None:
        self._outline.open_chapter(line, reading)
        self._section = None
        self._ended = False

    def _accepts_article(self, index: int) -> bool:
        line, reading = self.lines[index], self._readings[index]
        if not isinstance(reading, ArticleLine) or reading.citing:
            return False
        titled_above = self._pending is not None or self._title_stands_above(index)
        if isinstance(self._section, AnnexDraft):
            return (titled_above or reading.bare or reading.titled is not None) and not self._interrupted(
                line
            )
        if not self._outline.articles or self._outline.is_successor(reading.number):
            return titled_above or reading.spaced or reading.titled is not None
        return (titled_above or reading.bare or reading.titled is not None) and not self._interrupted(line)

    def _accepts_deleted(self, line: SourceLine) -> bool:
        in_articles = bool(self._outline.articles) and not isinstance(self._section, AnnexDraft)
        return in_articles and not self._interrupted(line)

    def _place_deleted(self, line: SourceLine, reading: DeletedLine) -> None:
        """Each article of a range that was deleted is kept, saying so."""
        for number in reading.numbers:
            body = BodyWriter(self.layout, numbered_freely=False)
            chapters = self._outline.open_chapters
            draft = ArticleDraft(line.number, number, _DELETED, chapters, body, deleted=True)
            self._outline.articles.append(draft)
            self._section = draft
        self.notes.append(Note(line.number, NoteKind.DELETED, reading.written))

    def _title_stands_above(self, index: int) -> bool:
        return index > 0 and isinstance(self._readings[index - 1], TitleLine)

    def _is_title_of_next(self, index: int) -> bool:
        return index + 1 < len(self.lines) and self._accepts_article(index + 1)

    def _open_article(self, line: SourceLine, reading: ArticleLine) -> None:
        title, text = self._title_and_text(reading, line)
        if isinstance(self._section, AnnexDraft):
            bracket = f"（{title}）" if title else ""
            self._section.body.add_heading(line, f"{reading.number.label_ja()}{bracket}")
            body = self._section.body
        else:
            body = BodyWriter(self.layout, numbered_freely=False)
            draft = ArticleDraft(line.number, reading.number, title, self._outline.open_chapters, body)
            self._outline.articles.append(draft)
            self._section = draft
            self._ended = False
        if line.text[0] in BULLET_MARKS:
            self.furniture.append(Furniture(line.number, line.text[0], FurnitureKind.BULLET))
        if text:
            self._place_text_behind_heading(line, text, body)

    def _title_and_text(self, reading: ArticleLine, line: SourceLine) -> tuple[str, str]:
        if self._pending:
            title, self._pending = self._pending[1].text, None
            return title, reading.rest
        if reading.titled and not (self.layout.fills(line) and not reading.rest.startswith(("（", "("))):
            return reading.titled
        return "", reading.rest

    def _place_text_behind_heading(self, line: SourceLine, text: str, body: BodyWriter) -> None:
        behind = SourceLine(line.number, text, indent=max(line.width - 2 * len(text), 0), page=line.page)
        reading = line_rules.read(text)
        if isinstance(reading, NumberLine | LabelLine):
            _place_numbered(behind, reading, body)
        else:
            body.add_text(behind)

    def _place_annex_heading(self, index: int) -> bool:
        line = self.lines[index]
        if line.cells or line.separator or line.table or not self._outline.articles:
            return False
        if isinstance(self._section, AnnexDraft) and not self._ended:
            return self._place_heading_in_annex(line, self._section)
        if not self._begins_annex(index):
            return False
        self._open_annex(line)
        return True

    def _begins_annex(self, index: int) -> bool:
        line = self.lines[index]
        named = line_rules.is_annex_title(line.text) and not line.dash
        if not self._is_free_for_annex(line, named=named) or self._articles_go_on(index):
            return False
        marked = bool(line.heading) and line_rules.is_heading_like(line.text)
        after_end = self._ended and line_rules.is_heading_like(line.text)
        return named or marked or after_end

    def _is_free_for_annex(self, line: SourceLine, *, named: bool) -> bool:
        """Whether an annex can begin here: below a line that ends in a noun, a short name may."""
        if self._section is None or not self._interrupted(line):
            return True
        return named and not self.layout.fills(line) and not self._section.body.says_more(line)

    def _articles_go_on(self, index: int) -> bool:
        last = self._outline.last_number
        return last is not None and any(self._last_at.get(number, 0) > index for number in successors(last))

    def _place_heading_in_annex(self, line: SourceLine, annex: AnnexDraft) -> bool:
        if line.dash or annex.body.interrupted(line):
            return False
        reading_is_number = isinstance(line_rules.read(line.text), NumberLine | LabelLine)
        is_part = line_rules.read_part(line.text) is not None
        if annex.body.empty and self._extends_title(line, annex, is_part=is_part):
            annex.title = f"{annex.title} {tidy_heading(line.text)}"
            annex.bare_title = line_rules.is_bare_annex_title(tidy(line.text))
        elif is_part or line_rules.is_annex_title(line.text) or (0 < line.heading <= annex.level):
            self._open_annex(line)
        elif line.heading or (isinstance(line_rules.read(line.text), ChapterLine)):
            annex.body.add_heading(line, tidy(line.text))
        else:
            return False
        return not reading_is_number

    def _extends_title(self, line: SourceLine, annex: AnnexDraft, *, is_part: bool) -> bool:
        if not annex.bare_title or not line_rules.is_heading_like(line.text):
            return False
        plain_text = not isinstance(
            line_rules.read(line.text), NumberLine | LabelLine | ArticleLine | TitleLine
        )
        return is_part or plain_text

    def _open_annex(self, line: SourceLine) -> None:
        title = tidy_heading(line.text)
        bare = line_rules.is_bare_annex_title(title)
        body = BodyWriter(self.layout, numbered_freely=True)
        annex = AnnexDraft(line.number, title, body, bare, line.heading)
        self._outline.annexes.append(annex)
        self._section = annex
        self._ended = False

    def _place_content(self, index: int) -> None:
        line = self.lines[index]
        if line.separator and (self._section is None or self._ended):
            return
        if self._section is None and not self._outline.chapters:
            self._front.append(line)
        elif self._section is None:
            self._leave(line, Reason("before_first_article"))
        elif self._ended:
            self._leave(line, Reason("after_the_end"))
        elif line.cells and self._section.body.repeats_header(line):
            self.furniture.append(Furniture(line.number, line.plain, FurnitureKind.RUNNING_HEAD))
        else:
            _place_in_body(line, self._in_section(index), self._section.body)

    def _in_section(self, index: int) -> Reading:
        """The reading of a line; one that names an article is text elsewhere: 3.2 stands below 第3条."""
        reading = self._readings[index]
        if not isinstance(reading, NumberLine) or reading.article is None:
            return reading
        draft = self._section
        own = isinstance(draft, ArticleDraft) and draft.number == ArticleNumber(reading.article)
        return reading if own else line_rules.TextLine(self.lines[index].text)

    def _leave(self, line: SourceLine, reason: Reason) -> None:
        self.not_placed.append(Leftover(line.number, line.plain, reason))


def _place_in_body(line: SourceLine, reading: Reading, body: BodyWriter) -> None:
    if line.table:
        body.add_table(line, line.table)
    elif line.cells:
        body.add_row(line)
    elif line.separator:
        body.mark_header(line)
    elif isinstance(reading, NumberLine | LabelLine):
        _place_numbered(line, reading, body)
    elif line.dash:
        body.add_dash(line)
    else:
        body.add_text(line)


def _place_numbered(line: SourceLine, reading: NumberLine | LabelLine, body: BodyWriter) -> None:
    if isinstance(reading, NumberLine):
        placed = body.add_number(line, reading)
    else:
        placed = body.add_label(line, reading.label, reading.rest)
    if not placed:
        body.add_text(line)


def _is_title(reading: Reading) -> bool:
    """Whether a line is nothing but a title in brackets, or a number or label before one: 1. （定義）."""
    if isinstance(reading, NumberLine | LabelLine):
        bracket = split_bracket(reading.rest)
        return bracket is not None and bool(bracket[0]) and not bracket[1]
    return isinstance(reading, TitleLine)


def _reading_of(line: SourceLine) -> Reading:
    if line.cells or line.table or line.separator:
        return line_rules.TextLine(line.text)
    return line_rules.read(line.text)
