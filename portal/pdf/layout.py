"""A layout that documents of one shape share: the contents of their pages, with holes for their texts."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.pdf.typeface import PANGO_UNIT, typeface

TOLERANCE = 0.02  # CSS pixels, in which all lengths here are
_GLYPHS = re.compile(rb"<([0-9a-f]*)>")
_DIGITS = 4  # of a glyph's number in hexadecimal


class DoesNotFitError(Exception):
    """A text that is too long for its line in a layout."""


@dataclass(frozen=True)
class Slot:
    """A text on a line: its place among the page's texts, the gap before it, spaces around it, its font."""

    text: int
    gap: float
    before: str
    after: str
    weight: int
    size: int  # in Pango's units

    def shown(self, contents: Sequence[str]) -> str:
        return self.before + contents[self.text] + self.after


@dataclass(frozen=True)
class Line:
    """A line whose texts may change. `share` of what they leave of its width stands before them."""

    start: float
    width: float
    share: float
    slots: tuple[Slot, ...]
    end_gap: float

    def positions(self, contents: Sequence[str]) -> list[float]:
        """Where its texts begin. Raises DoesNotFitError."""
        at, begins = 0.0, []
        for slot in self.slots:
            at += slot.gap
            begins.append(at)
            widths = typeface(slot.weight).widths(slot.size)
            at += sum(map(widths.__getitem__, slot.shown(contents))) / PANGO_UNIT
        left = self.width - at - self.end_gap
        if left < TOLERANCE:
            raise DoesNotFitError
        return [self.start + self.share * left + begin for begin in begins]


@dataclass(frozen=True)
class SettledText:
    """The operand of a text of the shape, which shows glyphs by their numbers in the cut typeface."""

    weight: int
    operand: bytes

    @property
    def glyphs(self) -> list[int]:
        return [glyph for run in _GLYPHS.findall(self.operand) for glyph in numbers(run)]

    def numbered(self, codes: dict[int, bytes]) -> bytes:
        """The operand with glyphs by other numbers."""

        def renumber(run: re.Match[bytes]) -> bytes:
            return b"<" + b"".join([codes[glyph] for glyph in numbers(run[1])]) + b">"

        return _GLYPHS.sub(renumber, self.operand)


def numbers(run: bytes) -> list[int]:
    """The glyphs of a run in hexadecimal."""
    return [int(run[at : at + _DIGITS], 16) for at in range(0, len(run), _DIGITS)]


@dataclass(frozen=True)
class Hole:
    """Where something is to be set into a content; twice the place of a slot for its position, one more for
    its glyphs."""

    number: int


@dataclass
class PageLayout:
    """A page: its lines, and its content with a hole for each position and each text of theirs."""

    lines: list[Line]
    content: list[bytes | SettledText | Hole]
    parts: list[bytes] = field(default_factory=list)
    holes: list[int] = field(default_factory=list)

    def glyphs(self, weight: int) -> set[int]:
        """Those of the texts of the shape."""
        settled = (part for part in self.content if isinstance(part, SettledText))
        return {glyph for text in settled if text.weight == weight for glyph in text.glyphs}

    def settle(self, codes: dict[int, dict[int, bytes]]) -> None:
        """Join what lies between the holes, with the glyphs' final numbers."""
        joined: list[bytes] = []
        for part in self.content:
            if isinstance(part, Hole):
                self.parts.append(b"".join(joined))
                self.holes.append(part.number)
                joined = []
            elif isinstance(part, SettledText):
                joined.append(part.numbered(codes[part.weight]))
            else:
                joined.append(part)
        self.parts.append(b"".join(joined))
        self.content = []

    def filled(self, contents: Sequence[str], codes: dict[int, dict[str, str]]) -> bytes:
        """The content with the texts of a document. Raises DoesNotFitError."""
        found: list[str] = []
        for line in self.lines:
            for slot, position in zip(line.slots, line.positions(contents), strict=True):
                known = codes[slot.weight]
                found.append(f"{position:.3f}")
                found.append("".join([known[character] for character in slot.shown(contents)]))
        pieces = [self.parts[0]]
        for number, part in zip(self.holes, self.parts[1:], strict=True):
            pieces += (found[number].encode(), part)
        return b"".join(pieces)


class Layout:
    """The pages of a shape. `fixed` are the places of the texts that belong to it and may not change."""

    def __init__(self, pages: list[PageLayout], fixed: tuple[int, ...], weights: set[int]) -> None:
        self.fixed = fixed
        self._pages = pages
        self._slots = [slot for page in pages for line in page.lines for slot in line.slots]
        self._settled = {
            weight: sorted({glyph for page in pages for glyph in page.glyphs(weight)}) for weight in weights
        }
        self._codes = {
            weight: {
                typeface(weight).character_of[glyph]: f"{place:04x}" for place, glyph in enumerate(glyphs, 1)
            }
            for weight, glyphs in self._settled.items()
        }
        codes = {
            weight: {glyph: b"%04x" % place for place, glyph in enumerate(glyphs, 1)}
            for weight, glyphs in self._settled.items()
        }
        for page in pages:
            page.settle(codes)

    def filled(self, contents: Sequence[str]) -> tuple[list[bytes], dict[int, list[int]]]:
        """The contents of the pages with the texts of a document, and the glyphs of each weight in the order
        of their numbers. Raises DoesNotFitError."""
        shown: dict[int, set[str]] = defaultdict(set)
        for slot in self._slots:
            shown[slot.weight].update(slot.shown(contents))
        glyphs, codes = {}, {}
        for weight, settled in self._settled.items():
            known, glyph_of = self._codes[weight], typeface(weight).glyphs
            more = sorted(shown[weight] - known.keys(), key=glyph_of.__getitem__)
            glyphs[weight] = [0, *settled, *(glyph_of[character] for character in more)]
            places = enumerate(more, len(settled) + 1)
            codes[weight] = known | {character: f"{place:04x}" for place, character in places}
        return [page.filled(contents, codes) for page in self._pages], glyphs
