"""The characters of bank files: one byte each, half width (JIS X 0201, as Shift_JIS writes it)."""

from __future__ import annotations

import unicodedata

import jaconv

from .legal_forms import without_form
from .problems import BankFileError, FileProblem

ENCODING = "shift_jis"
_WITHOUT_HALF_WIDTH = str.maketrans(
    {
        "ヮ": "ワ",
        "ヵ": "カ",
        "ヶ": "ケ",
        "ヰ": "イ",
        "ヱ": "エ",
        "ヷ": "ヴァ",
        "ヸ": "ヴィ",
        "ヹ": "ヴェ",
        "ヺ": "ヴォ",
    }
)
_MARKS = str.maketrans({"\u3099": "ﾞ", "\u309a": "ﾟ", "゛": "ﾞ", "゜": "ﾟ"})
_SMALL = str.maketrans("ｧｨｩｪｫｬｭｮｯｦ", "ｱｲｳｴｵﾔﾕﾖﾂｵ")
_DASHES = "ｰ‐‑‒–—―−─━﹣－"
_SIGNS = str.maketrans({**dict.fromkeys(_DASHES, "-"), "・": ".", "･": ".", "¥": "\\"})
_ALLOWED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ().-/\\｢｣ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
)


def bank_kana(text: str) -> str:
    """A name as bank files write it: half-width kana without small ones, capitals, digits and few signs.

    Hiragana, full-width characters, marks that stand apart from their letters, and kana that have no half
    width (ヮ, ヵ, ヶ, ヰ, ヱ) are converted, each kind of dash is the long vowel. BankFileError for others,
    kanji among them.
    """
    written = _half_width(text)
    if unknown := outside_bank_kana(written):
        raise BankFileError([FileProblem(0, "", "not_bank_kana", {"characters": unknown})])
    return written


def outside_bank_kana(text: str) -> str:
    """The characters of a text that bank files do not know, each once."""
    return "".join(dict.fromkeys(sign for sign in text if sign not in _ALLOWED))


def comparable_name(text: str) -> str:
    """A name for comparing: as bank files write it, without spaces, signs and the form of the corporation.

    `ｶ)ﾐﾅﾄｼﾖｳｼﾞ`, `株式会社` in kana and the plain name become the same. Characters that bank files do not know
    are left out.
    """
    kana = text.replace("NPO法人", "").replace("ＮＰＯ法人", "")
    known = "".join(sign for sign in _half_width(kana) if sign in _ALLOWED)
    return without_form(known)


def _half_width(text: str) -> str:
    """Half-width kana with capitals and single spaces; what has no half width stays as it is."""
    katakana = str(jaconv.hira2kata(unicodedata.normalize("NFC", text))).translate(_WITHOUT_HALF_WIDTH)
    half = str(jaconv.z2h(katakana, kana=True, ascii=True, digit=True)).translate(_MARKS)
    return " ".join(half.translate(_SIGNS).translate(_SMALL).upper().split())
