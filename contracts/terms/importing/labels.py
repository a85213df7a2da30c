"""The lexical layer: numerals with spaces in them, brackets, labels of items, spacing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from contracts.terms.lines import BULLET_MARKS
from contracts.terms.numbering import DIGIT, parse_numeral

SPACED_NUMERAL = rf"{DIGIT}(?:\s*{DIGIT}){{0,8}}"
"""A numeral as it comes out of PDF files: `2 2`, `１ ０`."""

REMARK_MARK = "※"
"""A bullet where items are announced, else the beginning of a remark."""

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
_OLD_NUMERALS = str.maketrans("壱壹弐貳参參肆伍", "一一二二三三四五")

_BRACKETED = re.compile(
    rf"[（(〔［\[【]\s*({SPACED_NUMERAL}|[ぁ-んァ-ヶｱ-ﾝ]|[a-zA-Zａ-ｚＡ-Ｚ]|[ivxIVX]+|[ⅰ-ⅻⅠ-Ⅻ])\s*[）)〕］\]】]\s*(.*)"
)
_ANGLED = re.compile(r"[〈《＜<]\s*([0-9０-９]{1,2})\s*[〉》＞>]\s*(.*)")
_HALF_BRACKETED = re.compile(r"([0-9０-９]{1,2}|[ivxIVX]{1,5}|[a-zA-Zａ-ｚＡ-Ｚ])\s*[.．]?[)）]\s*(.*)")
_LETTER = re.compile(
    r"([ivxIVX]{1,5}|[a-zA-Zａ-ｚＡ-Ｚ])[.．](?![a-zA-Z]\.)\s*(\D.*)|([A-ZＡ-Ｚ])\u3000+(\D.*)"
)
_CIRCLED = re.compile(r"([①-⑳㉑-㉟❶-❿⓫-⓴⓵-⓾])(?:[.．、:：](?=\D))?\s*(.*)")
_CIRCLES = (("❶", "❿", 1), ("⓫", "⓴", 11), ("⓵", "⓾", 1))
_IN_ONE_SIGN = re.compile(r"([⑴-⒇⒈-⒛㈠-㈩⒜-⒵ⓐ-ⓩ㋐-㋾ⅰ-ⅻⅠ-Ⅻ])[.．)）]?[\s\u3000]*(.*)")
_KANA = re.compile(r"([ァ-ヶｱ-ﾝ])(?:\s*[.．）)]\s*|[\s\u3000]+)(.*)")
_HIRAGANA = re.compile(r"([ぁ-ん])\s*[.．）)]\s*(.*)")
_KANJI = re.compile(rf"([{_KANJI_SIGN}]{{1,3}}|[壱壹弐貳参參肆伍])(?:\s*[.．]\s*|[\s\u3000]+)(.*)")
_COMMA = re.compile(
    rf"([ァ-ヶｱ-ﾝ]|[{_KANJI_SIGN}]{{1,3}}|[壱壹弐貳参參肆伍]|[0-9０-９]{{1,2}}(?=、))、[\s\u3000]*([^\s\u3000].*)"
    r"|([0-9０-９]{1,2})[，,][\s\u3000]*([^\s\u30000-9０-９].*)"
)
_UNIT = re.compile(rf"(?:第\s*)?({SPACED_NUMERAL})\s*号(?:[.．、:：]\s*|[\s\u3000]+)(.*)")
_BULLET = re.compile(rf"([{BULLET_MARKS}])\s*(.*)")
_REMARK = re.compile(rf"({REMARK_MARK})[\s\u3000]*(.*)")
_DASH = re.compile(r"([－‐–—○◦▪▫‣◎▶▷►→⇒✓✔□☐★☆❖➢➤·∙])[\s\u3000]+(.*)")


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
    for pattern, label in _LABELS:
        if match := pattern.fullmatch(text):
            sign, rest = (part for part in match.groups() if part is not None)
            return label(sign), rest
    return None


def _numeral(form: str) -> Callable[[str], Label]:
    """A label that is a number, a letter or a kana in a form: (1), a., 2)."""
    return lambda sign: _label(unicodedata.normalize("NFKC", _SPACES.sub("", sign)), form)


def _in_circle(sign: str) -> Label:
    """① for any circle: ❶, ⓵."""
    for first, last, value in _CIRCLES:
        if first <= sign <= last:
            number = value + ord(sign) - ord(first)
            return Label("①", _circled(number), (number,))
    number = int(unicodedata.normalize("NFKC", sign))
    return Label("①", sign, (number,))


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1)


def _before_comma(sign: str) -> Label:
    plain = sign.translate(_OLD_NUMERALS)
    return replace(_numeral("{}." if plain.isdecimal() else "{}")(plain), sure=False)


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


_LABELS: tuple[tuple[re.Pattern[str], Callable[[str], Label]], ...] = (
    (_BRACKETED, _numeral("({})")),
    (_ANGLED, _numeral("({})")),
    (_HALF_BRACKETED, _numeral("{})")),
    (_CIRCLED, _in_circle),
    (_IN_ONE_SIGN, _spelled),
    (_BULLET, lambda sign: Label("・", sign, ())),
    (_DASH, lambda sign: Label("・", "・", ())),
    (_REMARK, lambda sign: Label(sign, sign, ())),
    (_UNIT, _numeral("({})")),
    (_LETTER, _numeral("{}.")),
    (_KANA, _numeral("{}")),
    (_HIRAGANA, _numeral("{}")),
    (_KANJI, lambda sign: _label(sign.translate(_OLD_NUMERALS), "{}")),
    (_COMMA, _before_comma),
)
"""The ways to write a label, each with what it makes of the sign; the first that fits counts."""
