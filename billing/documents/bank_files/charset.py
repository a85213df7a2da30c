"""The characters of bank files: one byte each, half width (JIS X 0201, as Shift_JIS writes it)."""

from __future__ import annotations

import jaconv

from .problems import BankFileError, FileProblem

ENCODING = "shift_jis"
_SMALL = str.maketrans("ｧｨｩｪｫｬｭｮｯｦ", "ｱｲｳｴｵﾔﾕﾖﾂｵ")
_SIGNS = str.maketrans(
    {"ｰ": "-", "‐": "-", "−": "-", "―": "-", "・": ".", "･": ".", "¥": "\\", "\u3000": " "}
)
_ALLOWED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ().-/\\｢｣ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
)


def bank_kana(text: str) -> str:
    """A name as bank files write it: half-width kana without small ones, capitals, digits and few signs.

    Hiragana and full-width characters are converted. BankFileError for others, kanji among them.
    """
    half = jaconv.z2h(jaconv.hira2kata(text), kana=True, ascii=True, digit=True)
    written = str(half).translate(_SIGNS).translate(_SMALL).upper()
    if unknown := outside_bank_kana(written):
        raise BankFileError([FileProblem(0, "", "not_bank_kana", {"characters": unknown})])
    return " ".join(written.split())


def outside_bank_kana(text: str) -> str:
    """The characters of a text that bank files do not know, each once."""
    return "".join(dict.fromkeys(sign for sign in text if sign not in _ALLOWED))


def comparable_name(text: str) -> str:
    """A name for comparing: as bank files write it, without spaces, signs and the form of the company.

    `ｶ)ﾐﾅﾄｼﾖｳｼﾞ`, `株式会社` in kana and the plain name become the same. Characters that bank files do not know
    are left out.
    """
    half = str(jaconv.z2h(jaconv.hira2kata(text), kana=True, ascii=True, digit=True))
    written = half.translate(_SIGNS).translate(_SMALL).upper()
    for sign in " .-/\\｢｣":
        written = written.replace(sign, "")
    for form in _COMPANY_FORMS:
        written = written.replace(form, "")
    return "".join(sign for sign in written if sign in _ALLOWED and sign not in "()")


_COMPANY_FORMS = (
    "ｶﾌﾞｼｷｶﾞｲｼﾔ",
    "ｶﾌﾞｼｷｶｲｼﾔ",
    "ﾕｳｹﾞﾝｶﾞｲｼﾔ",
    "ﾕｳｹﾞﾝｶｲｼﾔ",
    "ｺﾞｳﾄﾞｳｶﾞｲｼﾔ",
    "ｺﾞｳﾄﾞｳｶｲｼﾔ",
    "(ｶ)",
    "(ﾕ)",
    "(ﾄﾞ)",
    "ｶ)",
    "(ｶ",
    "ﾕ)",
    "(ﾕ",
    "ﾄﾞ)",
    "(ﾄﾞ",
)
"""How the forms of companies are written out, and their marks in bank files: before, behind and within."""
