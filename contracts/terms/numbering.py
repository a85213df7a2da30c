"""Article numbers and references to the parts of a terms text (第19条第1項, 別記 第3項)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

_KANJI_ONES = "一二三四五六七八九"
_KANJI_DIGITS = {kanji: value for value, kanji in enumerate("〇" + _KANJI_ONES)}
_KANJI_UNITS = {"十": 10, "百": 100, "千": 1000}
_KANJI_NUMERAL = re.compile(
    "".join(f"(?:[{_KANJI_ONES}]?{unit})?" for unit in "千百十") + f"[{_KANJI_ONES}]?"
)
_ARTICLE_NUMBER = re.compile(r"[1-9][0-9]*(?:の[1-9][0-9]*)*")
_POSITIVE = re.compile(r"[1-9][0-9]*")
_ANNEX_REFERENCE = re.compile(r"([a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*)((?:-[1-9][0-9]*)*)")
_MAX_ARTICLE_PARTS = 2
_OPEN_MARKS = "〇○◯●□"
_MAX_ANNEX_PARTS = 3

DIGIT = "[0-9０-９〇一二三四五六七八九十百千]"
NUMERAL = f"{DIGIT}{{1,9}}"
"""Pattern of a numeral as it occurs in terms texts: digits of either width, or kanji; no number is longer."""

OPEN_NUMBER = f"[{_OPEN_MARKS}]"
"""Pattern of the mark that stands where a text leaves an article's number open: 第〇条."""


def parse_numeral(text: str) -> int:
    """Return the value of a numeral below 10,000: `12`, `１２`, `十二`, `一二`.

    Raises ValueError when the text is not such a numeral.
    """
    plain = unicodedata.normalize("NFKC", text)
    if re.fullmatch("[0-9]+", plain):
        return int(plain)
    if re.fullmatch(f"[〇{_KANJI_ONES}]+", plain):
        return int("".join(str(_KANJI_DIGITS[kanji]) for kanji in plain))
    if plain and _KANJI_NUMERAL.fullmatch(plain):
        return _kanji_value(plain)
    raise ValueError(f"not a numeral: {text!r}")


def _kanji_value(numeral: str) -> int:
    total, digit = 0, 0
    for kanji in numeral:
        if kanji in _KANJI_UNITS:
            total += (digit or 1) * _KANJI_UNITS[kanji]
            digit = 0
        else:
            digit = _KANJI_DIGITS[kanji]
    return total + digit


@dataclass(frozen=True, order=True)
class ArticleNumber:
    """The number of an article, with branches: 第18条の2 is `ArticleNumber(18, (2,))`.

    An irregular number has no value, only the mark in the text: 第〇条 is `ArticleNumber(0, (), "〇")`.
    """

    number: int
    branches: tuple[int, ...] = ()
    mark: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `18`, `18の2` (digits of either width) or an open number `〇`. Raises ValueError."""
        plain = unicodedata.normalize("NFKC", text.strip())
        if re.fullmatch(OPEN_NUMBER, plain):
            return cls(0, (), plain)
        if not _ARTICLE_NUMBER.fullmatch(plain):
            raise ValueError(f"not an article number: {text!r} (expected e.g. 18 or 18の2)")
        number, *branches = (int(part) for part in plain.split("の"))
        return cls(number, tuple(branches))

    @property
    def irregular(self) -> bool:
        """Whether the text leaves the number open."""
        return bool(self.mark)

    @property
    def _head(self) -> str:
        return self.mark or str(self.number)

    def __str__(self) -> str:
        return "の".join([self._head, *(str(branch) for branch in self.branches)])

    def label_ja(self) -> str:
        """第18条の2."""
        return f"第{self._head}条" + "".join(f"の{branch}" for branch in self.branches)

    def label_en(self) -> str:
        """Art. 18-2."""
        return "Art. " + "-".join([self._head, *(str(branch) for branch in self.branches)])


@dataclass(frozen=True, order=True)
class ArticleRef:
    """A citation of an article or of an annex, or of a part of either.

    Exactly one of `article` and `annex` is set. `parts` are paragraph and item, in an annex clause and item.
    A key like `list-1` reads as clause 1 of `list` until a text shows that an annex has that
    very key: `Terms` resolves it. References order as in a text: articles by number, then annexes by key.
    """

    annex: str = ""
    article: ArticleNumber | None = None
    parts: tuple[int, ...] = ()

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Self:
        """Read `19-1`, `26`, `18の2-1`, `2-1-9`, `general-3`, `sla`. Raises ValueError with the reason."""
        plain = unicodedata.normalize("NFKC", text.strip())
        if re.match(rf"[0-9]|{OPEN_NUMBER}", plain):
            return cls._parse_article(plain)
        match = _ANNEX_REFERENCE.fullmatch(plain)
        if match is None:
            raise ValueError(
                f"not a reference: {text!r} (expected e.g. 19-1, 18の2, 2-1-9, general-3 or sla)"
            )
        parts = tuple(int(part) for part in match[2].split("-")[1:])
        if len(parts) > _MAX_ANNEX_PARTS:
            raise ValueError(f"reference goes too deep: {text!r}")
        return cls(annex=match[1], parts=parts)

    @classmethod
    def _parse_article(cls, plain: str) -> Self:
        number, *parts = plain.split("-")
        if not all(_POSITIVE.fullmatch(part) for part in parts):
            raise ValueError(f"paragraph and item must be numbers from 1: {plain!r}")
        if len(parts) > _MAX_ARTICLE_PARTS:
            raise ValueError(f"reference goes deeper than paragraph and item: {plain!r}")
        return cls(article=ArticleNumber.parse(number), parts=tuple(int(part) for part in parts))

    def __str__(self) -> str:
        head = str(self.article) if self.article else self.annex
        return "-".join([head, *(str(part) for part in self.parts)])

    def label_ja(self, annex_title: str = "") -> str:
        """第2条第1項第9号; for an annex its title (or key) and 第3項."""
        head = self.article.label_ja() if self.article else annex_title or self.annex
        return head + "".join(f"第{part}{unit}" for part, unit in zip(self.parts, "項号", strict=False))

    def label_en(self, annex_title: str = "") -> str:
        """Art. 2 para. 1 item 9; for an annex its title (or key) and para. 3."""
        head = self.article.label_en() if self.article else annex_title or self.annex
        units = ("para.", "item")
        return head + "".join(f" {unit} {part}" for part, unit in zip(self.parts, units, strict=False))
