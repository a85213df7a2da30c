"""The numbers that Word shows before paragraphs without storing them in the text (第1条, 2., (1))."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_KANJI = "〇一二三四五六七八九"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LEGAL = str.maketrans("一二三十", "壱弐参拾")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _row(first: str) -> str:
    """Twenty signs from the first on, as ① to ⑳ stand one behind the other."""
    return "".join(chr(ord(first) + place) for place in range(20))


_SIGNS = {
    "decimalEnclosedCircle": _row("①"),
    "decimalEnclosedCircleChinese": _row("①"),
    "decimalEnclosedParen": _row("⑴"),
    "decimalEnclosedFullstop": _row("⒈"),
    "iroha": _IROHA,
    "irohaFullWidth": _IROHA,
    "aiueo": _AIUEO,
    "aiueoFullWidth": _AIUEO,
    "lowerLetter": _LETTERS,
    "upperLetter": _LETTERS.upper(),
}
"""The signs of forms that have one for each number, as many as there are."""

_BULLET = "・"
_MOST_STYLES = 30
"""One on the other; in a file that somebody made, a style may stand on itself."""


@dataclass(frozen=True)
class _Level:
    """How a level counts: `restart` is the number of levels above it after which it begins anew, None: all.

    `legal` shows the numbers of the levels above it as digits, whatever their form (w:isLgl); `style` is the
    style of the paragraphs that belong to it.
    """

    form: str
    text: str
    start: int
    restart: int | None = None
    legal: bool = False
    style: str = ""

    def begins_anew_after(self, depth: int) -> bool:
        """Whether a paragraph of a level above lets this one begin anew."""
        return self.restart is None or depth < self.restart


class Numbering:
    """Counts the numbered paragraphs of a document; ask for each paragraph once, in order."""

    def __init__(self, document: Document) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counted_with: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        root = _numbering_root(document)
        if root is None:
            return
        lists = {element.get(qn("w:numId")): _abstract_of(element) for element in root.findall(qn("w:num"))}
        linked = _linked_lists(root, document, lists)
        levels = {
            element.get(qn("w:abstractNumId")): _levels(element)
            for element in root.findall(qn("w:abstractNum"))
        }
        for element in root.findall(qn("w:num")):
            number_id, key = element.get(qn("w:numId")), _abstract_of(element)
            if number_id is not None and key is not None:
                key = linked.get(key, key)
                self._counted_with[number_id] = key
                self._levels[number_id] = {**levels.get(key, {}), **_overrides(element)}
                for depth, start in _starts(element):
                    self._starts[number_id, depth] = start

    def label(self, paragraph: Paragraph) -> str:
        """What Word shows before the paragraph, with a space behind it; empty for one without number."""
        found = _number_properties(paragraph)
        if found is None or found.number_id not in self._levels:
            return ""
        number_id = found.number_id
        depth = self._depth(found)
        level = self._levels[number_id].get(depth)
        if level is None or level.form == "none":
            return ""
        if level.form == "bullet":
            return f"{_BULLET} "
        self._count(number_id, depth, level)
        text = re.sub(
            r"%([1-9])",
            lambda match: self._shown(number_id, int(match[1]) - 1, legal=level.legal),
            level.text,
        )
        return f"{text} "

    def _depth(self, found: _Numbered) -> int:
        """The level of a paragraph: its own, or that which its style belongs to."""
        if found.depth is not None:
            return found.depth
        of_style = (
            depth for depth, level in self._levels[found.number_id].items() if level.style == found.style
        )
        return next(of_style, 0) if found.style else 0

    def _count(self, number_id: str, depth: int, level: _Level) -> None:
        counts = self._counts[self._counted_with[number_id]]
        before = self._starts.pop((number_id, depth), None)
        if before is not None:
            counts[depth] = before - 1
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            below = self._levels[number_id].get(deeper)
            if below is None or below.begins_anew_after(depth):
                del counts[deeper]

    def _shown(self, number_id: str, depth: int, *, legal: bool) -> str:
        level = self._levels[number_id].get(depth)
        if level is None:
            return ""
        counts = self._counts[self._counted_with[number_id]]
        return format_number(counts.get(depth, level.start), "decimal" if legal else level.form)


def format_number(number: int, form: str) -> str:
    """A number in one of Word's forms (w:numFmt); forms that terms don't use are shown as digits."""
    signs = _SIGNS.get(form, "")
    if number <= len(signs):
        return signs[number - 1]
    match form:
        case "decimalFullWidth" | "decimalFullWidth2":
            return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
        case "decimalZero":
            return f"{number:02}"
        case "japaneseCounting" | "chineseCounting" | "chineseCountingThousand" | "ideographTraditional":
            return _kanji(number)
        case "japaneseLegal":
            return _kanji(number).translate(_LEGAL)
        case "japaneseDigitalTenThousand" | "ideographDigital":
            return "".join(_KANJI[int(digit)] for digit in str(number))
        case "lowerRoman":
            return _roman(number)
        case "upperRoman":
            return _roman(number).upper()
    return str(number)


def _roman(number: int) -> str:
    written, rest = "", number
    for value, sign in _ROMAN:
        count, rest = divmod(rest, value)
        written += sign * count
    return written


def _kanji(number: int) -> str:
    """Numbers below 1,000: 十二, 百八."""
    written, rest = "", number
    for value, unit in ((100, "百"), (10, "十")):
        count, rest = divmod(rest, value)
        if count:
            written += (_KANJI[count] if count > 1 else "") + unit
    return written + (_KANJI[rest] if rest else "")


def _numbering_root(document: Document) -> Any | None:
    try:
        return document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return None


def _levels(element: Any) -> dict[int, _Level]:
    return {int(level.get(qn("w:ilvl"))): _level(level) for level in element.findall(qn("w:lvl"))}


def _level(element: Any) -> _Level:
    restart = _value(element, "w:lvlRestart")
    return _Level(
        _value(element, "w:numFmt") or "decimal",
        _value(element, "w:lvlText"),
        int(_value(element, "w:start") or 1),
        int(restart) if restart else None,
        _is_on(element, "w:isLgl"),
        _value(element, "w:pStyle"),
    )


def _value(element: Any, tag: str) -> str:
    """What an element below states; empty where it is not there."""
    found = element.find(qn(tag))
    return "" if found is None else found.get(qn("w:val"), "")


def _is_on(element: Any, tag: str) -> bool:
    found = element.find(qn(tag))
    return found is not None and found.get(qn("w:val"), "1") not in ("0", "false", "off")


def _abstract_of(element: Any) -> str | None:
    return _value(element, "w:abstractNumId") or None


def _linked_lists(root: Any, document: Document, lists: dict[str, str | None]) -> dict[str, str]:
    """For a list that only names a style (w:numStyleLink), the one that holds that style's levels."""
    held = {
        style: element.get(qn("w:abstractNumId"))
        for element in root.findall(qn("w:abstractNum"))
        if (style := _value(element, "w:styleLink"))
    }
    found = {}
    for element in root.findall(qn("w:abstractNum")):
        style = _value(element, "w:numStyleLink")
        target = held.get(style) or lists.get(_list_of_style(document, style))
        if style and target:
            found[element.get(qn("w:abstractNumId"))] = target
    return found


def _list_of_style(document: Document, style: str) -> str:
    for element in document.styles.element.findall(qn("w:style")):
        if element.get(qn("w:styleId")) == style:
            properties = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            return "" if properties is None else _value(properties, "w:numId")
    return ""


def _overrides(element: Any) -> dict[int, _Level]:
    """Levels that a list redefines for itself."""
    found = {}
    for override in element.findall(qn("w:lvlOverride")):
        level = override.find(qn("w:lvl"))
        if level is not None:
            found[int(override.get(qn("w:ilvl")))] = _level(level)
    return found


def _starts(element: Any) -> Iterator[tuple[int, int]]:
    """The levels that a list lets begin anew where it comes first, each with its number there."""
    for override in element.findall(qn("w:lvlOverride")):
        level, start = override.find(qn("w:lvl")), _value(override, "w:startOverride")
        if not start and level is not None:
            start = _value(level, "w:start") or "1"
        if start:
            yield int(override.get(qn("w:ilvl"))), int(start)


@dataclass(frozen=True)
class _Numbered:
    """The list of a paragraph, its level, where it states one, and the style that says so, where one does."""

    number_id: str
    depth: int | None
    style: str


def _number_properties(paragraph: Paragraph) -> _Numbered | None:
    """The list and level of a paragraph: its own, or that of its style or of the style below that."""
    candidates = [("", paragraph._p.pPr)]
    style: Any = paragraph.style
    while style is not None and len(candidates) < _MOST_STYLES:
        candidates.append((style.style_id, style.element.pPr))
        style = style.base_style
    depth = None
    for named, properties in candidates:
        numbered = None if properties is None else properties.find(qn("w:numPr"))
        if numbered is None:
            continue
        level, value = _value(numbered, "w:ilvl"), _value(numbered, "w:numId")
        depth = int(level) if depth is None and level else depth
        if value:
            return None if value == "0" else _Numbered(value, depth, named)
    return None
