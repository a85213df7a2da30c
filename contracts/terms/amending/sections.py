"""The rows of a comparison table, given to the articles and annexes that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from contracts.problems.reasons import Reason
from contracts.terms.amending.bodies import Outcome, Segment
from contracts.terms.amending.entries import Entry, EntryKind, entries_of
from contracts.terms.amending.finding import TEXTS
from contracts.terms.amending.pieces import Piece, flatten
from contracts.terms.amending.result import Step, StepKind
from contracts.terms.amending.table import TableRow
from contracts.terms.compare.fold import fold
from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Terms

DELETED = "削除"
_HEADS = (EntryKind.ARTICLE, EntryKind.ANNEX, EntryKind.CHAPTER)

Key = ArticleNumber | str
"""Which body: an article by its number, an annex by its key, or "" for what stands before both."""


@dataclass
class Section:
    """What the table shows of one body: `old` is None for a new one, `head` None for one that goes."""

    old: Key | None
    head: Entry | None
    segments: list[Segment] = field(default_factory=list)
    chapter: str | None = None
    named: bool = False
    above: Section | None = None
    below_left_out: bool = False


@dataclass
class Group:
    """A heading, where one stands, and what stands below it in a cell."""

    head: Entry | None
    entries: list[Entry] = field(default_factory=list)


class ShownSections:
    """What the rows of a table show, by the articles and annexes that they are of, and what has no place."""

    def __init__(self, old: Terms) -> None:
        self.outcome = Outcome()
        self.old = old
        self.bodies: dict[Key, list[Piece]] = {"": _front_of(old)}
        self.bodies |= {article.number: flatten(article.paragraphs) for article in old.articles}
        self.bodies |= {annex.key: flatten(annex.clauses) for annex in old.annexes}
        self._with_text = self._index()
        self.sections: list[Section] = [Section("", None)]
        self.by_old: dict[Key, Section] = {"": self.sections[0]}
        self._current = self.sections[0]
        self.renamed: dict[str, str] = {}
        self.renumbered: dict[ArticleNumber, tuple[ArticleNumber, Entry]] = {}
        self._new_chapter: Entry | None = None
        self.chapters_to_use: list[Entry] = []
        self.chapters_gone: list[tuple[str, Entry]] = []
        self._left_out = False
        self.line = 1
        self._in_annex = {"old": False, "new": False}

    def _index(self) -> dict[str, Key | None]:
        """In which body a text stands; None for one that stands in several."""
        found: dict[str, Key | None] = {}
        for key, pieces in self.bodies.items():
            for text in {fold(piece.text) for piece in pieces}:
                found[text] = None if text in found else key
        return found

    def take(self, row: TableRow) -> None:
        """Give the parts of a row to their sections."""
        self.line = row.line
        old, new = _with_same(row.old, row.new)
        self._go_to_place(row, old, new)
        olds = _groups(old, in_annex=self._in_annex["old"])
        news = _groups(new, in_annex=self._in_annex["new"])
        for side, groups in (("old", olds), ("new", news)):
            self._in_annex[side] |= any(_is_annex(group.head) for group in groups)
        self._take_below(row.line, olds.pop(0), news.pop(0), old_heads=olds, new_heads=news)
        open_below: Section | None = None
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
        if named.article in self.bodies:
            self._current = self._section_of(named.article)
        elif self._current.head is None or self._current.head.article != named.article:
            self._current = self._open(None, named)

    def _take_below(
        self, line: int, old: Group, new: Group, *, old_heads: list[Group], new_heads: list[Group]
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
    def _lend_head(heads: list[Group], group: Group, other: Group) -> None:
        """A side that shows the text alone is of the article that the other side names."""
        if other.head and other.head.kind is not EntryKind.OMITTED:
            heads.append(Group(other.head, list(group.entries)))
            group.entries.clear()

    def _find_section(self, old: Sequence[Entry]) -> None:
        """Below no heading, a text of the old version says itself where it stands."""
        first = next((entry for entry in old if entry.kind is EntryKind.UNIT), None)
        if first is None:
            return
        text = fold(first.text)
        own = self.bodies.get(self._current.old, []) if self._current.old is not None else []
        key = self._with_text.get(text)
        if key is not None and not any(fold(piece.text) == text for piece in own):
            self._current = self._section_of(key)

    def _paired(self, olds: list[Group], news: list[Group]) -> Iterator[tuple[Group | None, Group | None]]:
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

    def _take_group(self, line: int, old: Group | None, new: Group | None) -> None:
        head = (new or old or Group(None)).head
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

    def _take_body(self, old: Group | None, new: Group | None) -> None:
        key = self._key_of(old.head) if old and old.head else None
        if old and old.head and key is None:
            self.outcome.leave(old.head, Reason("no_such_part"))
            if new is None:
                self._current = self._open(None, None)
                return
        if key is None and new and new.head and new.head.kind is EntryKind.ARTICLE and old is not None:
            key = new.head.article if new.head.article in self.bodies else None
        self._current = self._section_of(key) if key is not None else self._open(None, None)
        if self._current.named:
            self._leave_group(new or old or Group(None), Reason("shown_twice"))
            return
        self._current.named = True
        self._current.head = new.head if new else None
        if new and key is None and self._new_chapter is not None:
            self._current.chapter = self._new_chapter.text

    def _leave_group(self, group: Group, reason: Reason) -> None:
        for entry in filter(None, (group.head, *group.entries)):
            if entry is group.head or entry.kind in TEXTS:
                self.outcome.leave(entry, reason)
        group.entries.clear()

    def _key_of(self, head: Entry) -> Key | None:
        if head.article is not None:
            if head.article in self.bodies:
                return head.article
            titled = [article for article in self.old.articles if fold(article.title) == fold(head.text)]
            return titled[0].number if head.text and len(titled) == 1 else None
        return next((annex.key for annex in self.old.annexes if _is_title(annex, head.text)), None)

    def _section_of(self, key: Key) -> Section:
        section = self.by_old.get(key)
        if section is None:
            section = self.by_old[key] = self._open(key, self._own_head(key))
        return section

    def _own_head(self, key: Key) -> Entry | None:
        article = self.old.article(key) if isinstance(key, ArticleNumber) else None
        if article is not None:
            shown = article.number.label_ja()
            return Entry(EntryKind.ARTICLE, self.line, shown, article.title, article=article.number)
        annex = self.old.annex(str(key))
        return Entry(EntryKind.ANNEX, self.line, annex.title, annex.title) if annex else None

    def _open(self, key: Key | None, head: Entry | None) -> Section:
        section = Section(key, head, above=self._current, below_left_out=self._left_out)
        self._left_out = False
        self.sections.append(section)
        return section

    def _take_omitted(self, old: Group | None, new: Group | None) -> None:
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
        elif before not in self.bodies:
            if old and old.head:
                self.outcome.leave(old.head, Reason("no_such_part"))
        elif before != after and new and new.head:
            self.renumbered[before] = (after, new.head)

    def _take_chapter(self, old: Group | None, new: Group | None) -> None:
        before, after = (group.head if group else None for group in (old, new))
        known = {fold(line): line for article in self.old.articles for line in article.chapter.split("\n")}
        self._new_chapter = None
        if before and fold(before.text) not in known:
            self.outcome.leave(before, Reason("no_such_part"))
        elif before and after:
            self.renamed[known[fold(before.text)]] = after.text
            if fold(before.text) != fold(after.text):
                step = Step(after.line, StepKind.CHANGED, "", before.shown, after.shown)
                self.outcome.steps.append(step)
        elif after:
            self._new_chapter = after
            self.chapters_to_use.append(after)
        elif before:
            self.chapters_gone.append((known[fold(before.text)], before))


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


def _groups(entries: Sequence[Entry], *, in_annex: bool) -> list[Group]:
    """What stands above the first heading, and each heading with what stands below it.

    Annexes have articles of their own: below the heading of one, 第1条 is a part of it.
    """
    groups = [Group(None)]
    for entry in entries:
        left_out = entry.kind is EntryKind.OMITTED and entry.article is not None
        in_annex = in_annex or entry.kind is EntryKind.ANNEX
        if (entry.kind in _HEADS or left_out) and not (in_annex and entry.article is not None):
            groups.append(Group(entry))
        elif in_annex and entry.kind is EntryKind.DELETED and groups[-1].entries[-1:] != []:
            below = groups[-1].entries[-1].kind is EntryKind.ARTICLE
            kind = EntryKind.UNIT if below else EntryKind.DELETED
            groups[-1].entries.append(replace(entry, kind=kind, text=DELETED, shown=DELETED))
        else:
            groups[-1].entries.append(entry)
    return groups


def _is_annex(head: Entry | None) -> bool:
    return head is not None and head.kind is EntryKind.ANNEX


def _same_kind(old: Group, new: Group) -> bool:
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


def _is_title(annex: Annex, text: str) -> bool:
    return fold(annex.title) == fold(text)
