"""What documents show of the characters of a text, and by which typeface.

Most are of the cut typeface (portal/pdf/typeface.py). What it lacks, the complete one beside it is asked
for, and what that lacks the typeface of rare names (scripts/cut_name_font.py): the kanji of JIS X 0213 and
Adobe-Japan1, and the variants of kanji that selectors name, as in 葛 with U+E0100. What remains is shown as
〓, which printers put where a type is missing; who types it in a name or an address is told (`unprintable`).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from django.conf import settings
from fontTools.ttLib import TTFont

from portal.formats.written import composed
from portal.pdf.rare_class import RARE_CLASS
from portal.pdf.typeface import REGULAR, is_selector, typeface

SUBSTITUTE = "〓"
_COMPLETE_FILE, _RARE_FILE = "BIZUDPGothic-Regular.ttf", "DocumentGothicNames-Regular.otf"
_VARIATION_SEQUENCES = 14  # the format of their subtable (OpenType 1.9, "cmap")
_MARKS = {"\u3099": "\u309b", "\u309a": "\u309c"}  # combining 濁点 and 半濁点, and those that stand alone
_STEERING = ("Cc", "Cf", "Cs", "Mn", "Me")
_WHITE_SPACE = frozenset("\t\n\r")
_TAG = re.compile("(<title>.*?</title>|<[^>]*>)", re.DOTALL)


class RareNames(NamedTuple):
    """The typeface of rare names: its characters, and what it knows of kanji with selectors.

    `sequences` tells of each whether it has a shape of its own, or that of the kanji alone.
    """

    characters: frozenset[str]
    sequences: dict[str, bool]


def printable(html: str) -> str:
    """A page in characters that our typefaces can show.

    Combining marks are joined to their letters; what only steers (control characters, selectors of variants
    that no typeface has) is left out; any other character without a glyph becomes 〓. What the typeface of
    rare names shows is marked for it. Titles and attributes, which describe the page, keep their characters.
    """
    if is_covered(html):
        return html
    return "".join(
        _without_control(part) if part.startswith("<") else _shown(part) for part in _TAG.split(html)
    )


def is_covered(text: str) -> bool:
    """Whether the cut typeface has all characters of a text."""
    return not set(text) - typeface(REGULAR).characters - _WHITE_SPACE


def unprintable(text: str) -> list[str]:
    """What of a text no document can show, each once: characters, or kanji with the selectors behind them."""
    if is_covered(text):
        return []
    return list(dict.fromkeys(piece for piece in _pieces(composed(text)) if not _can_be_shown(piece)))


def _can_be_shown(piece: str) -> bool:
    """A selector of what is no kanji, as of an emoji, says nothing that is missed."""
    if len(piece) > 1 and unicodedata.name(piece[0], "").startswith("CJK"):
        return piece in rare_names().sequences
    return SUBSTITUTE not in _replacement(piece[0]) or piece[0] == SUBSTITUTE


def _shown(text: str) -> str:
    parts: list[str] = []
    rare = ""
    for piece in [*_pieces(composed(text)), ""]:
        if piece and _is_rare(piece):
            rare += piece
            continue
        if rare:
            parts.append(f'<span class="{RARE_CLASS}">{rare}</span>')
            rare = ""
        parts.append(_replacement(piece[0]) if piece else "")
    return "".join(parts)


def _is_rare(piece: str) -> bool:
    """Whether the typeface of rare names is the one that shows this."""
    if piece in typeface(REGULAR).characters:
        return False
    names = rare_names()
    if len(piece) > 1:
        has_own_shape = names.sequences.get(piece, False)
        return has_own_shape or (piece in names.sequences and piece[0] in names.characters)
    return piece in names.characters


def _pieces(text: str) -> Iterator[str]:
    """The characters of a text, each with the selector behind it."""
    at = 0
    while at < len(text):
        end = at + 2 if is_selector(text[at + 1 : at + 2] or " ") else at + 1
        yield text[at:end]
        at = end


def _replacement(character: str) -> str:
    if character in typeface(REGULAR).characters or character in _WHITE_SPACE:
        return character
    if character in _MARKS:
        return _MARKS[character]
    if unicodedata.category(character) in _STEERING:
        return ""
    if character in rare_names().characters:
        return f'<span class="{RARE_CLASS}">{character}</span>'
    return character if character in _complete() else SUBSTITUTE


def _without_control(tag: str) -> str:
    return "".join(
        sign for sign in tag if sign in _WHITE_SPACE or unicodedata.category(sign) not in ("Cc", "Cs")
    )


@cache
def _complete() -> frozenset[str]:
    with TTFont(settings.BASE_DIR / "static" / "fonts" / _COMPLETE_FILE, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def rare_names() -> RareNames:
    """What the typeface of rare names has; read when a text needs it, once a process."""
    with TTFont(settings.BASE_DIR / "static" / "fonts" / _RARE_FILE, lazy=True) as font:
        characters = frozenset(map(chr, font.getBestCmap())) - typeface(REGULAR).characters - _complete()
        sequences = {
            chr(code) + chr(selector): glyph is not None
            for table in font["cmap"].tables
            if table.format == _VARIATION_SEQUENCES
            for selector, found in table.uvsDict.items()
            for code, glyph in found
        }
    return RareNames(characters, sequences)
