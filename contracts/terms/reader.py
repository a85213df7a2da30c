"""Places the lines of a terms text in the tree, one after the other, and collects what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from contracts.problems.reasons import Reason
from contracts.terms.half_read import BodyDraft, ItemDraft, TableDraft
from contracts.terms.limits import DEEPEST_ITEMS
from contracts.terms.lines import (
    BULLET_MARKS,
    AnnexHeading,
    ArticleHeading,
    Blank,
    Bullet,
    ChapterHeading,
    Line,
    Numbered,
    Plain,
    Quote,
    Row,
    Separator,
    SmallHeading,
    Title,
    Unreadable,
    read_line,
)
from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Article, Terms, numbered_paragraph


@dataclass(frozen=True)
class TermsProblem:
    """One thing that can't be read: its line, counted from 1, and the reason."""

    line: int
    reason: Reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class TermsSyntaxError(ValueError):
    """A terms text can't be read. `problems` lists everything that is wrong, by line."""

    def __init__(self, problems: Sequence[TermsProblem]) -> None:
        self.problems = sorted(problems, key=attrgetter("line"))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class _Body(BodyDraft):
    """An article or annex: its heading, where that stands, and what follows it."""

    line: int
    heading: ArticleHeading | AnnexHeading
    chapter: str = ""


class TermsReader:
    """Takes the lines of one text in order; `finish` gives the tree or raises TermsSyntaxError."""

    def __init__(self) -> None:
        self._problems: list[TermsProblem] = []
        self._title = ""
        self._preamble: list[str] = []
        self._chapters: dict[str, int] = {}
        self._open_chapters: list[ChapterHeading] = []
        self._bodies: dict[ArticleNumber | str, _Body] = {}
        self._body: _Body | None = None
        self._line = 0
        self._previous: Line = Blank()

    def read(self, number: int, raw: str) -> None:
        """Place the line `raw`, which is line `number` of the text."""
        self._line = number
        line = read_line(raw)
        match line:
            case Title():
                self._read_title(line)
            case Quote():
                self._read_quote(line)
            case ChapterHeading():
                self._read_chapter(line)
            case ArticleHeading():
                self._read_article(line)
            case AnnexHeading():
                self._open_body(line.key, line)
            case SmallHeading():
                self._read_small_heading(line)
            case Unreadable():
                self._problem(line.reason)
            case Numbered() | Bullet() | Plain() | Row() | Separator():
                self._read_content(line)
        self._previous = line

    def finish(self) -> Terms:
        """Give the tree of all lines read. Raises TermsSyntaxError when anything was wrong."""
        if not self._title:
            self._problem(Reason("no_title"), line=1)
        self._close_small_heading()
        self._check_chapters()
        self._check_bodies()
        if self._problems:
            raise TermsSyntaxError(self._problems)
        articles, annexes = [], []
        for body in self._bodies.values():
            match body.heading:
                case ArticleHeading(number, title):
                    articles.append(Article(number, title, body.chapter, body.content()))
                case AnnexHeading(key, title):
                    annexes.append(Annex(key, title, body.content()))
        return Terms(self._title, "\n".join(self._preamble).strip("\n"), tuple(articles), tuple(annexes))

    def _problem(self, reason: Reason, *, line: int | None = None) -> None:
        self._problems.append(TermsProblem(line or self._line, reason))

    def _check_chapters(self) -> None:
        used = {body.chapter for body in self._bodies.values()}
        for heading, line in self._chapters.items():
            if not any(f"{chapter}\n".startswith(f"{heading}\n") for chapter in used):
                self._problem(Reason("empty_chapter", {"heading": heading}), line=line)

    def _check_bodies(self) -> None:
        for key, body in self._bodies.items():
            if not body.paragraphs:
                self._problem(Reason("empty_body"), line=body.line)
            if isinstance(key, str):
                self._check_key(key, body.line)

    def _check_key(self, key: str, line: int) -> None:
        """Refuse keys `list` and `list-1` together when `list` has a clause 1: `list-1` could be either."""
        outer_key, _, last = key.rpartition("-")
        outer = self._bodies.get(outer_key)
        if outer and last.isdigit() and numbered_paragraph(outer.content(), int(last)):
            values = {"key": key, "clause": last, "annex": outer_key}
            self._problem(Reason("annex_or_clause", values), line=line)

    def _read_title(self, line: Title) -> None:
        if self._title:
            self._problem(Reason("second_title"))
        elif self._bodies or self._chapters:
            self._problem(Reason("late_title"))
        self._title = self._title or line.text

    def _read_quote(self, line: Quote) -> None:
        if self._bodies or self._chapters:
            self._problem(Reason("late_preamble"))
            return
        if self._preamble and not isinstance(self._previous, Quote):
            self._preamble.append("")
        self._preamble.append(line.text)

    def _read_chapter(self, line: ChapterHeading) -> None:
        while self._open_chapters and self._open_chapters[-1].level >= line.level:
            self._open_chapters.pop()
        self._open_chapters.append(line)
        if self._chapter in self._chapters:
            self._problem(Reason("heading_in_line", {"line": self._chapters[self._chapter]}))
        if self._has_annex():
            self._problem(Reason("late_chapter"))
        self._chapters.setdefault(self._chapter, self._line)
        self._close_small_heading()
        self._body = None

    @property
    def _chapter(self) -> str:
        return "\n".join(heading.text for heading in self._open_chapters)

    def _read_article(self, line: ArticleHeading) -> None:
        if self._has_annex():
            self._problem(Reason("late_article"))
        self._open_body(line.number, line)

    def _has_annex(self) -> bool:
        return any(isinstance(key, str) for key in self._bodies)

    def _open_body(self, key: ArticleNumber | str, heading: ArticleHeading | AnnexHeading) -> None:
        self._close_small_heading()
        chapter = self._chapter if isinstance(heading, ArticleHeading) else ""
        self._body = _Body(self._line, heading, chapter)
        if key in self._bodies:
            self._problem(_twice(key, self._bodies[key].line))
        else:
            self._bodies[key] = self._body

    def _read_small_heading(self, line: SmallHeading) -> None:
        if self._body is None:
            self._problem(Reason("stray_small_heading"))
            return
        self._close_small_heading()
        self._body.small_heading = line.text

    def _close_small_heading(self) -> None:
        """A heading under which nothing stands is a paragraph of its own."""
        if self._body and self._body.small_heading:
            self._body.open(None, [])

    def _read_content(self, line: Numbered | Bullet | Plain | Row | Separator) -> None:
        if self._body is None:
            self._problem(Reason("stray_text"))
            return
        match line:
            case Numbered():
                self._read_numbered(self._body, line)
            case Bullet():
                self._read_bullet(self._body, line)
            case Plain():
                self._read_plain(self._body, line)
            case Row():
                self._read_row(self._body, line)
            case Separator():
                self._read_separator(self._body, line)

    def _read_numbered(self, body: _Body, line: Numbered) -> None:
        if line.number in body.numbers():
            self._problem(Reason("paragraph_twice", {"number": line.number}))
        body.open(line.number, [line.text])

    def _read_bullet(self, body: _Body, line: Bullet) -> None:
        paragraph = body.current or body.open(None, [])
        if paragraph.tables and isinstance(self._previous, Blank):
            paragraph = body.open(None, [])
        elif paragraph.tables:
            self._problem(Reason("item_after_table"))
        closed = None
        while body.open_items and body.open_items[-1].indent >= line.indent:
            closed = body.open_items.pop()
        if closed is not None and closed.indent != line.indent:
            self._problem(Reason("item_indent"))
        if len(body.open_items) >= DEEPEST_ITEMS:
            self._problem(Reason("too_deep", {"most": DEEPEST_ITEMS}))
            body.open_items.pop()
        siblings = body.open_items[-1].items if body.open_items else paragraph.items
        if line.label not in BULLET_MARKS and any(item.label == line.label for item in siblings):
            self._problem(Reason("item_twice", {"label": line.label}))
        item = ItemDraft(line.indent, line.label, [line.text])
        siblings.append(item)
        body.open_items.append(item)

    def _read_plain(self, body: _Body, line: Plain) -> None:
        paragraph = body.current
        target = body.open_items[-1] if body.open_items else paragraph
        follows = not body.open_items and not isinstance(self._previous, Blank)
        if paragraph and target and not paragraph.tables and (line.indent > target.indent or follows):
            target.text.append(line.text)
        elif line.indent:
            self._problem(Reason("text_indent"))
        else:
            body.open(None, [line.text])

    def _read_row(self, body: _Body, line: Row) -> None:
        paragraph = body.current or body.open(None, [])
        if not (paragraph.tables and isinstance(self._previous, Row | Separator)):
            paragraph.tables.append(TableDraft(rows=[line.cells]))
            return
        table = paragraph.tables[-1]
        if len(line.cells) != table.width:
            self._problem(Reason("row_width", {"cells": len(line.cells), "width": table.width}))
        table.rows.append(line.cells)

    def _read_separator(self, body: _Body, line: Separator) -> None:
        tables = body.current.tables if body.current else []
        if not isinstance(self._previous, Row) or tables[-1].header or len(tables[-1].rows) != 1:
            self._problem(Reason("stray_separator"))
        elif line.width != tables[-1].width:
            self._problem(Reason("row_width", {"cells": line.width, "width": tables[-1].width}))
        else:
            tables[-1].header = tables[-1].rows.pop()


def _twice(key: ArticleNumber | str, line: int) -> Reason:
    if isinstance(key, str):
        return Reason("annex_in_line", {"key": key, "line": line})
    return Reason("already_in_line", {"what": key.label_ja(), "line": line})
