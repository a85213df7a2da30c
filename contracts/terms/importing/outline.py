"""What was found of a text: its chapters, articles and annexes, and what is strange about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from contracts.problems.reasons import Reason
from contracts.terms.importing.annexes import annex_keys
from contracts.terms.importing.body import BodyWriter
from contracts.terms.importing.line_rules import ChapterLine, is_deletion
from contracts.terms.importing.result import Leftover, Note, NoteKind
from contracts.terms.importing.source import SourceLine
from contracts.terms.numbering import ArticleNumber
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Annex, Article, Paragraph


@dataclass(eq=False)
class ChapterDraft:
    """The heading of a chapter, as the tree holds it (`heading`) and with its line."""

    line: SourceLine
    heading: str
    level: int
    number: int | None


@dataclass
class ArticleDraft:
    """An article, the line of its heading, and the headings above it, the outermost first.

    `deleted` is one of a range of which the text says only that it was deleted.
    """

    line: int
    number: ArticleNumber
    title: str
    chapters: tuple[ChapterDraft, ...]
    body: BodyWriter
    deleted: bool = False

    @property
    def chapter(self) -> str:
        """The headings above it as the tree holds them."""
        return _path(self.chapters)

    def article(self) -> Article:
        """The article; one without text has its title as text (第5条 削除)."""
        paragraphs = self.body.content()
        if paragraphs:
            return Article(self.number, self.title, self.chapter, paragraphs)
        return Article(self.number, "", self.chapter, (Paragraph(None, self.title),))

    @property
    def says_nothing(self) -> bool:
        """Whether there is nothing but the number."""
        return self.body.empty and not self.title


@dataclass
class AnnexDraft:
    """An annex; a bare title is one like 別記, and `level` the number of # signs before it."""

    line: int
    title: str
    body: BodyWriter
    bare_title: bool
    level: int


@dataclass
class Outline:
    """The headings of a text in order."""

    articles: list[ArticleDraft] = field(default_factory=list)
    annexes: list[AnnexDraft] = field(default_factory=list)
    chapters: list[ChapterDraft] = field(default_factory=list)
    open_chapters: tuple[ChapterDraft, ...] = ()

    def open_chapter(self, line: SourceLine, reading: ChapterLine) -> None:
        """Begin a chapter, or a section within the chapter that is open."""
        chapter = ChapterDraft(line, reading.heading, reading.level, reading.number)
        outer = (opened for opened in self.open_chapters if opened.level < reading.level)
        self.open_chapters = (*outer, chapter)
        self.chapters.append(chapter)

    @property
    def last_number(self) -> ArticleNumber | None:
        """The number of the last article whose number the text does not leave open."""
        return next((draft.number for draft in reversed(self.articles) if not draft.number.irregular), None)

    def is_successor(self, number: ArticleNumber) -> bool:
        """Whether an article of that number is the next one."""
        return self.last_number is not None and follows(number, self.last_number)

    def is_next_chapter(self, reading: ChapterLine) -> bool:
        """Whether a heading follows the last one of its kind: 第2章 after 第1章."""
        same = (chapter.number for chapter in reversed(self.chapters) if chapter.level == reading.level)
        last = next(same, None)
        return last is not None and reading.number == last + 1

    def problems(self) -> Iterator[TermsProblem]:
        """Why there is no tree: numbers that stand twice, or no article at all."""
        first: dict[ArticleNumber, int] = {}
        for draft in self.articles:
            if draft.number in first:
                values = {"what": draft.number.label_ja(), "line": first[draft.number]}
                yield TermsProblem(draft.line, Reason("already_in_line", values))
            first.setdefault(draft.number, draft.line)
        if not self._speaking:
            yield TermsProblem(1, Reason("no_article"))
        for chapter, first_line, in_place in self._repeated_chapters():
            if not in_place:
                values = {"what": chapter.heading, "line": first_line}
                yield TermsProblem(chapter.line.number, Reason("already_in_line", values))

    def notes(self) -> Iterator[Note]:
        """What staff should look at: numbers left open or left out, articles without text."""
        last: ArticleNumber | None = None
        for draft in self.articles:
            label = draft.number.label_ja()
            if draft.number.irregular:
                yield Note(draft.line, NoteKind.OPEN_NUMBER, label)
            else:
                expected = follows(draft.number, last) if last else draft.number == ArticleNumber(1)
                if not expected:
                    before = last.label_ja() if last else "–"
                    yield Note(draft.line, NoteKind.ARTICLE_GAP, f"{before} → {label}")
                last = draft.number
            for line, number in draft.body.skipped_numbers:
                yield Note(line, NoteKind.PARAGRAPH_GAP, f"{label} → {number}")
            if draft.body.empty and not draft.deleted and is_deletion(draft.title):
                yield Note(draft.line, NoteKind.DELETED, label)
            elif draft.body.empty and draft.title and not draft.deleted:
                yield Note(draft.line, NoteKind.NO_TEXT, label)

    def leftovers(self) -> Iterator[Leftover]:
        """Headings that have nothing below them."""
        for draft in self.articles:
            if draft.says_nothing:
                yield Leftover(draft.line, draft.number.label_ja(), Reason("bare_title"))
        used = {chapter for draft in self._speaking for chapter in draft.chapters}
        for chapter in self.chapters:
            if chapter not in used:
                yield Leftover(chapter.line.number, chapter.line.text, Reason("chapter_without_articles"))
        for chapter, first_line, _in_place in self._repeated_chapters():
            reason = Reason("repeated_heading", {"line": first_line})
            yield Leftover(chapter.line.number, chapter.line.text, reason)
        for annex in self.annexes:
            if annex.body.empty:
                yield Leftover(annex.line, annex.title, Reason("bare_title"))

    def article_list(self) -> tuple[Article, ...]:
        """The articles that say something."""
        return tuple(draft.article() for draft in self._speaking)

    @property
    def _speaking(self) -> list[ArticleDraft]:
        return [draft for draft in self.articles if not draft.says_nothing]

    def _repeated_chapters(self) -> Iterator[tuple[ChapterDraft, int, bool]]:
        """Headings that stand twice: the later, the line of the first, whether articles go on as before."""
        first: dict[str, ChapterDraft] = {}
        repeated: set[ChapterDraft] = set()
        above = ""
        for draft in self._speaking:
            for depth, chapter in enumerate(draft.chapters, start=1):
                path = _path(draft.chapters[:depth])
                if first.setdefault(path, chapter) is not chapter and chapter not in repeated:
                    repeated.add(chapter)
                    goes_on = above == path or (above.startswith(f"{path}\n") and depth < len(draft.chapters))
                    yield chapter, first[path].line.number, goes_on
            above = draft.chapter

    def annex_list(self) -> tuple[Annex, ...]:
        """The annexes that have text, each with its key."""
        filled = [draft for draft in self.annexes if not draft.body.empty]
        keys = annex_keys([draft.title for draft in filled])
        pairs = zip(keys, filled, strict=True)
        return tuple(Annex(key, draft.title, draft.body.content()) for key, draft in pairs)


def _path(chapters: Sequence[ChapterDraft]) -> str:
    return "\n".join(chapter.heading for chapter in chapters)


def successors(last: ArticleNumber) -> Iterator[ArticleNumber]:
    """The numbers that may come next: 19 or 18の2 after 18, 18の3, 18の2の2 or 19 after 18の2."""
    yield ArticleNumber(last.number + 1)
    yield ArticleNumber(last.number, (*last.branches, 2))
    for depth, branch in enumerate(last.branches):
        yield ArticleNumber(last.number, (*last.branches[:depth], branch + 1))


def follows(number: ArticleNumber, last: ArticleNumber) -> bool:
    """Whether an article of this number comes next."""
    return number in successors(last)
