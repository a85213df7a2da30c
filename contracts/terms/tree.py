"""The structure of a terms text: articles with paragraphs and items, annexes with clauses, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contracts.terms.numbering import ArticleNumber, ArticleRef, parse_numeral


@dataclass(frozen=True)
class Table:
    """A table; `header` is empty when the table has none. All rows have the same number of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        return {"header": list(self.header), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Item:
    """An item (号) or sub-item. `label` stands before it: `(1)`, `イ`, `1.`, `・`, or nothing."""

    label: str
    text: str
    items: tuple[Item, ...] = ()

    @property
    def number(self) -> int | None:
        """The number in the label, or None when the label is not a numeral: `(1)`, `1.`, `1)`."""
        try:
            return parse_numeral(self.label.strip("()."))
        except ValueError:
            return None

    def to_dict(self) -> dict[str, Any]:
        return {"label": self.label, "text": self.text, "items": [item.to_dict() for item in self.items]}


@dataclass(frozen=True)
class Paragraph:
    """A paragraph (項) of an article or clause of an annex; `number` is None where the text gives none.

    Lines of `text` are separated by a newline. The text is empty only where a body begins with items or a
    table, or where nothing but items follows a table or a heading. `heading` is a small heading above the
    paragraph, as annexes have them: （端数処理）, 第1条（実施期日）.
    """

    number: int | None
    text: str
    items: tuple[Item, ...] = ()
    tables: tuple[Table, ...] = ()
    heading: str = ""

    def item(self, number: int) -> Item | None:
        """The item (`number`) of this paragraph."""
        return next((item for item in self.items if item.number == number), None)

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "text": self.text,
            "items": [item.to_dict() for item in self.items],
            "tables": [table.to_dict() for table in self.tables],
            "heading": self.heading,
        }


@dataclass(frozen=True)
class Article:
    """An article (条). `chapter` is the heading it stands under, as written, or empty.

    Under a section of a chapter it is both headings, the outer one first, one on a line.
    """

    number: ArticleNumber
    title: str
    chapter: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def ref(self) -> ArticleRef:
        return ArticleRef(article=self.number)

    @property
    def body(self) -> tuple[Paragraph, ...]:
        return self.paragraphs

    def paragraph(self, number: int) -> Paragraph | None:
        """Paragraph `number`; see `numbered_paragraph` for paragraphs that carry no number."""
        return numbered_paragraph(self.paragraphs, number)

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": str(self.number),
            "title": self.title,
            "chapter": self.chapter,
            "paragraphs": [paragraph.to_dict() for paragraph in self.paragraphs],
        }


@dataclass(frozen=True)
class Annex:
    """A part outside the articles (別記, 料金表, 付則 …), cited by its `key`."""

    key: str
    title: str
    clauses: tuple[Paragraph, ...]

    @property
    def ref(self) -> ArticleRef:
        return ArticleRef.parse(self.key)

    @property
    def body(self) -> tuple[Paragraph, ...]:
        return self.clauses

    def clause(self, number: int) -> Paragraph | None:
        """Clause `number`; see `numbered_paragraph` for clauses that carry no number."""
        return numbered_paragraph(self.clauses, number)

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "title": self.title,
            "clauses": [clause.to_dict() for clause in self.clauses],
        }


@dataclass(frozen=True)
class Chapter:
    """A chapter or section heading and the articles under it; an empty heading before the first chapter."""

    heading: str
    articles: tuple[Article, ...]


@dataclass(frozen=True)
class Terms:
    """A whole terms text. Articles and annexes stand in the order of the text."""

    title: str
    preamble: str
    articles: tuple[Article, ...]
    annexes: tuple[Annex, ...] = ()

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        groups = groupby(self.articles, key=lambda article: article.chapter)
        return tuple(Chapter(heading, tuple(articles)) for heading, articles in groups)

    def article(self, number: ArticleNumber | str) -> Article | None:
        """The article with this number (`18の2`), or None. Raises ValueError for a malformed number."""
        wanted = ArticleNumber.parse(number) if isinstance(number, str) else number
        return next((article for article in self.articles if article.number == wanted), None)

    def annex(self, key: str) -> Annex | None:
        """The annex with this key, or None."""
        return next((annex for annex in self.annexes if annex.key == key), None)

    def find(self, ref: ArticleRef) -> Article | Annex | Paragraph | Item | None:
        """What the reference points at, or None when this text has no such part."""
        body, parts = self._resolve(ref)
        if body is None or not parts:
            return body
        paragraph = numbered_paragraph(body.body, parts[0])
        if paragraph is None or len(parts) == 1:
            return paragraph
        return paragraph.item(parts[1]) if len(parts) == 2 else None

    def has(self, ref: ArticleRef) -> bool:
        """Whether this text has the part that is cited."""
        return self.find(ref) is not None

    def canonical(self, ref: ArticleRef) -> ArticleRef:
        """The one normal form of a reference: the only paragraph of an article is the article itself.

        A reference to something that this text lacks is returned as it is.
        """
        body, parts = self._resolve(ref)
        if body is not None and parts == (1,) and len(body.body) == 1 and self.has(ref):
            return ArticleRef(annex=ref.annex, article=ref.article, parts=ref.parts[:-1])
        return ref

    def head_of(self, ref: ArticleRef) -> ArticleRef:
        """The whole article or annex that a reference is of: `list-1` for clause 2 of the annex `list-1`."""
        _body, below = self._resolve(ref)
        kept = ref.parts[: len(ref.parts) - len(below)]
        return ArticleRef(annex=ref.annex, article=ref.article, parts=kept)

    def satisfies(self, cited: ArticleRef, expected: ArticleRef) -> bool:
        """Whether citing `cited` meets the expectation of `expected`: the same part, or a part of it."""
        have, want = self.canonical(cited), self.canonical(expected)
        same_place = (have.article, have.annex) == (want.article, want.annex)
        if not same_place or have.parts[: len(want.parts)] != want.parts:
            return False
        return have == want or self._resolve(have)[0] is self._resolve(want)[0]

    def label_ja(self, ref: ArticleRef) -> str:
        """The reference in Japanese, annexes by their title: 第19条第1項, 別記 料金通則第3項."""
        named, title = self._named(ref)
        return named.label_ja(title)

    def label_en(self, ref: ArticleRef) -> str:
        """The reference in English, annexes by their title: Art. 19 para. 1."""
        named, title = self._named(ref)
        return named.label_en(title)

    def to_dict(self) -> dict[str, Any]:
        """The tree in plain lists and dictionaries, as JSON can hold it."""
        return {
            "title": self.title,
            "preamble": self.preamble,
            "articles": [article.to_dict() for article in self.articles],
            "annexes": [annex.to_dict() for annex in self.annexes],
        }

    def _resolve(self, ref: ArticleRef) -> tuple[Article | Annex | None, tuple[int, ...]]:
        """The article or annex cited, the longest key first (`list-1` before `list`), and what is below."""
        if ref.article is not None:
            return self.article(ref.article), ref.parts
        for length in range(len(ref.parts), -1, -1):
            annex = self.annex("-".join([ref.annex, *(str(part) for part in ref.parts[:length])]))
            if annex is not None:
                return annex, ref.parts[length:]
        return None, ref.parts

    def _named(self, ref: ArticleRef) -> tuple[ArticleRef, str]:
        body, parts = self._resolve(ref)
        if isinstance(body, Annex):
            return ArticleRef(annex=body.key, parts=parts), body.title
        return ref, ""


def numbered_paragraph(paragraphs: Sequence[Paragraph], number: int) -> Paragraph | None:
    """The paragraph that carries `number`; failing that, the unnumbered one that stands at this place.

    So 第1項 is found in an article whose first paragraph is written without a number, as Japanese texts do.
    """
    carried = next((paragraph for paragraph in paragraphs if paragraph.number == number), None)
    if carried is not None or not 1 <= number <= len(paragraphs):
        return carried
    placed = paragraphs[number - 1]
    return placed if placed.number is None else None
