"""The forms of corporations in names at banks: as the banks abbreviate them, and written out.

Source: the bankers' association's table of abbreviations (法人略語, 営業所略語, 事業略語). An abbreviation is
marked by a bracket: `ｶ)` stands before a name, `(ｶ` behind it, `(ｶ)` within. What is added to the table: ｾﾞ
for ｾﾞｲ, ｲｼﾔ and ｲｻﾞｲ, and the further ones that payers write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ABBREVIATIONS = [
    "ｶ",
    "ﾕ",
    "ﾒ",
    "ｼ",
    "ﾄﾞ",
    "ｿ",
    "ｲ",
    "ｲｼﾔ",
    "ｲｻﾞｲ",
    "ｻﾞｲ",
    "ｼﾔ",
    "ｶﾞｸ",
    "ﾌｸ",
    "ｼﾕｳ",
    "ﾎｺﾞ",
    "ﾄｸﾋ",
    "ﾄﾞｸ",
    "ﾁﾄﾞｸ",
    "ﾀﾞｲ",
    "ﾉｳ",
    "ｶﾝﾘ",
    "ﾓｸ",
    "ｹﾝ",
    "ｼﾂ",
    "ﾍﾞﾝ",
    "ﾁﾕｳ",
    "ｷﾞﾖ",
    "ｼﾎｳ",
    "ｾﾞ",
    "ｾﾞｲ",
    "ﾄﾁ",
    "ﾛｳ",
    "ｿｳ",
    "ｲﾂｼﾔ",
    "ｲﾂｻﾞｲ",
    "ｺｳｼﾔ",
    "ｺｳｻﾞｲ",
    "ｿｺﾞ",
    "ｺｸﾀﾞｲ",
    "ｺｳﾀﾞｲ",
    "ﾄｸﾓｸ",
]
_OFFICES = ("ｴｲ", "ｼﾕﾂ")
_COMPANY = ("ｶﾌﾞｼｷ", "ﾕｳｹﾞﾝ", "ｺﾞｳﾄﾞｳ", "ｺﾞｳﾒｲ", "ｺﾞｳｼ", "ｿｳｺﾞ", "ﾄｸﾃｲﾓｸﾃｷ")
_CORPORATION = (
    "ｲﾘﾖｳﾎｳｼﾞﾝｼﾔﾀﾞﾝ",
    "ｲﾘﾖｳﾎｳｼﾞﾝｻﾞｲﾀﾞﾝ",
    "ｼﾔｶｲｲﾘﾖｳﾎｳｼﾞﾝｼﾔﾀﾞﾝ",
    "ｼﾔｶｲｲﾘﾖｳﾎｳｼﾞﾝｻﾞｲﾀﾞﾝ",
    "ﾕｳｹﾞﾝｾｷﾆﾝｼﾞｷﾞﾖｳｸﾐｱｲ",
    *(
        f"{kind}ﾎｳｼﾞﾝ"
        for kind in (
            "ｲﾘﾖｳ",
            "ｼﾔｶｲｲﾘﾖｳ",
            "ｲﾂﾊﾟﾝｼﾔﾀﾞﾝ",
            "ｺｳｴｷｼﾔﾀﾞﾝ",
            "ﾄｸﾚｲｼﾔﾀﾞﾝ",
            "ｼﾔﾀﾞﾝ",
            "ｲﾂﾊﾟﾝｻﾞｲﾀﾞﾝ",
            "ｺｳｴｷｻﾞｲﾀﾞﾝ",
            "ﾄｸﾚｲｻﾞｲﾀﾞﾝ",
            "ｻﾞｲﾀﾞﾝ",
            "ｶﾞﾂｺｳ",
            "ｼﾞﾕﾝｶﾞﾂｺｳ",
            "ｼﾕｳｷﾖｳ",
            "ｼﾔｶｲﾌｸｼ",
            "ｺｳｾｲﾎｺﾞ",
            "ﾄｸﾃｲﾋｴｲﾘｶﾂﾄﾞｳ",
            "ﾆﾝﾃｲﾄｸﾃｲﾋｴｲﾘｶﾂﾄﾞｳ",
            "NPO",
            "ｴﾇﾋﾟｵ",
            "ﾄﾞｸﾘﾂｷﾞﾖｳｾｲ",
            "ﾁﾎｳﾄﾞｸﾘﾂｷﾞﾖｳｾｲ",
            "ｺｸﾘﾂﾀﾞｲｶﾞｸ",
            "ｺｳﾘﾂﾀﾞｲｶﾞｸ",
            "ｺｸﾘﾂｹﾝｷﾕｳｶｲﾊﾂ",
            "ﾁﾕｳｷﾓｸﾋﾖｳｶﾝﾘ",
            "ｷﾞﾖｳｾｲｼﾂｺｳ",
            "ﾉｳｼﾞｸﾐｱｲ",
            "ｶﾝﾘｸﾐｱｲ",
            "ﾍﾞﾝｺﾞｼ",
            "ﾍﾞﾝﾘｼ",
            "ﾄﾂｷﾖｷﾞﾖｳﾑ",
            "ｼﾎｳｼﾖｼ",
            "ｷﾞﾖｳｾｲｼﾖｼ",
            "ｾﾞｲﾘｼ",
            "ﾄﾁｶｵｸﾁﾖｳｻｼ",
            "ｼﾔｶｲﾎｹﾝﾛｳﾑｼ",
            "ﾕｳｹﾞﾝｾｷﾆﾝｶﾝｻ",
            "ｶﾝｻ",
            "ﾕｳｹﾞﾝｾｷﾆﾝﾁﾕｳｶﾝ",
            "ﾑｹﾞﾝｾｷﾆﾝﾁﾕｳｶﾝ",
            "ﾁﾕｳｶﾝ",
            "ﾄｳｼ",
        )
    ),
)
_BUSINESSES = {
    "ﾉｳｷﾖｳﾚﾝ": ("ﾉｳｷﾞﾖｳｷﾖｳﾄﾞｳｸﾐｱｲﾚﾝｺﾞｳｶｲ",),
    "ｹｲｻﾞｲﾚﾝ": ("ｹｲｻﾞｲﾉｳｷﾞﾖｳｷﾖｳﾄﾞｳｸﾐｱｲﾚﾝｺﾞｳｶｲ",),
    "ｷﾖｳｻｲﾚﾝ": ("ｷﾖｳｻｲﾉｳｷﾞﾖｳｷﾖｳﾄﾞｳｸﾐｱｲﾚﾝｺﾞｳｶｲ",),
    "ｷﾞﾖﾚﾝ": ("ｷﾞﾖｷﾞﾖｳｷﾖｳﾄﾞｳｸﾐｱｲﾚﾝｺﾞｳｶｲ",),
    "ｺｸｷﾖｳﾚﾝ": ("ｺﾂｶｺｳﾑｲﾝｷﾖｳｻｲｸﾐｱｲﾚﾝｺﾞｳｶｲ",),
    "ｺｸﾎﾚﾝ": ("ｺｸﾐﾝｹﾝｺｳﾎｹﾝﾀﾞﾝﾀｲﾚﾝｺﾞｳｶｲ",),
    "ﾉｳｷﾖｳ": ("ﾉｳｷﾞﾖｳｷﾖｳﾄﾞｳｸﾐｱｲ", "ﾉｳｷﾖｳｸﾐ"),
    "ｷﾞﾖｷﾖｳ": ("ｷﾞﾖｷﾞﾖｳｷﾖｳﾄﾞｳｸﾐｱｲ", "ｷﾞﾖｷﾖｳｸﾐ"),
    "ｾｲｷﾖｳ": ("ｾｲｶﾂｷﾖｳﾄﾞｳｸﾐｱｲ", "ｾｲｷﾖｳｸﾐ"),
    "ｼﾖｸﾊﾝｷﾖｳ": ("ｼﾖｸﾘﾖｳﾊﾝﾊﾞｲｷﾖｳﾄﾞｳｸﾐｱｲ",),
    "ｺｸﾎ": ("ｺｸﾐﾝｹﾝｺｳﾎｹﾝｸﾐｱｲ",),
    "ｹﾝﾎﾟ": ("ｹﾝｺｳﾎｹﾝｸﾐｱｲ",),
    "ｼﾔﾎ": ("ｼﾔｶｲﾎｹﾝｼﾝﾘﾖｳﾎｳｼﾕｳｼﾊﾗｲｷｷﾝ",),
    "ｷﾖｳｻｲ": ("ｷﾖｳｻｲｸﾐｱｲ",),
    "ｺｳﾈﾝ": ("ｺｳｾｲﾈﾝｷﾝｷｷﾝ",),
    "ｼﾞﾕｳｸﾐ": ("ｼﾞﾕｳｷﾞﾖｳｲﾝｸﾐｱｲ",),
    "ﾛｳｸﾐ": ("ﾛｳﾄﾞｳｸﾐｱｲ",),
    "ｾｲﾒｲ": ("ｾｲﾒｲﾎｹﾝ",),
    "ｶｲｼﾞﾖｳ": ("ｶｲｼﾞﾖｳｶｻｲﾎｹﾝ",),
    "ｶｻｲ": ("ｶｻｲｶｲｼﾞﾖｳﾎｹﾝ",),
    "ｼﾖｸｱﾝ": ("ｺｳｷﾖｳｼﾖｸｷﾞﾖｳｱﾝﾃｲｼﾖ",),
    "ｼﾔｷﾖｳ": ("ｼﾔｶｲﾌｸｼｷﾖｳｷﾞｶｲ",),
    "ﾄｸﾖｳ": ("ﾄｸﾍﾞﾂﾖｳｺﾞﾛｳｼﾞﾝﾎﾑ",),
}
"""事業略語: what they stand for belongs to the name, so it is abbreviated and not left out."""

_WRITTEN_OUT = (
    *_CORPORATION,
    *(kind + company for kind in _COMPANY for company in ("ｶﾞｲｼﾔ", "ｶｲｼﾔ")),
    "ｴｲｷﾞﾖｳｼﾖ",
    "ｼﾕﾂﾁﾖｳｼﾞﾖ",
    "ｼﾕﾂﾁﾖｳｼﾖ",
)


def without_form(name: str) -> str:
    """A name in half-width kana without spaces, signs and the form of its corporation.

    Brackets and spaces of the name tell where an abbreviation begins and ends. Businesses become as banks
    abbreviate them.
    """
    marked = _LOOSE_SPACES.sub("", name)
    while (less := _MARKED.sub(" ", marked)) != marked:
        marked = less
    plain = _SIGNS.sub("", marked if "(" in marked else _CLOSED.sub(" ", marked))
    return _BUSINESS.sub(lambda found: _SHORT[found[0]], _SPELLED.sub("", plain))


def _one_of(texts: Iterable[str]) -> str:
    """Any of them, the longest that fits."""
    return "(?:" + "|".join(sorted(map(re.escape, texts), key=len, reverse=True)) + ")"


_SIGNS = re.compile(r"[ ().\-/\\｢｣]")
_LOOSE_SPACES = re.compile(r"(?<=\() +| +(?=\))")
_FORM = _one_of([*_ABBREVIATIONS, *_OFFICES])
_SHORT = {written: short for short, every in _BUSINESSES.items() for written in every}
_BUSINESS = re.compile(_one_of(_SHORT))
_SPELLED = re.compile(_one_of(_WRITTEN_OUT))
_MARKED = re.compile(rf"(?:^|(?<= )){_FORM}\)|\({_FORM}(?:\)|$|(?= ))")
_CLOSED = re.compile(rf"{_FORM}\)")
"""Behind a name or within one, without the bracket that should open it."""
