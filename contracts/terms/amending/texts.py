"""Amends a whole text: gives each row of a comparison table to the article or annex that it is of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts.problems.reasons import Reason
from contracts.terms.amending.bodies import TEXTS, Outcome, Segment, amend_body
from contracts.terms.amending.entries import Entry, EntryKind, entries_of
from contracts.terms.amending.pieces import Piece, flatten, rebuilt
from contracts.terms.amending.result import Amendment, Step, StepKind
from contracts.terms.amending.table import ComparisonRows, TableRow
from contracts.terms.compare.fold import fold
from contracts.terms.importing.annexes import annex_keys
from contracts.terms.importing.result import Leftover
from contracts.terms.lines import CHAPTER_UNITS
from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Article, Paragraph, Terms

_DELETED = "削除"
_HEADS = (EntryKind.ARTICLE, EntryKind.ANNEX, EntryKind.CHAPTER)

Key = ArticleNumber | str
"""Which body: an article by its number, an annex by its key, or "" for what stands before both."""


@dataclass
class _Section:
    """What the table shows of one body: `old` is None for a new one, `head` None for one that goes."""

    old: Key | None
    head: Entry | None
    segments: list[Segment] = field(default_factory=list)
    chapter: str | None = None
    named: bool = False
    above: _Section | None = None
    below_left_out: bool = False


@dataclass
class _Group:
    """A heading, where one stands, and what stands below it in a cell."""

    head: Entry | None
    entries: list[Entry] = field(default_factory=list)


def amend_terms(old: Terms, table: ComparisonRows) -> Amendment:
    """What the rows make of the old version."""
    amending = _Amending(old)
    for row in table.rows:
        amending.take(row)
    terms = amending.terms()
    outcome = amending.outcome
    not_placed = sorted([*table.outside, *outcome.not_placed], key=lambda found: found.line)
    steps = sorted(outcome.steps, key=lambda step: step.line)
    return Amendment(terms, tuple(steps), tuple(not_placed))


class _Amending:
    def __init__(self, old: Terms) -> None:
        self.outcome = Outcome()
        self._old = old
        self._bodies: dict[Key, list[Piece]] = {"": _front_of(old)}
        self._bodies |= {article.number: flatten(article.paragraphs) for article in old.articles}
        self._bodies |= {annex.key: flatten(annex.clauses) for annex in old.annexes}
        self._with_text = self._index()
        self._sections: list[_Section] = [_Section("", None)]
        self._by_old: dict[Key, _Section] = {"": self._sections[0]}
        self._current = self._sections[0]
        self._renamed: dict[str, str] = {}
        self._renumbered: dict[ArticleNumber, tuple[ArticleNumber, Entry]] = {}
        self._new_chapter: Entry | None = None
        self._chapters_to_use: list[Entry] = []
        self._chapters_gone: list[tuple[str, Entry]] = []
        self._left_out = False
        self._line = 1
        self._in_annex = {"old": False, "new": False}

    def _index(self) -> dict[str, Key | None]:
        """In which body a text stands; None for one that stands in several."""
        found: dict[str, Key | None] = {}
        for key, pieces in self._bodies.items():
            for text in {fold(piece.text) for piece in pieces}:
                found[text] = None if text in found else key
        return found

    # Rows

    def take(self, row: TableRow) -> None:
        """Give the parts of a row to their sections."""
        self._line = row.line
        old, new = _with_same(row.old, row.new)
        self._go_to_place(row, old, new)
        olds = _groups(old, in_annex=self._in_annex["old"])
        news = _groups(new, in_annex=self._in_annex["new"])
        for side, groups in (("old", olds), ("new", news)):
            self._in_annex[side] |= any(_is_annex(group.head) for group in groups)
        self._take_below(row.line, olds.pop(0), news.pop(0), old_heads=olds, new_heads=news)
        open_below: _Section | None = None
        for before, after in self._paired(olds, news):
            self._take_group(row.line, before, after)
            open_below = self._current if after else open_below
        self._current = open_below or self._current

    def _go_to_place(self, row: TableRow, old: list[Entry], new: list[Entry]) -> None:
        """Where a row says in a column of its own what it is of, that is its section."""
        named = next((entry for entry in entries_of([row.place], row.line) if entry.article), None)
        if named is None or named.article is None:
            return
        if any(entry.kind in _HEADS for entry in (*old, *new)):
            return
        if named.article in self._bodies:
            self._current = self._section_of(named.article)
        elif self._current.head is None or self._current.head.article != named.article:
            self._current = self._open(None, named)

    def _take_below(
        self, line: int, old: _Group, new: _Group, *, old_heads: list[_Group], new_heads: list[_Group]
    ) -> None:
        """What stands above the first heading of a row belongs to the section that is open."""
        if not old.entries and not new.entries:
            return
        if old.entries and not old_heads and new_heads and not _shows_nothing(old.entries):
            self._lend_head(old_heads, old, new_heads[0])
        elif new.entries and not new_heads and old_heads and not _shows_nothing(new.entries):
            self._lend_head(new_heads, new, old_heads[0])
        if _shows_nothing(old.entries) and _shows_nothing(new.entries):
            self._left_out = self._left_out or any(
                entry.kind is EntryKind.OMITTED for entry in (*old.entries, *new.entries)
            )
        if old.entries or new.entries:
            self._find_section(old.entries)
            self._current.segments.append(Segment(line, old.entries, new.entries))

    @staticmethod
    def _lend_head(heads: list[_Group], group: _Group, other: _Group) -> None:
        """A side that shows the text alone is of the article that the other side names."""
        if other.head and other.head.kind is not EntryKind.OMITTED:
            heads.append(_Group(other.head, list(group.entries)))
            group.entries.clear()

    def _find_section(self, old: Sequence[Entry]) -> None:
        """Below no heading, a text of the old version says itself where it stands."""
        first = next((entry for entry in old if entry.kind is EntryKind.UNIT), None)
        if first is None:
            return
        text = fold(first.text)
        own = self._bodies.get(self._current.old, []) if self._current.old is not None else []
        key = self._with_text.get(text)
        if key is not None and not any(fold(piece.text) == text for piece in own):
            self._current = self._section_of(key)

    def _paired(
        self, olds: list[_Group], news: list[_Group]
    ) -> Iterator[tuple[_Group | None, _Group | None]]:
        if len(olds) == len(news) and all(map(_same_kind, olds, news)):
            yield from zip(olds, news, strict=True)
            return
        waiting = list(olds)
        for new in news:
            same = next((old for old in waiting if _same_head(old.head, new.head)), None)
            if same is not None:
                before, waiting = waiting[: waiting.index(same)], waiting[waiting.index(same) + 1 :]
                yield from ((old, None) for old in before)
            yield same, new
        yield from ((old, None) for old in waiting)

    def _take_group(self, line: int, old: _Group | None, new: _Group | None) -> None:
        head = (new or old or _Group(None)).head
        if head is None:
            return
        if head.kind is EntryKind.CHAPTER:
            self._take_chapter(old, new)
        elif head.kind is EntryKind.OMITTED and new is not None:
            self._take_omitted(old, new)
            return
        else:
            self._take_body(old, new)
        for group in (old, new):
            if group and head.kind is EntryKind.CHAPTER:
                for entry in group.entries:
                    self.outcome.leave(entry, Reason("below_a_chapter"))
        if head.kind is not EntryKind.CHAPTER:
            segment = Segment(line, old.entries if old else [], new.entries if new else [])
            self._current.segments.append(segment)

    def _take_body(self, old: _Group | None, new: _Group | None) -> None:
        key = self._key_of(old.head) if old and old.head else None
        if old and old.head and key is None:
            self.outcome.leave(old.head, Reason("no_such_part"))
            if new is None:
                self._current = self._open(None, None)
                return
        if key is None and new and new.head and new.head.kind is EntryKind.ARTICLE and old is not None:
            key = new.head.article if new.head.article in self._bodies else None
        self._current = self._section_of(key) if key is not None else self._open(None, None)
        if self._current.named:
            self._leave_group(new or old or _Group(None), Reason("shown_twice"))
            return
        self._current.named = True
        self._current.head = new.head if new else None
        if new and key is None and self._new_chapter is not None:
            self._current.chapter = self._new_chapter.text

    def _leave_group(self, group: _Group, reason: Reason) -> None:
        for entry in filter(None, (group.head, *group.entries)):
            if entry is group.head or entry.kind in TEXTS:
                self.outcome.leave(entry, reason)
        group.entries.clear()

    def _key_of(self, head: Entry) -> Key | None:
        if head.article is not None:
            if head.article in self._bodies:
                return head.article
            titled = [article for article in self._old.articles if fold(article.title) == fold(head.text)]
            return titled[0].number if head.text and len(titled) == 1 else None
        return next((annex.key for annex in self._old.annexes if _is_title(annex, head.text)), None)

    def _section_of(self, key: Key) -> _Section:
        section = self._by_old.get(key)
        if section is None:
            section = self._by_old[key] = self._open(key, self._own_head(key))
        return section

    def _own_head(self, key: Key) -> Entry | None:
        article = self._old.article(key) if isinstance(key, ArticleNumber) else None
        if article is not None:
            shown = article.number.label_ja()
            return Entry(EntryKind.ARTICLE, self._line, shown, article.title, article=article.number)
        annex = self._old.annex(str(key))
        return Entry(EntryKind.ANNEX, self._line, annex.title, annex.title) if annex else None

    def _open(self, key: Key | None, head: Entry | None) -> _Section:
        section = _Section(key, head, above=self._current, below_left_out=self._left_out)
        self._left_out = False
        self._sections.append(section)
        return section

    def _take_omitted(self, old: _Group | None, new: _Group | None) -> None:
        """An article that is left out keeps its text; its number may be another one."""
        for entry in (*(old.entries if old else ()), *(new.entries if new else ())):
            if entry.kind in TEXTS:
                self.outcome.leave(entry, Reason("counterpart_not_found"))
        before = old.head.article if old and old.head else None
        after = new.head.article if new and new.head else None
        self._left_out = True
        if before is None or after is None:
            for group in filter(None, (old, new)):
                if group.head:
                    self.outcome.leave(group.head, Reason("omitted_not_found"))
        elif before not in self._bodies:
            if old and old.head:
                self.outcome.leave(old.head, Reason("no_such_part"))
        elif before != after and new and new.head:
            self._renumbered[before] = (after, new.head)

    def _take_chapter(self, old: _Group | None, new: _Group | None) -> None:
        before, after = (group.head if group else None for group in (old, new))
        known = {fold(line): line for article in self._old.articles for line in article.chapter.split("\n")}
        self._new_chapter = None
        if before and fold(before.text) not in known:
            self.outcome.leave(before, Reason("no_such_part"))
        elif before and after:
            self._renamed[known[fold(before.text)]] = after.text
            if fold(before.text) != fold(after.text):
                step = Step(after.line, StepKind.CHANGED, "", before.shown, after.shown)
                self.outcome.steps.append(step)
        elif after:
            self._new_chapter = after
            self._chapters_to_use.append(after)
        elif before:
            self._chapters_gone.append((known[fold(before.text)], before))

    # The new text

    def terms(self) -> Terms:
        """The new version."""
        for section in self._sections:
            if section.old is None and section.head is None:
                self._leave_section(section, Reason("no_such_part"))
        title, preamble = self._front()
        articles = self._articles()
        self._check_chapters({line for article in articles for line in article.chapter.split("\n")})
        return Terms(title, preamble, tuple(articles), tuple(self._annexes()))

    def _check_chapters(self, used: set[str]) -> None:
        """List the headings of chapters that came to stand above no article, or are still above one."""
        for entry in self._chapters_to_use:
            if entry.text not in used:
                self.outcome.leave(entry, Reason("chapter_without_articles"))
        for line, entry in self._chapters_gone:
            if line in used:
                self.outcome.leave(entry, Reason("chapter_with_articles"))

    def _front(self) -> tuple[str, str]:
        section = self._by_old[""]
        segments = [self._without_version(segment) for segment in section.segments]
        pieces = amend_body(self._bodies[""], segments, "", self.outcome)
        if not pieces:
            return self._old.title, ""
        title, *lines = (f"{piece.sign} {piece.text}".strip() for piece in pieces)
        return title.replace("\n", " "), "\n".join(lines)

    def _without_version(self, segment: Segment) -> Segment:
        """Titles with day and edition behind them name the versions, and change no title."""
        title = fold(self._old.title)
        old = [entry for entry in segment.old if not _names_version(entry, title)]
        new = [entry for entry in segment.new if not _names_version(entry, title)]
        return segment if len(old) == len(segment.old) else Segment(segment.line, old, new)

    def _body(self, section: _Section, name: str) -> tuple[Paragraph, ...]:
        pieces = self._bodies[section.old] if section.old is not None else []
        in_annex = section.head is not None and section.head.kind is EntryKind.ANNEX
        return rebuilt(amend_body(pieces, section.segments, name, self.outcome, in_annex=in_annex))

    def _new_body(self, section: _Section, name: str) -> tuple[Paragraph, ...]:
        """The body of a new part, whose parts are no changes of their own."""
        if _is_deleted(section, []):
            return (Paragraph(None, _DELETED),)
        steps = len(self.outcome.steps)
        body = self._body(section, name)
        del self.outcome.steps[steps:]
        return body

    def _articles(self) -> list[Article]:
        kept, moved = _Articles(), []
        for article in self._old.articles:
            section = self._by_old.get(article.number)
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
        self.outcome.not_placed.append(Leftover(self._line, text, Reason("number_taken")))

    def _untouched(self, article: Article) -> Article:
        chapter = self._chapter(article.chapter)
        if article.number not in self._renumbered:
            return replace(article, chapter=chapter)
        number, entry = self._renumbered[article.number]
        old, new = article.number.label_ja(), number.label_ja()
        self.outcome.steps.append(Step(entry.line, StepKind.RENUMBERED, new, old, new))
        return replace(article, number=number, chapter=chapter)

    def _chapter(self, chapter: str) -> str:
        return "\n".join(self._renamed.get(line, line) for line in chapter.split("\n"))

    def _revised(self, article: Article, section: _Section) -> Article | None:
        head = section.head
        if head is None or head.article is None:
            return article
        name = head.article.label_ja()
        chapter = self._chapter(article.chapter)
        if _is_deleted(section, self._bodies[article.number]):
            self.outcome.steps.append(Step(head.line, StepKind.DELETED, name, new=_DELETED))
            self._check_deleted(section, name, said=True)
            return Article(head.article, "", chapter, (Paragraph(None, _DELETED),))
        if head.article != article.number:
            old = article.number.label_ja()
            self.outcome.steps.append(Step(head.line, StepKind.RENUMBERED, name, old, name))
        title = article.title if fold(head.text) == fold(article.title) else head.text
        if title != article.title:
            self.outcome.steps.append(Step(head.line, StepKind.CHANGED, name, article.title, title))
        paragraphs = self._body(section, name)
        if not paragraphs:
            self.outcome.leave(head, Reason("bare_title"))
            return None
        return Article(head.article, title, chapter, paragraphs)

    def _check_deleted(self, section: _Section, name: str, *, said: bool = False) -> None:
        """List what the table shows of a deleted part, and the version does not have."""
        shown = Outcome()
        without_new = [Segment(one.line, one.old, []) for one in section.segments]
        amend_body(self._bodies[section.old or ""], without_new, name, shown)
        self.outcome.not_placed += shown.not_placed
        for segment in section.segments:
            for entry in segment.new:
                if entry.kind in TEXTS:
                    self.outcome.leave(entry, Reason("counterpart_not_found"))
        if not said:
            line = section.segments[0].line if section.segments else 1
            self.outcome.steps.append(Step(line, StepKind.DELETED, name))

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
                self.outcome.steps.append(Step(head.line, StepKind.ADDED, name, new=head.shown))
            else:
                self.outcome.leave(head, Reason("bare_title"))

    def _chapter_of(self, section: _Section, neighbour: Article | None) -> str:
        if section.chapter is None:
            return neighbour.chapter if neighbour else ""
        level = CHAPTER_UNITS.find(next((sign for sign in section.chapter if sign in CHAPTER_UNITS), ""))
        outer = [
            line
            for line in (neighbour.chapter.split("\n") if neighbour and neighbour.chapter else [])
            if CHAPTER_UNITS.find(next((sign for sign in line if sign in CHAPTER_UNITS), "")) < level
        ]
        return "\n".join([*outer, section.chapter])

    def _new_sections(self, kind: EntryKind) -> Iterator[_Section]:
        for section in self._sections:
            if section.old is None and section.head is not None and section.head.kind is kind:
                yield section

    def _leave_section(self, section: _Section, reason: Reason) -> None:
        if section.head:
            self.outcome.leave(section.head, reason)
        for segment in section.segments:
            for entry in (*segment.old, *segment.new):
                if entry.kind in TEXTS:
                    self.outcome.leave(entry, reason)

    def _annexes(self) -> list[Annex]:
        found: list[tuple[_Section | None, Annex]] = []
        for annex in self._old.annexes:
            section = self._by_old.get(annex.key)
            if section is None or (section.head is None and not section.segments):
                found.append((section, annex))
            elif section.head is None:
                self._check_deleted(section, annex.title)
            else:
                title = annex.title if fold(annex.title) == fold(section.head.text) else section.head.text
                if clauses := self._body(section, annex.title):
                    found.append((section, replace(annex, title=title, clauses=clauses)))
                else:
                    self.outcome.leave(section.head, Reason("bare_title"))
        for section in self._new_sections(EntryKind.ANNEX):
            self._insert_annex(found, section)
        return [annex for _section, annex in found]

    def _insert_annex(self, found: list[tuple[_Section | None, Annex]], section: _Section) -> None:
        head = section.head
        if head is None:
            return
        clauses = self._new_body(section, head.text)
        if not clauses:
            self.outcome.leave(head, Reason("bare_title"))
            return
        annex = Annex(_free_key(head.text, {annex.key: annex for _one, annex in found}), head.text, clauses)
        found.insert(self._annex_place(found, section), (section, annex))
        self.outcome.steps.append(Step(head.line, StepKind.ADDED, head.text, new=head.shown))

    def _annex_place(self, found: list[tuple[_Section | None, Annex]], section: _Section) -> int:
        """Behind the annex above it in the table; else before what the table leaves out below it."""
        for place, (other, _annex) in enumerate(found):
            if other is not None and other is section.above:
                return place + 1
        return 0 if not section.below_left_out and self._left_out_below(section) else len(found)

    def _left_out_below(self, section: _Section) -> bool:
        """Whether the table leaves something out right below a section."""
        below = (one for one in self._sections if one.above is section)
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


def _front_of(terms: Terms) -> list[Piece]:
    lines = terms.preamble.split("\n") if terms.preamble else []
    return [Piece("paragraph", text) for text in (terms.title, *lines)]


def _with_same(old: list[Entry], new: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """With what the other side says in place of （変更なし） and 同左."""
    if [entry.kind for entry in new] == [EntryKind.SAME]:
        return old, old
    if [entry.kind for entry in old] == [EntryKind.SAME]:
        return new, new
    return [_as_omitted(entry) for entry in old], [_as_omitted(entry) for entry in new]


def _as_omitted(entry: Entry) -> Entry:
    return replace(entry, kind=EntryKind.OMITTED) if entry.kind is EntryKind.SAME else entry


def _groups(entries: Sequence[Entry], *, in_annex: bool) -> list[_Group]:
    """What stands above the first heading, and each heading with what stands below it.

    Annexes have articles of their own: below the heading of one, 第1条 is a part of it.
    """
    groups = [_Group(None)]
    for entry in entries:
        left_out = entry.kind is EntryKind.OMITTED and entry.article is not None
        in_annex = in_annex or entry.kind is EntryKind.ANNEX
        if (entry.kind in _HEADS or left_out) and not (in_annex and entry.article is not None):
            groups.append(_Group(entry))
        elif in_annex and entry.kind is EntryKind.DELETED and groups[-1].entries[-1:] != []:
            below = groups[-1].entries[-1].kind is EntryKind.ARTICLE
            kind = EntryKind.UNIT if below else EntryKind.DELETED
            groups[-1].entries.append(replace(entry, kind=kind, text=_DELETED, shown=_DELETED))
        else:
            groups[-1].entries.append(entry)
    return groups


def _is_annex(head: Entry | None) -> bool:
    return head is not None and head.kind is EntryKind.ANNEX


def _same_kind(old: _Group, new: _Group) -> bool:
    """Whether both headings are of articles, of annexes, or of chapters."""
    if old.head is None or new.head is None:
        return False
    return old.head.kind is new.head.kind or None not in (old.head.article, new.head.article)


def _same_head(old: Entry | None, new: Entry | None) -> bool:
    if old is None or new is None or old.kind is not new.kind:
        return False
    if old.article is not None and old.article == new.article:
        return True
    return bool(old.text) and fold(old.text) == fold(new.text)


def _shows_nothing(entries: Sequence[Entry]) -> bool:
    return all(entry.kind is not EntryKind.UNIT for entry in entries)


def _is_deleted(section: _Section, pieces: Sequence[Piece]) -> bool:
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


def _is_title(annex: Annex, text: str) -> bool:
    return fold(annex.title) == fold(text)


def _free_key(title: str, taken: Mapping[str, Annex]) -> str:
    """A key for an annex that no other has, and that reads as no clause of another."""
    (wanted,) = annex_keys([title])
    base, number, key = wanted.rstrip("0123456789").rstrip("-"), 1, wanted
    while key in taken or (base in taken and key != base and taken[base].clause(number)):
        number += 1
        key = f"{base}-{number}"
    return key
