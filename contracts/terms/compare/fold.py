"""When two texts say the same: differences of white space and of character width do not count."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_SAME = str.maketrans({"〜": "~", "’": "'", "‘": "'", "“": '"', "”": '"', "―": "-", "－": "-"})


def fold(text: str) -> str:
    """The text with white space, widths of characters and variants of signs evened out."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text.translate(_SAME)))
