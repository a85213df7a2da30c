"""When two texts say the same: differences of white space and of character width do not count."""

from __future__ import annotations

import re
import unicodedata

_VARIANTS = {"〜": "~", "’": "'", "‘": "'", "“": '"', "”": '"', "―": "-", "－": "-"}
_VARIANT = re.compile(f"[{''.join(_VARIANTS)}]")


def fold(text: str) -> str:
    """The text with white space, widths of characters and variants of signs evened out."""
    if _VARIANT.search(text):
        text = _VARIANT.sub(lambda match: _VARIANTS[match[0]], text)
    return "".join(unicodedata.normalize("NFKC", text).split())
