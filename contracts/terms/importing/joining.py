"""Whether a line without number or label continues the line above it, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from contracts.terms.importing.labels import has_open_bracket
from contracts.terms.importing.source import SourceLine

_SENTENCE_ENDS = ("。", "．", "！", "？", "!", "?", "」")
_GOES_ON = ("、", "，", ",", "・", "「", "（", "(")
_CONTINUING = tuple("をにがはでとのもへやっゃゅょー、。，．）)」』】〕")
_SAME_PARAGRAPH = (
    "ただし",
    "但し",
    "なお",
    "この場合",
    "（注",
    "(注",
    "※",
    "＊",
    "注）",
    "注)",
    "<http",
    "http",
)
_FULL_SHARE = 0.75
_WRAPPED_SPREAD = 1.35
_WIDEST_WRAPPED = 130
_LONG_TEXT = 60
_FEWEST_LINES = 8


class Join(Enum):
    """How a line goes on: in the same sentence, on a new line of the same text, or as something new."""

    SENTENCE = "sentence"
    LINE = "line"
    NEW = "new"


@dataclass(frozen=True)
class Layout:
    """How the lines of a text were broken. `full` is the width from which a line ran into the margin.

    In a text that isn't wrapped a line is a whole paragraph, and only a page break cuts it.
    """

    wrapped: bool
    full: float

    @classmethod
    def of(cls, lines: Sequence[SourceLine]) -> Layout:
        widths = sorted(line.width for line in lines if not line.cells and not line.table)
        if len(widths) < _FEWEST_LINES:
            return cls(wrapped=False, full=0)
        usual = widths[len(widths) * 9 // 10]
        wrapped = widths[-1] <= usual * _WRAPPED_SPREAD and usual <= _WIDEST_WRAPPED
        return cls(wrapped, usual * _FULL_SHARE)

    def fills(self, line: SourceLine) -> bool:
        """Whether the line was broken by the margin."""
        return self.wrapped and line.width >= self.full

    def is_open(self, text: str, line: SourceLine) -> bool:
        """Whether a text that ends with `line` stops in the middle of a sentence."""
        if not text or text.endswith(_GOES_ON) or has_open_bracket(text):
            return True
        if text.endswith(_SENTENCE_ENDS):
            return False
        return self.fills(line) or (not self.wrapped and line.width >= _LONG_TEXT)

    def join(self, text: str, line: SourceLine, following: SourceLine) -> Join:
        """How `following` goes on after `text`, whose last line is `line`."""
        if self.is_open(text, line) or self.fills(line):
            return Join.SENTENCE
        if text.endswith(_SENTENCE_ENDS):
            return Join.LINE if following.text.startswith(_SAME_PARAGRAPH) else Join.NEW
        cut = following.page != line.page or following.text.startswith(_CONTINUING)
        return Join.SENTENCE if cut else Join.LINE


def glue(text: str, following: str) -> str:
    """Put the parts of a broken sentence together; Latin words keep a space between them."""
    latin = (
        text[-1:].isascii() and text[-1:].isalnum() and following[:1].isascii() and following[:1].isalnum()
    )
    return f"{text} {following}" if latin else text + following
