"""The rules of single lines: what a line may be, before its neighbours decide."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from contracts.terms.importing.labels import SPACED_NUMERAL, Label, numeral, read_label, split_bracket, tidy
from contracts.terms.lines import CHAPTER_UNITS, read_article_number
from contracts.terms.numbering import NUMERAL, OPEN_NUMBER, ArticleNumber

_CHAPTER = re.compile(rf"第\s*({SPACED_NUMERAL})\s*([{CHAPTER_UNITS}])(の{NUMERAL})?(\s*)(.*)")
_ARTICLE = re.compile(
    rf"[・•●■]?\s*第\s*({SPACED_NUMERAL}|{OPEN_NUMBER})\s*条((?:\s*の\s*{NUMERAL})*)(\s*)(.*)"
)
_DOTTED = re.compile(r"([0-9０-９]{1,3})\s*(?:[.．](?!\s*[0-9０-９])|[、:：](?=[\s\u3000]))\s*(.*)")
_BARE = re.compile(r"([0-9０-９]{1,2})([\s\u3000]+)(\S.*)")
_BEFORE_DIGITS = re.compile(
    r"([0-9０-９]{1,2})[.．](?:[\s\u3000]*([0-9０-９]+(?!倍)[^\s\u3000.．0-9０-９%％].*)|[\s\u3000]+([0-9０-９]+[\s\u3000].*))"
)
_BELOW_ARTICLE = re.compile(
    r"([0-9０-９]{1,3})[.．－-]([0-9０-９]{1,2})[\s\u3000]+([^\s\u30000-9０-９%％].*)"
)
_PARAGRAPH = re.compile(rf"(?:第\s*)?({SPACED_NUMERAL})\s*項(?:[.．、:：]\s*|[\s\u3000]+)(.*)")
_UP_TO = r"から|より|乃至|ないし|[～〜~－―‐–−ー-]"
_AND = r"及び|および|並びに|ならびに|又は|・|、|，"
_NUMBERED = rf"({SPACED_NUMERAL})\s*(条?)((?:の{NUMERAL})*)"
_ONE_MORE = re.compile(rf"\s*(?:({_UP_TO})|{_AND}|と)\s*第?\s*{_NUMBERED}")
_DELETED = re.compile(
    rf"第\s*{_NUMBERED}(?P<others>(?:\s*(?:{_UP_TO}|{_AND}|と)\s*第?\s*{SPACED_NUMERAL}\s*条?(?:の{NUMERAL})*)+)"
    r"\s*(?:まで)?\s*(?:[はを]|について)?\s*[:：]?\s*[（(＜<【［\[〔]?\s*(?:削\s*除|廃\s*止|欠\s*番|削る)"
    r"(?:\s*(?:する|した|します|しました|済み?))?\s*[）)＞>】］\]〕]?\s*。?"
)
_MOST_DELETED = 500
_PART = re.compile(
    rf"第\s*({SPACED_NUMERAL})(?:[\s\u3000]+|(?=[^\s{CHAPTER_UNITS}条項号回版種類次年月日位者]))(.*)"
)
_ANNEX = re.compile(
    rf"(?:別記|別紙|別表|別添|付表|附\s*則|付\s*則|料金表|料金通則|覚書|特記事項)"
    rf"\s*(?>(?:第?\s*{SPACED_NUMERAL})?)(?:[\s\u3000]*[（(「【].*|[\s\u3000]+\S.*|[^\sにのをはがでともへや及又、].*)?"
)
_CITING = re.compile(
    rf"第\s*{SPACED_NUMERAL}\s*[項号]|各[項号]|[のにでをはがともへや、。，」）)]|及び|および|又は|または|若しくは|もしくは"
    r"|乃至|ないし|から|より|並びに|ならびに|所定"
)
_PARTICLE = re.compile(r"[のにでをはがともへや、。]")
_NO_PARTICLE = re.compile(r"もし|もっぱら|とくに|はじめ|でき|なお|また")
_LONGEST_HEADING = 40
_SENTENCE = re.compile(r"[。．]")


@dataclass(frozen=True)
class ChapterLine:
    """第1章 総則. `heading` is written the way the tree holds it; `number` is None for 第1章の2."""

    heading: str
    level: int
    number: int | None


@dataclass(frozen=True)
class ArticleLine:
    """第1条 …: `spaced` says whether a space or nothing comes between 条 and the rest."""

    number: ArticleNumber
    rest: str
    spaced: bool

    @property
    def citing(self) -> bool:
        """Whether the line goes on as a citation does: 第15条第2項の規定を …"""
        bracket = split_bracket(self.rest)
        after = bracket[1] if bracket else self.rest
        if not _CITING.match(after) or _NO_PARTICLE.match(after):
            return False
        return bool(bracket) or not self.spaced or after.startswith("第")

    @property
    def titled(self) -> tuple[str, str] | None:
        """The title in brackets or after a space, and the text behind it; None when the rest is a text."""
        bracket = split_bracket(self.rest)
        if bracket:
            return bracket
        cites = re.match(rf"第\s*{SPACED_NUMERAL}\s*[条項]", self.rest)
        return (self.rest, "") if self.spaced and not cites and is_heading_like(self.rest) else None

    @property
    def bare(self) -> bool:
        """Whether nothing stands beside the number but a title."""
        return not self.rest or (self.titled is not None and not self.titled[1])


@dataclass(frozen=True)
class DeletedLine:
    """第2条から第4条まで 削除: the numbers of the articles that were there."""

    numbers: tuple[ArticleNumber, ...]
    written: str


@dataclass(frozen=True)
class TitleLine:
    """（目的）: the title of the article below, or a small heading. `text` is without the brackets."""

    text: str
    written: str


@dataclass(frozen=True)
class NumberLine:
    """`2. …` or, not dotted, `2 …`.

    `wide` is one before an ideographic space, `unit` one that says 項. `doubtful` is what may be a number
    with decimals: 2.10日を. `article` is the number of the article where the line names that, too: 3.2 is
    第3条第2項.
    """

    number: int
    rest: str
    dotted: bool
    wide: bool = False
    unit: bool = False
    doubtful: bool = False
    article: int | None = None


@dataclass(frozen=True)
class LabelLine:
    """`(1) …`, `イ …`, `・ …`."""

    label: Label
    rest: str


@dataclass(frozen=True)
class TextLine:
    text: str


Reading = ChapterLine | ArticleLine | DeletedLine | TitleLine | NumberLine | LabelLine | TextLine


def read(text: str) -> Reading:
    """Say what a line looks like, by itself."""
    plain = tidy(text)
    if chapter := _read_chapter(plain):
        return chapter
    if deleted := _read_deleted(plain):
        return deleted
    if article := _read_article(plain):
        return article
    if number := _read_number(plain):
        return number
    if labelled := read_label(plain):
        return LabelLine(*labelled)
    bracket = split_bracket(plain)
    if bracket and bracket[0] and not bracket[1] and is_heading_like(bracket[0]):
        return TitleLine(bracket[0], plain)
    return TextLine(plain)


def _read_number(text: str) -> NumberLine | None:
    match = _PARAGRAPH.fullmatch(text)
    if match and match[2] and not _CITING.match(match[2]) and (value := _value(match[1])):
        return NumberLine(value, match[2], dotted=True, unit=True)
    if match := _DOTTED.fullmatch(text):
        return NumberLine(_digits(match[1]), match[2], dotted=True)
    if match := _BARE.fullmatch(text):
        return NumberLine(_digits(match[1]), match[3], dotted=False, wide="\u3000" in match[2])
    if match := _BELOW_ARTICLE.fullmatch(text):
        number, article = _digits(match[2]), _digits(match[1])
        return NumberLine(number, match[3], dotted=True, unit=True, doubtful=True, article=article)
    if match := _BEFORE_DIGITS.fullmatch(text):
        return NumberLine(_digits(match[1]), match[2] or match[3], dotted=True, doubtful=True)
    return None


def _read_deleted(text: str) -> DeletedLine | None:
    match = _DELETED.fullmatch(text)
    if match is None or "条" not in text:
        return None
    try:
        numbers = [_written(match[1], match[3])]
        for more in _ONE_MORE.finditer(match["others"]):
            number = _written(more[2], more[4])
            numbers += _between(numbers[-1], number)[1:] if more[1] else [number]
    except ValueError:
        return None
    rising = all(before < after for before, after in pairwise(numbers))
    return DeletedLine(tuple(numbers), text) if rising and len(numbers) > 1 else None


def _written(digits: str, branches: str) -> ArticleNumber:
    return read_article_number(re.sub(r"\s", "", digits), branches)


def _between(first: ArticleNumber, last: ArticleNumber) -> tuple[ArticleNumber, ...]:
    """The numbers from one to another, where they count in the same place; otherwise none."""
    *outer, start = (first.number, *first.branches)
    *same, end = (last.number, *last.branches)
    if outer != same or not 0 < end - start < _MOST_DELETED:
        return (first, last) if first < last else ()
    parts = ((*outer, place) for place in range(start, end + 1))
    return tuple(ArticleNumber(number, tuple(branches)) for number, *branches in parts)


def _read_chapter(text: str) -> ChapterLine | None:
    match = _CHAPTER.fullmatch(text)
    if match is None:
        return None
    numeral_text, unit, branch, space, rest = match.groups()
    title = bracket[0] if (bracket := split_bracket(rest)) and not bracket[1] else rest
    if rest and not is_heading_like(title):
        return None
    if rest and not space and (unit == "目" or _PARTICLE.match(rest) or rest.startswith("第")):
        return None
    written = unicodedata.normalize("NFKC", re.sub(r"\s", "", numeral_text))
    heading = f"第{written}{unit}{branch or ''} {rest}".rstrip()
    return ChapterLine(heading, CHAPTER_UNITS.index(unit), None if branch else _value(written))


def _value(numeral_text: str) -> int | None:
    try:
        return numeral(numeral_text)
    except ValueError:
        return None


def _read_article(text: str) -> ArticleLine | None:
    match = _ARTICLE.fullmatch(text)
    if match is None:
        return None
    numeral_text, branches, space, rest = match.groups()
    try:
        number = read_article_number(re.sub(r"\s", "", numeral_text), re.sub(r"\s", "", branches))
    except ValueError:
        return None
    return ArticleLine(number, rest, spaced=bool(space) or not rest)


def is_heading_like(text: str) -> bool:
    """Whether a text is short and no sentence, as titles are."""
    return (
        bool(text) and len(text) <= _LONGEST_HEADING and not _SENTENCE.search(text) and text[-1] not in "、，"
    )


def is_deletion(title: str) -> bool:
    """Whether a title only says that the article was deleted: 削除, （削 除）."""
    return bool(re.fullmatch(r"[（(【＜]?\s*(?:削\s*除|廃\s*止|欠\s*番)\s*[）)】＞]?。?", title))


def is_annex_title(text: str) -> bool:
    """Whether a line names an annex: 別記, 附則, 別紙1 利用料金表."""
    return is_heading_like(text) and bool(_ANNEX.fullmatch(tidy(text)))


def is_bare_annex_title(text: str) -> bool:
    """Whether the name of an annex lacks a title of its own, which then stands in the next line."""
    return bool(
        re.fullmatch(rf"(?:別記|別紙|別表|別添|付表|料金表|附則|付則)\s*(?:第?\s*{SPACED_NUMERAL})?", text)
    )


def read_part(text: str) -> int | None:
    """The number of a part of an annex: 第1 基本料金; None for other lines."""
    match = _PART.fullmatch(tidy(text))
    if match is None or not is_heading_like(match[2]) or _CITING.match(match[2]):
        return None
    return numeral(match[1])


def _digits(text: str) -> int:
    return int(unicodedata.normalize("NFKC", text))
