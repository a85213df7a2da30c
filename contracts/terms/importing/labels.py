"""The lexical layer: numerals with spaces in them, brackets, labels of items, spacing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from contracts.terms.lines import BULLET_MARKS
from contracts.terms.numbering import DIGIT, parse_numeral

SPACED_NUMERAL = rf"{DIGIT}(?:\s*{DIGIT}){{0,8}}"
"""A numeral as it comes out of PDF files: `2 2`, `１ ０`."""

_OPENING, _CLOSING = "（(【〔［[", "）)】〕］]"
_CITED_UNIT = re.compile(rf"第\s*({SPACED_NUMERAL})\s*(?=[編章節款目条項号])")
_PART = re.compile(rf"^第\s*({SPACED_NUMERAL})(?=\s)")
_BRANCH = re.compile(rf"(?<=条)\s*の\s*(?={DIGIT})")
_SPACES = re.compile(r"[\s\u3000]+")

_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_ROMAN = (
    *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
    *("xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"),
)
_KANJI_SIGN = "一二三四五六七八九十"
_OLD_KANJI = str.maketrans("壱壹弐貳参參肆伍", "一一二二三三四五")

_BRACKETED = re.compile(
    rf"[（(〔［\[【]\s*({SPACED_NUMERAL}|[ぁ-んァ-ヶ]|[a-zA-Zａ-ｚＡ-Ｚ]|[ivxIVX]+)\s*[）)〕］\]】]\s*(.*)"
)
_HALF_BRACKETED = re.compile(r"([0-9０-９]{1,2}|[ivxIVX]{1,5}|[a-zA-Zａ-ｚＡ-Ｚ])\s*[)）]\s*(.*)")
_LETTER = re.compile(r"([ivxIVX]{1,5}|[a-zA-Zａ-ｚＡ-Ｚ])[.．](?![a-zA-Z]\.)\s*(\D.*)")
_CIRCLED = re.compile(r"([①-⑳㉑-㉟])\s*(.*)")
_OTHER_CIRCLED = re.compile(r"([❶-❿⓫-⓴⓵-⓾])\s*(.*)")
_IN_ONE_SIGN = re.compile(r"([⑴-⒇⒈-⒛㈠-㈩⒜-⒵ⓐ-ⓩ㋐-㋾ⅰ-ⅻⅠ-Ⅻ])[.．)）]?[\s\u3000]*(.*)")
_KANA = re.compile(r"([ァ-ヶ])(?:\s*[.．）)]\s*|[\s\u3000]+)(.*)")
_HIRAGANA = re.compile(r"([ぁ-ん])\s*[.．）)]\s*(.*)")
_KANJI = re.compile(rf"([{_KANJI_SIGN}]{{1,3}}|[壱壹弐貳参參肆伍])(?:\s*[.．]\s*|[\s\u3000]+)(.*)")
_COMMA = re.compile(rf"([ァ-ヶ]|[{_KANJI_SIGN}]{{1,3}}|[0-9０-９]{{1,2}})、[\s\u3000]*([^\s\u3000].*)")
_UNIT = re.compile(rf"(?:第\s*)?({SPACED_NUMERAL})\s*号(?:[.．、:：]\s*|[\s\u3000]+)(.*)")
_BULLET = re.compile(rf"([{BULLET_MARKS}])\s*(.*)|([－‐–—○◦])[\s\u3000]+(.*)")


def numeral(text: str) -> int:
    """The value of a numeral that may have spaces in it. Raises ValueError."""
    return parse_numeral(_SPACES.sub("", text))


def tidy(text: str) -> str:
    """Take out the spaces that PDF files put into 第 2 2 条, and make one space of many."""
    closed = _CITED_UNIT.sub(lambda match: f"第{_SPACES.sub('', match[1])}", text)
    closed = _BRANCH.sub("の", closed)
    return _SPACES.sub(lambda match: "\u3000" if "\u3000" in match[0] else " ", closed).strip()


def tidy_heading(text: str) -> str:
    """The same for a heading, where the number may stand alone: 第 1 基本料金."""
    return _PART.sub(lambda match: f"第{_SPACES.sub('', match[1])}", tidy(text))


def split_bracket(text: str) -> tuple[str, str] | None:
    """The inside of the bracket that a text begins with, and what follows it; None without one."""
    if not text or text[0] not in _OPENING:
        return None
    depth = 0
    for position, character in enumerate(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth == 0:
            return text[1:position].strip(), text[position + 1 :].strip()
    return None


def has_open_bracket(text: str) -> bool:
    """Whether a bracket or quotation opens in the text and doesn't close."""
    return sum((character in "（(「『") - (character in "）)」』") for character in text) > 0


@dataclass(frozen=True)
class Label:
    """What an item begins with. `ordinals` are its places in the orders it may belong to (イロハ, アイウ).

    One that is not `sure` (イ、) may be the rest of a word that the margin broke.
    """

    kind: str
    text: str
    ordinals: tuple[int | None, ...]
    sure: bool = True

    @property
    def is_first(self) -> bool:
        return 1 in self.ordinals

    def follows(self, other: Label) -> bool:
        """Whether this label comes right after the other in one of their orders; a bullet follows any."""
        if self.kind != other.kind:
            return False
        pairs = zip(self.ordinals, other.ordinals, strict=True)
        return not self.ordinals or any(new is not None and new - 1 == old for new, old in pairs)


def read_label(text: str) -> tuple[Label, str] | None:
    """The label that a line begins with, and the text after it; None when it begins with none."""
    if match := _BRACKETED.fullmatch(text):
        return _label(unicodedata.normalize("NFKC", _SPACES.sub("", match[1])), "({})"), match[2]
    if match := _HALF_BRACKETED.fullmatch(text):
        return _label(unicodedata.normalize("NFKC", match[1]), "{})"), match[2]
    if match := _CIRCLED.fullmatch(text):
        return Label("①", match[1], (_circled_value(match[1]),)), match[2]
    if match := _OTHER_CIRCLED.fullmatch(text):
        return Label("①", _circled(match[1]), (_circled_value(_circled(match[1])),)), match[2]
    if match := _IN_ONE_SIGN.fullmatch(text):
        return _spelled(match[1]), match[2]
    if match := _BULLET.fullmatch(text):
        return Label("・", match[1] or "・", ()), match[2] or match[4] or ""
    if match := _UNIT.fullmatch(text):
        return _label(_SPACES.sub("", unicodedata.normalize("NFKC", match[1])), "({})"), match[2]
    if match := _LETTER.fullmatch(text):
        return _label(unicodedata.normalize("NFKC", match[1]), "{}."), match[2]
    for pattern in (_KANA, _HIRAGANA, _KANJI):
        if match := pattern.fullmatch(text):
            return _label(match[1].translate(_OLD_KANJI), "{}"), match[2]
    if match := _COMMA.fullmatch(text):
        sign = unicodedata.normalize("NFKC", match[1])
        return replace(_label(sign, "{}." if sign.isdecimal() else "{}"), sure=False), match[2]
    return None


def _spelled(sign: str) -> Label:
    """The label of one sign that stands for several: ⑴ is (1), ⅱ is ii., ㋐ is ア."""
    plain = unicodedata.normalize("NFKC", sign)
    if plain.endswith((")", ".")):
        return _label(plain.strip("()."), "({})" if plain.endswith(")") else "{}.")
    return _label(plain, "{}" if plain in _AIUEO else "{}.")


def number_label(number: int) -> Label:
    """The label of an item that is numbered like a paragraph: `1.`."""
    return _label(str(number), "{}.")


def _label(sign: str, form: str) -> Label:
    text = form.format(sign)
    try:
        kind = "一" if form == "{}" else "1"
        return Label(form.format(kind), text, (parse_numeral(sign),))
    except ValueError:
        pass
    if sign in _IROHA or sign in _AIUEO:
        return Label(form.format("イ"), text, (_place(sign, _IROHA), _place(sign, _AIUEO)))
    lower = sign.lower()
    if lower.isascii():
        roman = _ROMAN.index(lower) + 1 if lower in _ROMAN else None
        letter = ord(lower) - ord("a") + 1 if len(lower) == 1 else None
        return Label(form.format("A" if sign.isupper() else "a"), text, (letter, roman))
    katakana = chr(ord(sign) + 0x60)
    return Label(form.format("い"), text, (_place(katakana, _IROHA), _place(katakana, _AIUEO)))


def _place(sign: str, order: str) -> int | None:
    return order.index(sign) + 1 if sign in order else None


def _circled(sign: str) -> str:
    """① for the same number in another circle: ❶, ⓵."""
    for first, last, value in (("❶", "❿", 1), ("⓫", "⓴", 11), ("⓵", "⓾", 1)):
        if first <= sign <= last:
            return chr(ord("①") + value - 1 + ord(sign) - ord(first))
    raise ValueError(sign)


def _circled_value(sign: str) -> int:
    return int(unicodedata.normalize("NFKC", sign))
