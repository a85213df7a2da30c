"""What was found of a text: its chapters, articles and annexes, and what is strange about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.terms.importing.annexes import annex_keys
from contracts.terms.importing.body import BodyWriter
from contracts.terms.importing.line_rules import ChapterLine
from contracts.terms.importing.result import Leftover, Note, NoteKind
from contracts.terms.importing.source import SourceLine
from contracts.terms.numbering import ArticleNumber
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Annex, Article, Paragraph


@dataclass
class ArticleDraft:
    """An article and the line of its heading."""

    line: int
    number: ArticleNumber
    title: str
    chapter: str
    body: BodyWriter

    def article(self) -> Article:
        """The article; one without text has its title as text (第5条 削除)."""
        paragraphs = self.body.content()
        if paragraphs:
            return Article(self.number, self.title, self.chapter, paragraphs)
        text = self.title or self.number.label_ja()
        return Article(self.number, "", self.chapter, (Paragraph(None, text),))


@dataclass
class AnnexDraft:
    """An annex; a bare title is one like 別記, and `level` the number of # signs before it."""

    line: int
    title: str
    body: BodyWriter
    bare_title: bool
    level: int


@dataclass
class ChapterDraft:
    """The heading of a chapter with the headings around it (`path`)."""

    line: SourceLine
    path: str


@dataclass
class Outline:
    """The headings of a text in order."""

    articles: list[ArticleDraft] = field(default_factory=list)
    annexes: list[AnnexDraft] = field(default_factory=list)
    chapters: list[ChapterDraft] = field(default_factory=list)
    _open_chapters: list[ChapterLine] = field(default_factory=list)

    def open_chapter(self, line: SourceLine, reading: ChapterLine) -> None:
        """Begin a chapter, or a section within the chapter that is open."""
        while self._open_chapters and self._open_chapters[-1].level >= reading.level:
            self._open_chapters.pop()
        self._open_chapters.append(reading)
        self.chapters.append(ChapterDraft(line, self.chapter))

    @property
    def chapter(self) -> str:
        """The headings that an article found here stands under."""
        return "\n".join(chapter.heading for chapter in self._open_chapters)

    def is_successor(self, number: ArticleNumber) -> bool:
        """Whether an article of that number is the next one."""
        regular = (draft.number for draft in reversed(self.articles) if not draft.number.irregular)
        last = next(regular, None)
        return last is not None and follows(number, last)

    def problems(self) -> Iterator[TermsProblem]:
        """Why there is no tree: numbers that stand twice, or no article at all."""
        first: dict[ArticleNumber, int] = {}
        for draft in self.articles:
            if draft.number in first:
                reason = f"{draft.number.label_ja()} already stands in line {first[draft.number]}"
                yield TermsProblem(draft.line, reason)
            first.setdefault(draft.number, draft.line)
        if not self.articles:
            yield TermsProblem(1, "no article (第1条 …) was found in the text")

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
            if draft.body.empty:
                yield Note(draft.line, NoteKind.NO_TEXT, label)

    def leftovers(self) -> Iterator[Leftover]:
        """Headings that have nothing below them."""
        used = {draft.chapter for draft in self.articles}
        for chapter in self.chapters:
            if not any(f"{path}\n".startswith(f"{chapter.path}\n") for path in used):
                yield Leftover(chapter.line.number, chapter.line.text, "a chapter without articles")
        for annex in self.annexes:
            if annex.body.empty:
                yield Leftover(annex.line, annex.title, "a heading without text")

    def annex_list(self) -> tuple[Annex, ...]:
        """The annexes that have text, each with its key."""
        filled = [draft for draft in self.annexes if not draft.body.empty]
        keys = annex_keys([draft.title for draft in filled])
        pairs = zip(keys, filled, strict=True)
        return tuple(Annex(key, draft.title, draft.body.content()) for key, draft in pairs)


def follows(number: ArticleNumber, last: ArticleNumber) -> bool:
    """Whether an article of this number comes next: 19 or 18の2 after 18, 18の3 or 19 after 18の2."""
    if number.irregular:
        return False
    if not number.branches:
        return number.number == last.number + 1
    *outer, branch = number.branches
    if branch == 2 and (number.number, number.branches[:-1]) == (last.number, last.branches):
        return True
    same_depth = last.branches[: len(number.branches)]
    return number.number == last.number and list(same_depth) == [*outer, branch - 1]
