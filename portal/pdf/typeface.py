"""The typeface of our PDFs: what it can show, how wide a text is, and a font file of a few glyphs.

Two styles lie in `static/fonts/`, made by scripts/cut_fonts.py. Each character has a glyph of its own, and
the files have no layout tables: a text is as wide as its characters together. What becomes of characters that
they lack is told in `portal/pdf/characters.py`.
"""

import struct
from array import array
from collections.abc import Sequence
from functools import cache, cached_property

from django.conf import settings
from fontTools.ttLib import TTFont

REGULAR, BOLD = 400, 700
_FILES = {REGULAR: "DocumentGothic-Regular.ttf", BOLD: "DocumentGothic-Bold.ttf"}

PANGO_UNIT = 1024  # of a CSS pixel
_CHECKSUM_MAGIC = 0xB1B0AFBA
_LONGEST_SHORT_LOCA = 0x1FFFE


@cache
def typeface(weight: int) -> "Typeface":
    """The style of a weight, 400 or 700; read once a process. Raises KeyError for another weight."""
    return Typeface(_FILES[weight])


def is_selector(character: str) -> bool:
    """Whether a character only says which variant of the one before it is meant."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


class Typeface:
    """One style. Glyphs are told by their numbers in its file."""

    def __init__(self, file: str) -> None:
        path = settings.BASE_DIR / "static" / "fonts" / file
        self._content = path.read_bytes()
        with TTFont(path, lazy=True) as font:
            mapped = font.getBestCmap()
            self.glyphs = {chr(code): font.getGlyphID(glyph) for code, glyph in mapped.items()}
            self._tables = {tag: (entry.offset, entry.length) for tag, entry in font.reader.tables.items()}
        self.characters = frozenset(self.glyphs)
        self.character_of = {glyph: character for character, glyph in self.glyphs.items()}
        self.units_per_em: int = struct.unpack_from(">H", self._table("head"), 18)[0]
        (self._count,) = struct.unpack_from(">H", self._table("maxp"), 4)

    def advance(self, glyph: int) -> int:
        """The width of a glyph in units of the font."""
        return self._metrics[2 * min(glyph, len(self._metrics) // 2 - 1)]

    def pdf_width(self, glyph: int) -> int:
        """The width of a glyph in thousandths of the font size, as PDF states it."""
        return round(self.advance(glyph) * 1000 / self.units_per_em)

    @cache  # noqa: B019 - there are two instances, which live as long as the process
    def widths(self, size: int) -> dict[str, int]:
        """The width of each character at a font size, both in Pango's units, as Pango rounds it."""
        return {
            character: (self.advance(glyph) * size + self.units_per_em // 2) // self.units_per_em
            for character, glyph in self.glyphs.items()
        }

    def width(self, text: str, points: float) -> float:
        """The width of a text in points; characters that are not there count as wide as the size."""
        units = sum(
            self.advance(self.glyphs[character]) if character in self.glyphs else self.units_per_em
            for character in text
            if not is_selector(character)
        )
        return units * points / self.units_per_em

    def program(self, glyphs: Sequence[int]) -> bytes:
        """A TrueType font of the given glyphs, numbered in their order; put .notdef (0) first."""
        outlines = [self._outline(glyph) for glyph in glyphs]
        ends = [0]
        for outline in outlines:
            ends.append(ends[-1] + len(outline))
        short = ends[-1] <= _LONGEST_SHORT_LOCA
        head = bytearray(self._table("head"))
        struct.pack_into(">I", head, 8, 0)
        struct.pack_into(">h", head, 50, 0 if short else 1)
        tables = {
            b"glyf": b"".join(outlines),
            b"head": bytes(head),
            b"hhea": self._table("hhea")[:34] + struct.pack(">H", len(glyphs)),
            b"hmtx": b"".join(self._metric(glyph) for glyph in glyphs),
            b"loca": struct.pack(f">{len(ends)}H", *(end // 2 for end in ends))
            if short
            else struct.pack(f">{len(ends)}I", *ends),
            b"maxp": self._table("maxp")[:4] + struct.pack(">H", len(glyphs)) + self._table("maxp")[6:],
        }
        return _font_file(tables)

    def _table(self, tag: str) -> bytes:
        offset, length = self._tables[tag]
        return self._content[offset : offset + length]

    @cached_property
    def _metrics(self) -> "array[int]":
        """Width and left side bearing of each glyph, in turn."""
        (count,) = struct.unpack_from(">H", self._table("hhea"), 34)
        if count != self._count:
            raise ValueError("the cut fonts state a width for each glyph")
        return _big_endian("H", self._table("hmtx"))

    @cached_property
    def _ends(self) -> "array[int]":
        (is_long,) = struct.unpack_from(">h", self._table("head"), 50)
        if is_long:
            return _big_endian("I", self._table("loca"))
        return array("I", (2 * half for half in _big_endian("H", self._table("loca"))))

    def _outline(self, glyph: int) -> bytes:
        start = self._tables["glyf"][0]
        outline = self._content[start + self._ends[glyph] : start + self._ends[glyph + 1]]
        return outline + bytes(-len(outline) % 4)

    def _metric(self, glyph: int) -> bytes:
        start = self._tables["hmtx"][0] + 4 * glyph
        return self._content[start : start + 4]


def _big_endian(kind: str, content: bytes) -> "array[int]":
    numbers = array(kind)
    numbers.frombytes(content)
    numbers.byteswap()
    return numbers


def _font_file(tables: dict[bytes, bytes]) -> bytes:
    """The file of the tables (OpenType 1.9, "Organization of an OpenType font")."""
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    position = 12 + 16 * count
    bodies = []
    for tag, body in sorted(tables.items()):
        padded = body + bytes(-len(body) % 4)
        directory += struct.pack(">4sIII", tag, _checksum(padded), position, len(body))
        bodies.append(padded)
        position += len(padded)
    content = bytearray(directory + b"".join(bodies))
    adjustment = (_CHECKSUM_MAGIC - _checksum(bytes(content))) & 0xFFFFFFFF
    struct.pack_into(">I", content, content.index(tables[b"head"], 12 + 16 * count) + 8, adjustment)
    return bytes(content)


def _checksum(padded: bytes) -> int:
    return sum(_big_endian("I", padded)) & 0xFFFFFFFF


def split_to_fit(text: str, width: float, points: float, weight: int = REGULAR) -> list[str]:
    """The text as lines of at most `width` points: broken at spaces, or else where Japanese may be broken."""
    style = typeface(weight)
    lines: list[str] = []
    rest = text.strip()
    while rest and style.width(rest, points) > width:
        at = _break(rest, _fitting(style, rest, width, points))
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*lines, rest]


_NOT_FIRST = frozenset(
    "、。，．・：；？！）］｝」』】〉》〕ー々ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%％-－〜～"
)
_NOT_LAST = frozenset("（［｛「『【〈《〔([{〒＃#")


def _fitting(style: Typeface, text: str, width: float, points: float) -> int:
    """How many characters fit; one at least."""
    total = 0.0
    for place, character in enumerate(text):
        total += style.width(character, points)
        if total > width:
            return max(place, 1)
    return len(text)


def _break(text: str, most: int) -> int:
    """Where to break a text of which `most` characters fit: a good place in its last half, or there."""
    spaces = [place for place in range(most // 2, most + 1) if place and text[place : place + 1].isspace()]
    if spaces:
        return spaces[-1]
    for place in range(most, most // 2, -1):
        if _breakable(text[place - 1], text[place]):
            return place
    return most


def _breakable(before: str, after: str) -> bool:
    if is_selector(after) or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return not (_in_word(before) and _in_word(after))


def _in_word(character: str) -> bool:
    return character.isascii() and not character.isspace()
