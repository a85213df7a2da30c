"""Cut the typeface of our PDFs from BIZ UDPGothic: the characters of Japanese business, and nothing else.

Usage: .venv/bin/python scripts/cut_fonts.py
Reads static/fonts/BIZUDPGothic-*.ttf and writes static/fonts/DocumentGothic-*.ttf; the same input gives the
same bytes. The files hold the characters of Windows code page 932 (JIS X 0208 with levels 1 and 2, half-width
kana, and the additions by NEC and IBM that names use), those of Latin-1 and a few of typography. They
have neither tables of OpenType layout nor hints, each character has a glyph of its own, and all figures have
one width: a text is as wide as its characters together, and columns of figures align.
"""

import copy
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
STYLES = ("Regular", "Bold")
FAMILY = "Document Gothic"
TYPOGRAPHIC = frozenset("‑–—‘’“”•…€™−〜")
DROPPED_TABLES = ["BASE", "GPOS", "GSUB", "DSIG", "gasp", "meta", "vhea", "vmtx"]
FAMILY_NAME, STYLE_NAME, UNIQUE_NAME, FULL_NAME, POSTSCRIPT_NAME = 1, 2, 3, 4, 6


def characters(font: TTFont) -> list[int]:
    """The code points that the cut font keeps."""
    return [code for code in sorted(font.getBestCmap()) if _is_kept(chr(code))]


def _is_kept(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"):
        return False
    return ord(character) < 0x100 or character in TYPOGRAPHIC or _in_code_page_932(character)


def _in_code_page_932(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def cut(style: str) -> TTFont:
    font = TTFont(FONTS / f"BIZUDPGothic-{style}.ttf", recalcTimestamp=False)
    options = subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"], glyph_names=False
    )
    options.drop_tables += DROPPED_TABLES
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters(font))
    subsetter.subset(font)
    _give_each_character_a_glyph(font)
    _even_out_figures(font)
    _rename(font, style)
    return font


def _give_each_character_a_glyph(font: TTFont) -> None:
    """Glyphs that several characters share are copied, so that a glyph tells which character it shows."""
    used: set[str] = set()
    for table in font["cmap"].tables:
        used.clear()
        for code, glyph in sorted(table.cmap.items()):
            if glyph in used:
                table.cmap[code] = _copied(font, glyph, code)
            used.add(table.cmap[code])


def _copied(font: TTFont, glyph: str, code: int) -> str:
    name = f"{glyph}.u{code:04X}"
    if name not in font["hmtx"].metrics:
        font["glyf"][name] = copy.deepcopy(font["glyf"][glyph])
        font["hmtx"][name] = font["hmtx"][glyph]
    return name


def _even_out_figures(font: TTFont) -> None:
    """Make the 1 as wide as the other figures, with its shape in the middle."""
    names = font.getBestCmap()
    width = font["hmtx"][names[ord("0")]][0]
    one = names[ord("1")]
    narrow, bearing = font["hmtx"][one]
    shift = (width - narrow) // 2
    glyph = font["glyf"][one]
    glyph.coordinates.translate((shift, 0))
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][one] = (width, bearing + shift)


def _rename(font: TTFont, style: str) -> None:
    full = f"{FAMILY} {style}"
    texts = {
        FAMILY_NAME: FAMILY,
        STYLE_NAME: style,
        UNIQUE_NAME: full,
        FULL_NAME: full,
        POSTSCRIPT_NAME: f"DocumentGothic-{style}",
    }
    table = font["name"]
    table.names = [name for name in table.names if name.platformID == 3 and name.langID == 0x409]
    for identifier, text in texts.items():
        table.setName(text, identifier, 3, 1, 0x409)


def main() -> None:
    for style in STYLES:
        target = FONTS / f"DocumentGothic-{style}.ttf"
        cut(style).save(target, reorderTables=True)
        print(f"{target.name}: {target.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
