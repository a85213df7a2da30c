"""Whether a line without number or label continues the line above it, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from contracts.terms.importing.labels import has_open_bracket, split_bracket
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
_FEWEST_AT_MARGIN = 3
_ITEM_ENDS = ("とき", "場合", "もの", "者", "こと", "行為", "事項", "事由", "おそれ", "書類")


class Join(Enum):
    """How a line goes on: in the same sentence, on a new line of the same text, or as something new."""

    SENTENCE = "sentence"
    LINE = "line"
    NEW = "new"


@dataclass(frozen=True)
class Layout:
    """How the lines of a text were broken. `full` is the width from which a line ran into the margin.

    In a text that isn't wrapped a line is a whole paragraph, and only a page break cuts it. A blank line
    divides, unless one stands between most lines.
    """

    wrapped: bool
    full: float
    blank_divides: bool = True

    @classmethod
    def of(cls, lines: Sequence[SourceLine]) -> Layout:
        widths = sorted(line.width for line in lines if not line.cells and not line.table)
        if len(widths) < _FEWEST_LINES:
            return cls(wrapped=False, full=0)
        usual = widths[len(widths) * 9 // 10]
        at_margin = sum(width >= usual * _FULL_SHARE for width in widths)
        wrapped = (
            widths[-1] <= usual * _WRAPPED_SPREAD
            and usual <= _WIDEST_WRAPPED
            and at_margin >= _FEWEST_AT_MARGIN
        )
        spread_out = sum(line.after_blank for line in lines) * 2 > len(lines)
        return cls(wrapped, usual * _FULL_SHARE, blank_divides=not spread_out)

    def fills(self, line: SourceLine) -> bool:
        """Whether the line was broken by the margin."""
        return self.wrapped and line.width >= self.full

    def is_open(self, text: str, line: SourceLine, following: SourceLine) -> bool:
        """Whether a text that ends with `line` stops in the middle of a sentence, as `following` comes.

        Items end in a noun as often as in a full stop: a line that no margin and no page broke is whole.
        """
        if text and following.heading:
            return False
        if says_more(text):
            return True
        if text.endswith(_SENTENCE_ENDS) or self._divides(line, following):
            return False
        return self.fills(line) or (not self.wrapped and following.page != line.page)

    def _divides(self, line: SourceLine, following: SourceLine) -> bool:
        return following.after_blank and self.blank_divides and following.page == line.page

    def join(self, text: str, line: SourceLine, following: SourceLine) -> Join:
        """How `following` goes on after `text`, whose last line is `line`."""
        if self.is_open(text, line, following) or self.fills(line) or self._was_cut(text, line, following):
            return Join.SENTENCE
        if text.endswith(_SENTENCE_ENDS):
            return Join.LINE if following.text.startswith(_SAME_PARAGRAPH) else Join.NEW
        cut = following.page != line.page or following.text.startswith(_CONTINUING)
        return Join.SENTENCE if cut else Join.LINE

    def _was_cut(self, text: str, line: SourceLine, following: SourceLine) -> bool:
        """Whether a page, of which nothing is left, cut a long line that ends as no item does."""
        if self.wrapped or line.width < _LONG_TEXT or text.endswith((*_SENTENCE_ENDS, *_ITEM_ENDS)):
            return False
        title = split_bracket(following.text)
        begins_anew = following.text.startswith(_SAME_PARAGRAPH) or (title is not None and not title[1])
        return not following.heading and not begins_anew


def says_more(text: str) -> bool:
    """Whether a text itself says that it goes on: it is empty, ends with a comma, or a bracket is open."""
    return not text or text.endswith(_GOES_ON) or has_open_bracket(text)


def glue(text: str, following: str) -> str:
    """Put the parts of a broken sentence together; Latin words keep a space between them."""
    latin = (
        text[-1:].isascii() and text[-1:].isalnum() and following[:1].isascii() and following[:1].isalnum()
    )
    return f"{text} {following}" if latin else text + following
