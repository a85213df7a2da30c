"""The new version of terms, from what a comparison table shows of its articles and annexes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contracts.problems.reasons import Reason
from contracts.terms.amending.bodies import Outcome, Segment, amend_body
from contracts.terms.amending.entries import Entry, EntryKind
from contracts.terms.amending.finding import TEXTS
from contracts.terms.amending.pieces import Piece, flatten, rebuilt
from contracts.terms.amending.result import Amendment, Step, StepKind
from contracts.terms.amending.sections import DELETED, Section, ShownSections
from contracts.terms.amending.table import ComparisonRows
from contracts.terms.compare.fold import fold
from contracts.terms.importing.annexes import annex_keys
from contracts.terms.importing.result import Leftover
from contracts.terms.lines import CHAPTER_UNITS
from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Article, Paragraph, Terms


def amend_terms(old: Terms, table: ComparisonRows) -> Amendment:
    """What the rows make of the old version."""
    shown = ShownSections(old)
    for row in table.rows:
        shown.take(row)
    terms = _NewTerms(shown).terms()
    outcome = shown.outcome
    not_placed = sorted([*table.outside, *outcome.not_placed], key=lambda found: found.line)
    steps = sorted(outcome.steps, key=lambda step: step.line)
    return Amendment(terms, tuple(steps), tuple(not_placed))


class _NewTerms:
    """Makes the new version: what is shown as new, and what is not shown, as it was."""

    def __init__(self, shown: ShownSections) -> None:
        self._shown = shown

    def terms(self) -> Terms:
        """The new version."""
        for section in self._shown.sections:
            if section.old is None and section.head is None:
                self._leave_section(section, Reason("no_such_part"))
        title, preamble = self._front()
        articles = self._articles()
        self._check_chapters({line for article in articles for line in article.chapter.split("\n")})
        return Terms(title, preamble, tuple(articles), tuple(self._annexes()))

    def _check_chapters(self, used: set[str]) -> None:
        """List the headings of chapters that came to stand above no article, or are still above one."""
        for entry in self._shown.chapters_to_use:
            if entry.text not in used:
                self._shown.outcome.leave(entry, Reason("chapter_without_articles"))
        for line, entry in self._shown.chapters_gone:
            if line in used:
                self._shown.outcome.leave(entry, Reason("chapter_with_articles"))

    def _front(self) -> tuple[str, str]:
        section = self._shown.by_old[""]
        segments = [self._without_version(segment) for segment in section.segments]
        pieces = amend_body(self._shown.bodies[""], segments, "", self._shown.outcome)
        if not pieces:
            return self._shown.old.title, ""
        title, *lines = (f"{piece.sign} {piece.text}".strip() for piece in pieces)
        return title.replace("\n", " "), "\n".join(lines)

    def _without_version(self, segment: Segment) -> Segment:
        """Titles with day and edition behind them name the versions, and change no title."""
        title = fold(self._shown.old.title)
        old = [entry for entry in segment.old if not _names_version(entry, title)]
        new = [entry for entry in segment.new if not _names_version(entry, title)]
        return segment if len(old) == len(segment.old) else Segment(segment.line, old, new)

    def _body(self, section: Section, name: str) -> tuple[Paragraph, ...]:
        pieces = self._shown.bodies[section.old] if section.old is not None else []
        in_annex = section.head is not None and section.head.kind is EntryKind.ANNEX
        return rebuilt(amend_body(pieces, section.segments, name, self._shown.outcome, in_annex=in_annex))

    def _new_body(self, section: Section, name: str) -> tuple[Paragraph, ...]:
        """The body of a new part, whose parts are no changes of their own."""
        if _is_deleted(section, []):
            return (Paragraph(None, DELETED),)
        steps = len(self._shown.outcome.steps)
        body = self._body(section, name)
        del self._shown.outcome.steps[steps:]
        return body

    def _articles(self) -> list[Article]:
        kept, moved = _Articles(), []
        for article in self._shown.old.articles:
            section = self._shown.by_old.get(article.number)
            revised: Article | None = None
            if section is None or (section.head is None and not section.segments):
                revised = self._untouched(article)
            elif section.head is None:
                self._check_deleted(section, article.number.label_ja())
            else:
                revised = self._revised(article, section)
            if revised and revised.number == article.number:
                kept.append(revised)
            elif revised:
                moved.append(revised)
        for article in moved:
            self._place(kept, article)
        self._place_new(kept)
        return kept.articles

    def _place(self, articles: _Articles, article: Article) -> None:
        """Put an article where its number stands; one whose number is taken is listed with its text."""
        if not articles.has(article.number):
            articles.insert(article)
            return
        said = [f"{piece.sign} {piece.text}".strip() for piece in flatten(article.paragraphs)]
        text = "\n".join([f"{article.number.label_ja()}（{article.title}）", *said])
        self._shown.outcome.not_placed.append(Leftover(self._shown.line, text, Reason("number_taken")))

    def _untouched(self, article: Article) -> Article:
        chapter = self._chapter(article.chapter)
        if article.number not in self._shown.renumbered:
            return replace(article, chapter=chapter)
        number, entry = self._shown.renumbered[article.number]
        old, new = article.number.label_ja(), number.label_ja()
        self._shown.outcome.steps.append(Step(entry.line, StepKind.RENUMBERED, new, old, new))
        return replace(article, number=number, chapter=chapter)

    def _chapter(self, chapter: str) -> str:
        return "\n".join(self._shown.renamed.get(line, line) for line in chapter.split("\n"))

    def _revised(self, article: Article, section: Section) -> Article | None:
        head = section.head
        if head is None or head.article is None:
            return article
        name = head.article.label_ja()
        chapter = self._chapter(article.chapter)
        if _is_deleted(section, self._shown.bodies[article.number]):
            self._shown.outcome.steps.append(Step(head.line, StepKind.DELETED, name, new=DELETED))
            self._check_deleted(section, name, said=True)
            return Article(head.article, "", chapter, (Paragraph(None, DELETED),))
        if head.article != article.number:
            old = article.number.label_ja()
            self._shown.outcome.steps.append(Step(head.line, StepKind.RENUMBERED, name, old, name))
        title = article.title if fold(head.text) == fold(article.title) else head.text
        if title != article.title:
            self._shown.outcome.steps.append(Step(head.line, StepKind.CHANGED, name, article.title, title))
        paragraphs = self._body(section, name)
        if not paragraphs:
            self._shown.outcome.leave(head, Reason("bare_title"))
            return None
        return Article(head.article, title, chapter, paragraphs)

    def _check_deleted(self, section: Section, name: str, *, said: bool = False) -> None:
        """List what the table shows of a deleted part, and the version does not have."""
        shown = Outcome()
        without_new = [Segment(one.line, one.old, []) for one in section.segments]
        amend_body(self._shown.bodies[section.old or ""], without_new, name, shown)
        self._shown.outcome.not_placed += shown.not_placed
        for segment in section.segments:
            for entry in segment.new:
                if entry.kind in TEXTS:
                    self._shown.outcome.leave(entry, Reason("counterpart_not_found"))
        if not said:
            line = section.segments[0].line if section.segments else 1
            self._shown.outcome.steps.append(Step(line, StepKind.DELETED, name))

    def _place_new(self, articles: _Articles) -> None:
        for section in self._new_sections(EntryKind.ARTICLE):
            head = section.head
            if head is None or head.article is None:
                continue
            name = head.article.label_ja()
            if articles.has(head.article):
                self._leave_section(section, Reason("number_taken"))
            elif said := self._new_body(section, name):
                chapter = self._chapter_of(section, articles.before(head.article))
                articles.insert(Article(head.article, head.text, chapter, said))
                self._shown.outcome.steps.append(Step(head.line, StepKind.ADDED, name, new=head.shown))
            else:
                self._shown.outcome.leave(head, Reason("bare_title"))

    def _chapter_of(self, section: Section, neighbour: Article | None) -> str:
        if section.chapter is None:
            return neighbour.chapter if neighbour else ""
        level = CHAPTER_UNITS.find(next((sign for sign in section.chapter if sign in CHAPTER_UNITS), ""))
        outer = [
            line
            for line in (neighbour.chapter.split("\n") if neighbour and neighbour.chapter else [])
            if CHAPTER_UNITS.find(next((sign for sign in line if sign in CHAPTER_UNITS), "")) < level
        ]
        return "\n".join([*outer, section.chapter])

    def _new_sections(self, kind: EntryKind) -> Iterator[Section]:
        for section in self._shown.sections:
            if section.old is None and section.head is not None and section.head.kind is kind:
                yield section

    def _leave_section(self, section: Section, reason: Reason) -> None:
        if section.head:
            self._shown.outcome.leave(section.head, reason)
        for segment in section.segments:
            for entry in (*segment.old, *segment.new):
                if entry.kind in TEXTS:
                    self._shown.outcome.leave(entry, reason)

    def _annexes(self) -> list[Annex]:
        found: list[tuple[Section | None, Annex]] = []
        for annex in self._shown.old.annexes:
            section = self._shown.by_old.get(annex.key)
            if section is None or (section.head is None and not section.segments):
                found.append((section, annex))
            elif section.head is None:
                self._check_deleted(section, annex.title)
            else:
                title = annex.title if fold(annex.title) == fold(section.head.text) else section.head.text
                if clauses := self._body(section, annex.title):
                    found.append((section, replace(annex, title=title, clauses=clauses)))
                else:
                    self._shown.outcome.leave(section.head, Reason("bare_title"))
        for section in self._new_sections(EntryKind.ANNEX):
            self._insert_annex(found, section)
        return [annex for _section, annex in found]

    def _insert_annex(self, found: list[tuple[Section | None, Annex]], section: Section) -> None:
        head = section.head
        if head is None:
            return
        clauses = self._new_body(section, head.text)
        if not clauses:
            self._shown.outcome.leave(head, Reason("bare_title"))
            return
        annex = Annex(_free_key(head.text, {annex.key: annex for _one, annex in found}), head.text, clauses)
        found.insert(self._annex_place(found, section), (section, annex))
        self._shown.outcome.steps.append(Step(head.line, StepKind.ADDED, head.text, new=head.shown))

    def _annex_place(self, found: list[tuple[Section | None, Annex]], section: Section) -> int:
        """Behind the annex above it in the table; else before what the table leaves out below it."""
        for place, (other, _annex) in enumerate(found):
            if other is not None and other is section.above:
                return place + 1
        return 0 if not section.below_left_out and self._left_out_below(section) else len(found)

    def _left_out_below(self, section: Section) -> bool:
        """Whether the table leaves something out right below a section."""
        below = (one for one in self._shown.sections if one.above is section)
        follows = next(below, None)
        if follows is not None:
            return follows.below_left_out
        last = section.segments[-1:]
        return any(entry.kind is EntryKind.OMITTED for segment in last for entry in segment.new)


class _Articles:
    """Articles in the order of the text. One whose number is left open stands behind the one before it."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self._places: list[ArticleNumber] = []
        self._numbers: set[ArticleNumber] = set()

    def has(self, number: ArticleNumber) -> bool:
        return number in self._numbers

    def append(self, article: Article) -> None:
        last = self._places[-1] if self._places else ArticleNumber(0)
        self._put(
            len(self.articles), article, last if article.number.irregular else max(last, article.number)
        )

    def insert(self, article: Article) -> None:
        self._put(bisect_right(self._places, article.number), article, article.number)

    def before(self, number: ArticleNumber) -> Article | None:
        """The article that stands before one of this number; the first, where none does."""
        place = bisect_right(self._places, number) - 1
        return self.articles[max(0, place)] if self.articles else None

    def _put(self, place: int, article: Article, number: ArticleNumber) -> None:
        self.articles.insert(place, article)
        self._places.insert(place, number)
        self._numbers.add(article.number)


def _is_deleted(section: Section, pieces: Sequence[Piece]) -> bool:
    """Whether the new side says of the whole article that it is deleted, and not of a part of it."""
    new = [entry for segment in section.segments for entry in segment.new]
    if not new or any(entry.kind is not EntryKind.DELETED for entry in new):
        return False
    old = [entry for segment in section.segments for entry in segment.old if entry.kind is EntryKind.UNIT]
    in_heading = section.head is not None and new[0].shown == section.head.shown
    return in_heading or not old or len(old) >= len(pieces)


def _names_version(entry: Entry, title: str) -> bool:
    text = fold(entry.text)
    return entry.kind is EntryKind.UNIT and text.startswith(title) and text != title


def _free_key(title: str, taken: Mapping[str, Annex]) -> str:
    """A key for an annex that no other has, and that reads as no clause of another."""
    (wanted,) = annex_keys([title])
    base, number, key = wanted.rstrip("0123456789").rstrip("-"), 1, wanted
    while key in taken or (base in taken and key != base and taken[base].clause(number)):
        number += 1
        key = f"{base}-{number}"
    return key
