"""The lexical layer of the Markdown form: what one line is, before it finds its place in the tree."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from contracts.problems.reasons import Reason
from contracts.terms.numbering import NUMERAL, OPEN_NUMBER, ArticleNumber, parse_numeral

CHAPTER_UNITS = "編章節款目"
"""The units of headings above articles, the outermost first."""

BULLET_MARKS = "・•●■◆◇"
"""Bullets that are kept as the label of an item."""

_CHAPTER = re.compile(rf"第\s*{NUMERAL}\s*([{CHAPTER_UNITS}])(?:の{NUMERAL})?(?:\s.*)?")
_ARTICLE = re.compile(rf"第\s*({NUMERAL}|{OPEN_NUMBER})\s*条((?:の{NUMERAL})*)\s*(.*)")
_ANNEX = re.compile(r"(.*?)\s*\{#([^{}]*)\}")
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*(?:-[1-9][0-9]*)?")
_BRACKETED = re.compile(r"[（(](.*)[）)]")
_NUMBERED = re.compile(r"([0-9０-９]{1,9})[.．](?![0-9０-９])\s*(.*)")
_ITEM = re.compile(r"-(?:\s+|$|(?=[（(]))(.*)")
_LABEL = re.compile(
    rf"[（(]({NUMERAL}|[ぁ-んァ-ヶa-zA-Z]|[ivxIVX]+)[）)]\s*(.*)"
    rf"|([ァ-ヶ]|[①-⑳㉑-㉟]|[{BULLET_MARKS}]|(?:[1-9][0-9]*|[ivxIVX]+|[a-zA-Z])[.)]|[ぁ-ん]|[一二三四五六七八九十]+)\s+(.*)"
)
_SEPARATOR_CELL = re.compile(r":?-+:?")
_MARKUP = re.compile(r"[#>|\\]|[0-9０-９]+[.．](?![0-9０-９])|-(?:\s|$|[（(])")
_CELL = re.compile(r"(?:[^\\|]|\\.)*")
_BREAK = "<br>"


@dataclass(frozen=True)
class Blank:
    pass


@dataclass(frozen=True)
class Title:
    text: str


@dataclass(frozen=True)
class Quote:
    text: str


@dataclass(frozen=True)
class ChapterHeading:
    """`level` is the place of its unit among 編章節款: a 節 stands within a 章."""

    text: str
    level: int


@dataclass(frozen=True)
class ArticleHeading:
    number: ArticleNumber
    title: str


@dataclass(frozen=True)
class SmallHeading:
    text: str


@dataclass(frozen=True)
class AnnexHeading:
    key: str
    title: str


@dataclass(frozen=True)
class Numbered:
    number: int
    text: str


@dataclass(frozen=True)
class Bullet:
    indent: int
    label: str
    text: str


@dataclass(frozen=True)
class Row:
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Separator:
    width: int


@dataclass(frozen=True)
class Plain:
    indent: int
    text: str


@dataclass(frozen=True)
class Unreadable:
    reason: Reason


Line = (
    Blank
    | Title
    | Quote
    | ChapterHeading
    | ArticleHeading
    | AnnexHeading
    | SmallHeading
    | Numbered
    | Bullet
    | Row
    | Separator
    | Plain
    | Unreadable
)


class ArticleNumberError(ValueError):
    """What stands around 条 is no number of an article, with the reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))


def read_line(raw: str) -> Line:
    """Say what a line is. What looks like markup but can't be read is `Unreadable` with the reason."""
    text = raw.strip()
    indent = len(raw) - len(raw.lstrip(" "))
    if not text:
        return Blank()
    if raw.lstrip(" ")[0].isspace():
        return Unreadable(Reason("odd_indent"))
    if text.startswith(("#", ">")):
        return Unreadable(Reason("indented_heading")) if indent else _marked(text)
    if text.startswith("|"):
        return _row(text)
    if match := _ITEM.fullmatch(text):
        return _bullet(indent, match[1])
    if match := _NUMBERED.fullmatch(text):
        return _numbered(indent, match)
    return Plain(indent, unescape(text))


def _marked(text: str) -> Line:
    if text.startswith(">"):
        return Quote(text[1:].strip())
    marks, _, rest = text.partition(" ")
    rest = rest.strip()
    if not rest:
        return Unreadable(Reason("bare_heading"))
    match marks:
        case "#":
            return Title(rest)
        case "##":
            return _second_level(rest)
        case "###":
            return _article_heading(rest)
        case "####":
            return SmallHeading(rest)
    return Unreadable(Reason("many_signs"))


def _second_level(text: str) -> Line:
    if match := _ANNEX.fullmatch(text):
        title, key = match[1], match[2]
        if not title or not _KEY.fullmatch(key):
            return Unreadable(Reason("no_annex_heading", {"key": key}))
        return AnnexHeading(key, title)
    if match := _CHAPTER.fullmatch(text):
        return ChapterHeading(text, CHAPTER_UNITS.index(match[1]))
    return Unreadable(Reason("no_chapter_heading"))


def _article_heading(text: str) -> Line:
    match = _ARTICLE.fullmatch(text)
    if match is None:
        return Unreadable(Reason("no_article_heading"))
    try:
        number = read_article_number(match[1], match[2])
    except ArticleNumberError as error:
        return Unreadable(error.reason)
    bracketed = _BRACKETED.fullmatch(match[3])
    title = bracketed[1].strip() if bracketed else match[3]
    return ArticleHeading(number, title)


def read_article_number(numeral: str, branches: str) -> ArticleNumber:
    """Read `18` and `の2` as they stand around 条. Raises ArticleNumberError."""
    try:
        values = [parse_numeral(part) for part in branches.split("の")[1:]]
        if re.fullmatch(OPEN_NUMBER, numeral):
            return ArticleNumber(0, tuple(values), numeral)
        values.insert(0, parse_numeral(numeral))
    except ValueError as error:
        raise ArticleNumberError(Reason("article_number", {"number": numeral + branches})) from error
    if not all(values):
        raise ArticleNumberError(Reason("article_number_zero"))
    return ArticleNumber(values[0], tuple(values[1:]))


def _numbered(indent: int, match: re.Match[str]) -> Line:
    number = int(match[1])
    if indent:
        return Unreadable(Reason("indented_paragraph"))
    if not number or not match[2]:
        return Unreadable(Reason("bare_paragraph"))
    return Numbered(number, unescape(match[2]))


def _bullet(indent: int, rest: str) -> Line:
    match = _LABEL.fullmatch(rest)
    label, text = "", rest
    if match and match[1]:
        label, text = f"({unicodedata.normalize('NFKC', match[1])})", match[2]
    elif match:
        label, text = match[3], match[4]
    if not text:
        return Unreadable(Reason("bare_item"))
    return Bullet(indent, label, unescape(text))


def _row(text: str) -> Line:
    cells, position = [], 1
    while position < len(text):
        found = _CELL.match(text, position)
        end = found.end() if found else position
        if end >= len(text) or text[end] != "|":
            return Unreadable(Reason("open_row"))
        cells.append(text[position:end].strip())
        position = end + 1
    if not cells:
        return Unreadable(Reason("row_without_cells"))
    if all(_SEPARATOR_CELL.fullmatch(cell) for cell in cells):
        return Separator(len(cells))
    return Row(tuple(_unescape_cell(cell) for cell in cells))


def _unescape_cell(text: str) -> str:
    return re.sub(rf"\\(.)|{_BREAK}", lambda match: match[1] or "\n", text)


def unescape(text: str) -> str:
    """Take off the backslash that keeps a text from being read as markup."""
    return text.removeprefix("\\")


def escape(text: str) -> str:
    """Put a backslash before a text that would be read as markup."""
    return f"\\{text}" if _MARKUP.match(text) else text


def escape_bullet(text: str) -> str:
    """The same for the text of an item without a label, whose beginning must not be read as one."""
    return f"\\{text}" if _LABEL.fullmatch(text) else escape(text)


def escape_cell(text: str) -> str:
    """Keep a table cell from being read as cells or as a separator, and on one line."""
    escaped = re.sub(rf"[\\|]|{_BREAK}", r"\\\g<0>", text).replace("\n", _BREAK)
    return f"\\{escaped}" if _SEPARATOR_CELL.fullmatch(escaped) else escaped
