"""Places the lines of a terms text in the tree, one after the other, and collects what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.terms.lines import (
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
    Title,
    Unreadable,
    read_line,
)
from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Article, Item, Paragraph, Table, Terms, numbered_paragraph


@dataclass(frozen=True, order=True)
class TermsProblem:
    """One thing that can't be read: its line, counted from 1, and the reason."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class TermsSyntaxError(ValueError):
    """A terms text can't be read. `problems` lists everything that is wrong, by line."""

    def __init__(self, problems: Sequence[TermsProblem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class _TableDraft:
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.header or self.rows[0])

    def table(self) -> Table:
        return Table(self.header, tuple(self.rows))


@dataclass
class _ItemDraft:
    indent: int
    label: str
    text: list[str]
    items: list[_ItemDraft] = field(default_factory=list)

    def item(self) -> Item:
        return Item(self.label, "\n".join(self.text), tuple(child.item() for child in self.items))


@dataclass
class _ParagraphDraft:
    number: int | None
    text: list[str]
    items: list[_ItemDraft] = field(default_factory=list)
    tables: list[_TableDraft] = field(default_factory=list)
    indent = 0

    def paragraph(self) -> Paragraph:
        items = tuple(item.item() for item in self.items)
        return Paragraph(self.number, "\n".join(self.text), items, tuple(t.table() for t in self.tables))


@dataclass
class _Body:
    """An article or annex: its heading, where that stands, and what follows it."""

    line: int
    heading: ArticleHeading | AnnexHeading
    chapter: str = ""
    paragraphs: list[_ParagraphDraft] = field(default_factory=list)
    open_items: list[_ItemDraft] = field(default_factory=list)

    def content(self) -> tuple[Paragraph, ...]:
        return tuple(paragraph.paragraph() for paragraph in self.paragraphs)


class TermsReader:
    """Takes the lines of one text in order; `finish` gives the tree or raises TermsSyntaxError."""

    def __init__(self) -> None:
        self._problems: list[TermsProblem] = []
        self._title = ""
        self._preamble: list[str] = []
        self._chapters: dict[str, int] = {}
        self._chapter = ""
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
            case Unreadable():
                self._problem(line.reason)
            case Numbered() | Bullet() | Plain() | Row() | Separator():
                self._read_content(line)
        self._previous = line

    def finish(self) -> Terms:
        """Give the tree of all lines read. Raises TermsSyntaxError when anything was wrong."""
        if not self._title:
            self._problem("the text has no title (# …)", line=1)
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

    def _problem(self, reason: str, *, line: int | None = None) -> None:
        self._problems.append(TermsProblem(line or self._line, reason))

    def _check_chapters(self) -> None:
        used = {body.chapter for body in self._bodies.values()}
        for heading, line in self._chapters.items():
            if heading not in used:
                self._problem(f"no article stands under {heading}", line=line)

    def _check_bodies(self) -> None:
        for key, body in self._bodies.items():
            if not body.paragraphs:
                self._problem("this article or annex has no text", line=body.line)
            if isinstance(key, str):
                self._check_key(key, body.line)

    def _check_key(self, key: str, line: int) -> None:
        """Refuse keys `list` and `list-1` together when `list` has a clause 1: `list-1` could be either."""
        outer_key, _, last = key.rpartition("-")
        outer = self._bodies.get(outer_key)
        if outer and last.isdigit() and numbered_paragraph(outer.content(), int(last)):
            self._problem(f"the key {key} also reads as clause {last} of annex {outer_key}", line=line)

    def _read_title(self, line: Title) -> None:
        if self._title:
            self._problem("a text has one title only; chapters are written as ##")
        elif self._bodies or self._chapters:
            self._problem("the title stands before all chapters and articles")
        self._title = self._title or line.text

    def _read_quote(self, line: Quote) -> None:
        if self._bodies or self._chapters:
            self._problem("a quotation is the preamble and stands before all chapters and articles")
            return
        if self._preamble and not isinstance(self._previous, Quote):
            self._preamble.append("")
        self._preamble.append(line.text)

    def _read_chapter(self, line: ChapterHeading) -> None:
        if line.text in self._chapters:
            self._problem(f"this heading already stands in line {self._chapters[line.text]}")
        if self._has_annex():
            self._problem("chapters stand before the annexes")
        self._chapters.setdefault(line.text, self._line)
        self._chapter = line.text
        self._body = None

    def _read_article(self, line: ArticleHeading) -> None:
        if self._has_annex():
            self._problem("articles stand before the annexes")
        self._open_body(line.number, line)

    def _has_annex(self) -> bool:
        return any(isinstance(key, str) for key in self._bodies)

    def _open_body(self, key: ArticleNumber | str, heading: ArticleHeading | AnnexHeading) -> None:
        chapter = self._chapter if isinstance(heading, ArticleHeading) else ""
        self._body = _Body(self._line, heading, chapter)
        if key in self._bodies:
            name = f"annex {key}" if isinstance(key, str) else key.label_ja()
            self._problem(f"{name} already stands in line {self._bodies[key].line}")
        else:
            self._bodies[key] = self._body

    def _read_content(self, line: Numbered | Bullet | Plain | Row | Separator) -> None:
        if self._body is None:
            self._problem("text outside of an article or annex (a preamble is written as a quotation: > …)")
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
        if any(paragraph.number == line.number for paragraph in body.paragraphs):
            self._problem(f"paragraph {line.number} stands twice in this article or annex")
        _open_paragraph(body, line.number, [line.text])

    def _read_bullet(self, body: _Body, line: Bullet) -> None:
        paragraph = body.paragraphs[-1] if body.paragraphs else _open_paragraph(body, None, [])
        if paragraph.tables:
            self._problem("items stand before the table of their paragraph")
        closed = None
        while body.open_items and body.open_items[-1].indent >= line.indent:
            closed = body.open_items.pop()
        if closed is not None and closed.indent != line.indent:
            self._problem("this item is indented like none of the items above it")
        siblings = body.open_items[-1].items if body.open_items else paragraph.items
        if line.label and any(item.label == line.label for item in siblings):
            self._problem(f"item {line.label} stands twice in this place")
        item = _ItemDraft(line.indent, line.label, [line.text])
        siblings.append(item)
        body.open_items.append(item)

    def _read_plain(self, body: _Body, line: Plain) -> None:
        paragraph = body.paragraphs[-1] if body.paragraphs else None
        target = body.open_items[-1] if body.open_items else paragraph
        follows = not body.open_items and not isinstance(self._previous, Blank)
        if paragraph and target and not paragraph.tables and (line.indent > target.indent or follows):
            target.text.append(line.text)
        elif line.indent:
            self._problem("this line is indented but continues no text above it")
        else:
            _open_paragraph(body, None, [line.text])

    def _read_row(self, body: _Body, line: Row) -> None:
        paragraph = body.paragraphs[-1] if body.paragraphs else _open_paragraph(body, None, [])
        if not (paragraph.tables and isinstance(self._previous, Row | Separator)):
            paragraph.tables.append(_TableDraft(rows=[line.cells]))
            return
        table = paragraph.tables[-1]
        if len(line.cells) != table.width:
            self._problem(f"this row has {len(line.cells)} cells, the table {table.width}")
        table.rows.append(line.cells)

    def _read_separator(self, body: _Body, line: Separator) -> None:
        tables = body.paragraphs[-1].tables if body.paragraphs else []
        if not isinstance(self._previous, Row) or tables[-1].header or len(tables[-1].rows) != 1:
            self._problem("a |---| line stands below the first row of a table only")
        elif line.width != tables[-1].width:
            self._problem(f"this row has {line.width} cells, the table {tables[-1].width}")
        else:
            tables[-1].header = tables[-1].rows.pop()


def _open_paragraph(body: _Body, number: int | None, text: list[str]) -> _ParagraphDraft:
    paragraph = _ParagraphDraft(number, text)
    body.paragraphs.append(paragraph)
    body.open_items.clear()
    return paragraph
