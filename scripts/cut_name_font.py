"""Cut the typeface of rare names: what our other typefaces lack, and nothing else.

Usage: .venv/bin/python scripts/cut_name_font.py [FOLDER]
Reads Noto Sans CJK JP from the collections of Debian's package fonts-noto-cjk, NotoSansCJK-Regular.ttc and
-Bold.ttc, and writes static/fonts/DocumentGothicNames-*.otf; the same input gives the same bytes. The files
hold what JIS X 0213 and the kanji of Adobe-Japan1 have beyond the other typefaces, and the variants of the
Adobe-Japan1 collection of ideographic variation sequences that differ from the character alone.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
SOURCE = Path("/usr/share/fonts/opentype/noto")
STYLES = ("Regular", "Bold")
OTHERS = ("DocumentGothic-Regular.ttf", "BIZUDPGothic-Regular.ttf")
FAMILY = "Document Gothic Names"
VARIATION_SEQUENCES = 14
"""The format of their subtable."""

BASIC_PLANE, FULL_UNICODE = 4, 12
"""The formats of the subtables of characters."""

LAST_OF_BASIC_PLANE = 0xFFFF
JAPANESE = 0
"""The place of Noto Sans CJK JP in a collection."""
DROPPED_TABLES = ["BASE", "GPOS", "GSUB", "VORG", "DSIG", "gasp", "meta", "vhea", "vmtx"]
FAMILY_NAME, STYLE_NAME, UNIQUE_NAME, FULL_NAME, POSTSCRIPT_NAME = 1, 2, 3, 4, 6
OTHER_NAMES = (16, 17, 21, 22)


def present() -> set[int]:
    """The code points of the other two typefaces."""
    return {code for name in OTHERS for code in TTFont(FONTS / name, lazy=True).getBestCmap()}


def in_jis_x_0213(code: int) -> bool:
    try:
        chr(code).encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True


def is_compatibility_ideograph(code: int) -> bool:
    return 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F


def variants(font: TTFont) -> Iterator[tuple[int, int, str | None]]:
    """Selector, character and glyph of each sequence; no glyph where it is that of the character alone."""
    for table in font["cmap"].tables:
        if table.format == VARIATION_SEQUENCES:
            for selector, sequences in table.uvsDict.items():
                for code, glyph in sequences:
                    yield selector, code, glyph


def cut(source: Path, style: str) -> TTFont:
    font = TTFont(source, fontNumber=JAPANESE, recalcTimestamp=False)
    mapped = font.getBestCmap()
    of_adobe = {code for _selector, code, _glyph in variants(font)}
    lacking = {
        code
        for code in mapped.keys() - present()
        if code in of_adobe or in_jis_x_0213(code) or is_compatibility_ideograph(code)
    }
    sequences = [
        (selector, code, None if glyph == mapped.get(code) else glyph)
        for selector, code, glyph in variants(font)
        if code in mapped
    ]
    glyphs = {glyph for _selector, _code, glyph in sequences if glyph}
    options = subset.Options(
        hinting=False,
        desubroutinize=False,
        layout_features=[],
        notdef_outline=True,
        name_IDs=["*"],
        glyph_names=False,
    )
    options.drop_tables += DROPPED_TABLES
    subsetter = subset.Subsetter(options)
    selectors = {selector for selector, _code, _glyph in sequences}
    subsetter.populate(unicodes=lacking | selectors, glyphs=sorted(glyphs))
    subsetter.subset(font)
    _know_sequences(font, sequences)
    _rename(font, style)
    return font


def _know_sequences(font: TTFont, sequences: Iterable[tuple[int, int, str | None]]) -> None:
    """Name all sequences, also of kanji that only other typefaces have: these tell which ones are known."""
    (table,) = (found for found in font["cmap"].tables if found.format == VARIATION_SEQUENCES)
    table.uvsDict = {}
    for selector, code, glyph in sequences:
        table.uvsDict.setdefault(selector, []).append((code, glyph))
        if glyph:
            _answer_for(font, code, glyph)


def _answer_for(font: TTFont, code: int, glyph: str) -> None:
    """Let a kanji of which there are variants be there alone, too: a typeface is asked for it before its
    selector.

    Documents never take the kanji alone from here, so that the shape of a variant does for it.
    """
    for table in font["cmap"].tables:
        if table.format == FULL_UNICODE or (table.format == BASIC_PLANE and code <= LAST_OF_BASIC_PLANE):
            table.cmap.setdefault(code, glyph)


def _rename(font: TTFont, style: str) -> None:
    full, postscript = f"{FAMILY} {style}", f"DocumentGothicNames-{style}"
    texts = {
        FAMILY_NAME: FAMILY,
        STYLE_NAME: style,
        UNIQUE_NAME: full,
        FULL_NAME: full,
        POSTSCRIPT_NAME: postscript,
    }
    table = font["name"]
    own = [name for name in table.names if name.platformID == 3 and name.langID == 0x409]
    table.names = [name for name in own if name.nameID not in OTHER_NAMES]
    for identifier, text in texts.items():
        table.setName(text, identifier, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [postscript]
    top[0].FullName, top[0].FamilyName = full, FAMILY


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    for style in STYLES:
        target = FONTS / f"DocumentGothicNames-{style}.otf"
        cut(folder / f"NotoSansCJK-{style}.ttc", style).save(target, reorderTables=True)
        print(f"{target.name}: {target.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
