"""Finds the references inside a terms text (第28条第2項, 前項, 同条) and says where they lead.

A reference is read as a reader of law reads it: 第2項 alone is of the article it stands in, 前項 is the
paragraph before, 第3項 after 第15条第2項及び is of article 15, 同条 the article named last. A reference to a
law, like 消費税法第63条, leads out of the text and is left alone. 別紙1 leads to an annex of that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.problems.reasons import Reason
from contracts.terms.importing.labels import SPACED_NUMERAL, numeral
from contracts.terms.lines import read_article_number
from contracts.terms.numbering import NUMERAL, OPEN_NUMBER, ArticleNumber, ArticleRef
from contracts.terms.tree import Annex, Article, Item, Paragraph, Terms

_BRACKET = r"\s*[（(](?P<title>[^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*)[）)]\s*"
_REFERENCE = re.compile(
    rf"(?:(?:第\s*(?P<article>{SPACED_NUMERAL}|{OPEN_NUMBER})\s*条(?P<branches>(?:の{NUMERAL})*)"
    rf"|(?P<near_article>前|次|本|同)条)(?:{_BRACKET})?"
    rf"|(?P<near_paragraph>前|次|本|同)項|前\s*(?P<before>{SPACED_NUMERAL})\s*項|(?P<near_item>前|次|本|同)号)?"
    rf"(?:\s*第?\s*(?P<paragraph>{SPACED_NUMERAL})\s*項)?"
    rf"(?:\s*の?\s*第\s*(?P<item>{SPACED_NUMERAL})\s*号)?"
)
_START = re.compile(
    r"第\s*[0-9０-９〇一二三四五六七八九十百千○◯●□]|[前次本同]\s*(?:[条項号]|[0-9０-９一二三四五六七八九十])"
)
_ANNEX = re.compile(rf"(?P<kind>別紙|別表|別添|付表)\s*(?:第\s*)?(?P<number>{SPACED_NUMERAL})")
_BEGINS = re.compile(rf"{_START.pattern}|(?:別紙|別表|別添|付表)\s*(?:第\s*)?{SPACED_NUMERAL}")
_WINDOW = 200
"""So many characters before a reference say whether it is of a law."""
_CONJUNCTION = re.compile(
    r"\s*(?:及び|および|並びに|ならびに|又は|または|若しくは|もしくは|乃至|及至|ないし|から|[、，・～〜~（(])\s*"
)
_OUTSIDE = re.compile(
    r"(?:法律?|政令|省令|勅令|令|規則|条例|指針|告示|通達|ガイドライン|憲法|条約|」|』)(?:\s*[（(][^（）()]*[）)])?[」』]?\s*$"
)
_NUMBERED_LAW = re.compile(r"(?:法律|告示|政令|省令|規則)\s*$")
_OWN_NAME = re.compile(r"「(?:本約款|本規約|本利用規約|約款|規約)」?\s*$|方法\s*$")


class Missing(StrEnum):
    """Why a reference leads nowhere."""

    ARTICLE = "no_such_article"
    PARAGRAPH = "no_such_paragraph"
    ITEM = "no_such_item"
    ANNEX = "no_such_annex"

    @property
    def reason(self) -> Reason:
        return Reason(self.value)


@dataclass(frozen=True)
class Reference:
    """A reference in a piece of text, from `start` to `end`. `target` is None where it can't be named.

    `quoted_title` is the title in brackets that stands with it: 第5条（申込方法）.
    """

    start: int
    end: int
    text: str
    target: ArticleRef | None
    quoted_title: str = ""


@dataclass(frozen=True)
class PlacedReference:
    """A reference and the part of the text in which it stands; `missing` is None when it leads somewhere."""

    at: ArticleRef
    reference: Reference
    missing: Missing | None


@dataclass(frozen=True)
class Place:
    """Where a text stands: its article or annex, and the positions of its paragraph and item there."""

    terms: Terms
    body: Article | Annex
    paragraph: int | None = None
    item: int | None = None

    @property
    def ref(self) -> ArticleRef:
        """The place as a citation."""
        parts = tuple(part for part in (self.paragraph, self.item) if part is not None)
        return _below(self.body.ref, *parts)


def all_references(terms: Terms) -> Iterator[PlacedReference]:
    """Every reference of the text, in order, with its place and what the text lacks of its target."""
    for place, text in _texts(terms):
        for reference in find_references(text, place):
            yield PlacedReference(place.ref, reference, missing_target(terms, reference))


def dangling_references(terms: Terms) -> tuple[PlacedReference, ...]:
    """The references that lead nowhere."""
    return tuple(placed for placed in all_references(terms) if placed.missing)


def missing_target(terms: Terms, reference: Reference) -> Missing | None:
    """What the text lacks of a reference's target; None when it is all there."""
    target = reference.target
    if target is None:
        return Missing.ANNEX if _ANNEX.match(reference.text) else Missing.PARAGRAPH
    if terms.has(target):
        return None
    if target.article is None:
        return Missing.PARAGRAPH if terms.has(terms.head_of(target)) else Missing.ANNEX
    if terms.article(target.article) is None:
        return Missing.ARTICLE
    paragraph = ArticleRef(article=target.article, parts=target.parts[:1])
    return Missing.ITEM if terms.has(paragraph) else Missing.PARAGRAPH


def find_references(text: str, place: Place) -> tuple[Reference, ...]:
    """The references in a text that stands at `place`, in order and without overlap."""
    return tuple(_Finder(text, place).find())


@dataclass
class _Finder:
    text: str
    place: Place
    _article: ArticleRef | None = field(default=None)
    _last: ArticleRef | None = field(default=None)
    _last_end: int = -1
    _last_is_outside: bool = False

    def find(self) -> Iterator[Reference]:
        position = 0
        while found := self._next(position):
            reference, position = found
            if reference:
                yield reference

    def _next(self, position: int) -> tuple[Reference | None, int] | None:
        """The next reference from a position on, and where to look on; None for the reference: not ours."""
        begins = _BEGINS.search(self.text, position)
        if begins is None:
            return None
        start = begins.start()
        if match := _ANNEX.match(self.text, start):
            return self._annex(match), match.end()
        match = _REFERENCE.match(self.text, start)
        if match is None or not match[0].strip() or not any(match.groupdict().values()):
            return None, start + 1
        if self._leads_outside(match):
            return None, match.end()
        return self._reference(match), match.end()

    def _annex(self, match: re.Match[str]) -> Reference:
        wanted = match["kind"] + str(numeral(match["number"]))
        annex = next(
            (annex for annex in self.place.terms.annexes if _plain(annex.title).startswith(wanted)), None
        )
        return Reference(match.start(), match.end(), match[0], annex.ref if annex else None)

    def _leads_outside(self, match: re.Match[str]) -> bool:
        """Whether the reference is of a law, or goes on after one: 民法第1条及び第2条."""
        before = self.text[max(match.start() - _WINDOW, 0) : match.start()]
        if match["article"]:
            outside = bool(_OUTSIDE.search(before)) and not _OWN_NAME.search(before)
        else:
            outside = bool(_NUMBERED_LAW.search(before))
        if not outside and not match["title"] and self._last_is_outside:
            outside = self._joined_to_last(match.start())
        self._last_is_outside = outside
        if outside:
            self._last, self._last_end = None, match.end()
        return outside

    def _joined_to_last(self, start: int) -> bool:
        return self._last_end >= 0 and bool(_CONJUNCTION.fullmatch(self.text[self._last_end : start]))

    def _reference(self, match: re.Match[str]) -> Reference:
        target = self._target(match)
        written = match[0].rstrip()
        end = match.start() + len(written)
        if target is not None and (match["article"] or match["near_article"]):
            self._article = self._head(target)
        self._last, self._last_end = target, end
        return Reference(match.start(), end, written, target, (match["title"] or "").strip())

    def _target(self, match: re.Match[str]) -> ArticleRef | None:
        if match["article"] or match["near_article"]:
            return self._below_article(self._article_of(match), match)
        if match["near_paragraph"] or match["before"]:
            paragraph = self._near_paragraph(match)
            return self._with_item(paragraph, match)
        if match["near_item"]:
            return self._near_item(match["near_item"])
        inherited = self._last if self._joined_to_last(match.start()) else None
        if match["paragraph"]:
            owner = self._owner(inherited)
            return self._below_article(owner, match)
        return self._item_alone(inherited, match)

    def _owner(self, inherited: ArticleRef | None) -> ArticleRef:
        """The article that a 第2項 standing alone is of."""
        return self._head(inherited) if inherited else self.place.body.ref

    def _head(self, ref: ArticleRef) -> ArticleRef:
        return self.place.terms.head_of(ref)

    def _paragraph_of(self, ref: ArticleRef) -> ArticleRef:
        """The paragraph in which the place of a reference lies; of a whole article, the article itself."""
        length = len(self._head(ref).parts) + 1
        return ArticleRef(annex=ref.annex, article=ref.article, parts=ref.parts[:length])

    def _article_of(self, match: re.Match[str]) -> ArticleRef | None:
        if match["article"]:
            sign = re.sub(r"\s", "", match["article"])
            try:
                return ArticleRef(article=read_article_number(sign, match["branches"] or ""))
            except ValueError:
                return None
        if match["near_article"] == "同":
            return self._article or self.place.body.ref
        if match["near_article"] == "本":
            return self.place.body.ref
        step = -1 if match["near_article"] == "前" else 1
        return self._neighbour(step)

    def _neighbour(self, step: int) -> ArticleRef | None:
        body = self.place.body
        if not isinstance(body, Article):
            return None
        articles = self.place.terms.articles
        position = articles.index(body) + step
        return (
            articles[position].ref if 0 <= position < len(articles) else _numbered_beside(body.number, step)
        )

    def _below_article(self, article: ArticleRef | None, match: re.Match[str]) -> ArticleRef | None:
        if article is None:
            return None
        if match["paragraph"]:
            return self._with_item(_below(article, numeral(match["paragraph"])), match)
        if match["item"]:
            return _below(article, 1, numeral(match["item"]))
        return article

    def _near_paragraph(self, match: re.Match[str]) -> ArticleRef | None:
        here = self.place.paragraph
        if match["near_paragraph"] == "同":
            return self._paragraph_of(self._last or self.place.ref)
        if here is None:
            return None
        steps = {"本": 0, "前": -1, "次": 1}
        wanted = here - numeral(match["before"]) if match["before"] else here + steps[match["near_paragraph"]]
        return _below(self.place.body.ref, wanted) if wanted >= 1 else None

    def _near_item(self, which: str) -> ArticleRef | None:
        if which == "同":
            return self._last or self.place.ref
        if self.place.item is None or self.place.paragraph is None:
            return None
        wanted = self.place.item + {"本": 0, "前": -1, "次": 1}[which]
        return _below(self.place.body.ref, self.place.paragraph, wanted) if wanted >= 1 else None

    def _item_alone(self, inherited: ArticleRef | None, match: re.Match[str]) -> ArticleRef | None:
        if inherited is not None and inherited != self._head(inherited):
            return _below(self._paragraph_of(inherited), numeral(match["item"]))
        return _below(self.place.body.ref, self.place.paragraph or 1, numeral(match["item"]))

    @staticmethod
    def _with_item(paragraph: ArticleRef | None, match: re.Match[str]) -> ArticleRef | None:
        if paragraph is None or not match["item"]:
            return paragraph
        return _below(paragraph, numeral(match["item"]))


def _texts(terms: Terms) -> Iterator[tuple[Place, str]]:
    """Every piece of text that can hold references, with its place."""
    bodies: tuple[Article | Annex, ...] = (*terms.articles, *terms.annexes)
    for body in bodies:
        for position, paragraph in enumerate(body.body, start=1):
            number = paragraph.number or (position if _counts(body.body, position) else None)
            place = Place(terms, body, number)
            yield place, paragraph.text
            for item in paragraph.items:
                yield from _item_texts(Place(terms, body, number, item.number), item)
            for table in paragraph.tables:
                for row in (table.header, *table.rows):
                    yield from ((place, cell) for cell in row)


def _counts(paragraphs: tuple[Paragraph, ...], position: int) -> bool:
    """Whether an unnumbered paragraph is cited by its position, as no other carries that number."""
    return not any(paragraph.number == position for paragraph in paragraphs)


def _item_texts(place: Place, item: Item) -> Iterator[tuple[Place, str]]:
    yield place, item.text
    for child in item.items:
        yield from _item_texts(place, child)


def _below(ref: ArticleRef, *parts: int) -> ArticleRef:
    """A part of what is cited: clause 2 of the annex `list-1` is `list-1-2`."""
    return ArticleRef(annex=ref.annex, article=ref.article, parts=(*ref.parts, *parts))


def _numbered_beside(number: ArticleNumber, step: int) -> ArticleRef | None:
    beside = number.number + step
    return ArticleRef(article=ArticleNumber(beside)) if beside >= 1 else None


def _plain(text: str) -> str:
    return re.sub(r"\s|第", "", unicodedata.normalize("NFKC", text))
