"""The numbers that Word shows before paragraphs without storing them in the text (第1条, 2., (1))."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_KANJI = "〇一二三四五六七八九"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_CIRCLED_FIRST, _MOST_CIRCLED = 0x2460, 20
_LETTERS = 26
_BULLET = "・"


@dataclass(frozen=True)
class _Level:
    form: str
    text: str
    start: int


class Numbering:
    """Counts the numbered paragraphs of a document; ask for each paragraph once, in order."""

    def __init__(self, document: Document) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._counted_with: dict[str, str] = {}
        root = _numbering_root(document)
        if root is None:
            return
        abstract = {
            element.get(qn("w:abstractNumId")): _levels(element)
            for element in root.findall(qn("w:abstractNum"))
        }
        for element in root.findall(qn("w:num")):
            number_id = element.get(qn("w:numId"))
            link = element.find(qn("w:abstractNumId"))
            if number_id is not None and link is not None:
                key = link.get(qn("w:val"))
                starts_anew = element.find(qn("w:lvlOverride")) is not None
                self._counted_with[number_id] = f"list {number_id}" if starts_anew else key
                self._levels[number_id] = {**abstract.get(key, {}), **_overrides(element)}

    def label(self, paragraph: Paragraph) -> str:
        """What Word shows before the paragraph, with a space behind it; empty for one without number."""
        found = _number_properties(paragraph)
        if found is None or found[0] not in self._levels:
            return ""
        number_id, depth = found
        level = self._levels[number_id].get(depth)
        if level is None or level.form == "none":
            return ""
        if level.form == "bullet":
            return f"{_BULLET} "
        counts = self._counts[self._counted_with[number_id]]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        shown = re.sub(r"%([1-9])", lambda match: self._shown(number_id, int(match[1]) - 1), level.text)
        return f"{shown} "

    def _shown(self, number_id: str, depth: int) -> str:
        level = self._levels[number_id].get(depth)
        if level is None:
            return ""
        counts = self._counts[self._counted_with[number_id]]
        return format_number(counts.get(depth, level.start), level.form)


def format_number(number: int, form: str) -> str:
    """A number in one of Word's forms (w:numFmt); forms that terms don't use are shown as digits."""
    match form:
        case "decimalFullWidth" | "decimalFullWidth2":
            return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if number <= _MOST_CIRCLED:
            return chr(_CIRCLED_FIRST + number - 1)
        case "iroha" | "irohaFullWidth" if number <= len(_IROHA):
            return _IROHA[number - 1]
        case "aiueo" | "aiueoFullWidth" if number <= len(_AIUEO):
            return _AIUEO[number - 1]
        case "japaneseCounting" | "chineseCounting" | "ideographTraditional":
            return _kanji(number)
        case "japaneseDigitalTenThousand" | "ideographDigital":
            return "".join(_KANJI[int(digit)] for digit in str(number))
        case "lowerLetter" | "upperLetter" if number <= _LETTERS:
            letter = chr(ord("a") + number - 1)
            return letter.upper() if form == "upperLetter" else letter
        case "lowerRoman" | "upperRoman" if number < len(_ROMAN):
            return _ROMAN[number].upper() if form == "upperRoman" else _ROMAN[number]
    return str(number)


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
    def value(tag: str, default: str) -> str:
        found = element.find(qn(tag))
        return default if found is None else found.get(qn("w:val"), default)

    return _Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(value("w:start", "1")))


def _overrides(element: Any) -> dict[int, _Level]:
    """Levels that a list redefines for itself."""
    found = {}
    for override in element.findall(qn("w:lvlOverride")):
        level = override.find(qn("w:lvl"))
        if level is not None:
            found[int(override.get(qn("w:ilvl")))] = _level(level)
    return found


def _number_properties(paragraph: Paragraph) -> tuple[str, int] | None:
    """The list and level of a paragraph: its own, or that of its style or of the style below that."""
    candidates = [paragraph._p.pPr]
    style: Any = paragraph.style
    while style is not None:
        candidates.append(style.element.pPr)
        style = style.base_style
    for properties in candidates:
        numbered = None if properties is None else properties.find(qn("w:numPr"))
        if numbered is not None and (number_id := numbered.find(qn("w:numId"))) is not None:
            level = numbered.find(qn("w:ilvl"))
            depth = 0 if level is None else int(level.get(qn("w:val"), "0"))
            value = number_id.get(qn("w:val"), "0")
            return None if value == "0" else (value, depth)
    return None
