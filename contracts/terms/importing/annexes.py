"""The keys by which annexes are cited, from their titles: 別記 料金通則 → general, 料金表 第2 → list-2."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from contracts.terms.importing.labels import SPACED_NUMERAL, numeral

_BASES = (
    (r"料金通則|通則", "general"),
    (r"料金表", "list"),
    (r"[附付]\s*則", "suppl"),
    (r"SLA|品質保証|サービスレベル", "sla"),
    (r"仕様", "spec"),
    (r"別紙", "sheet"),
    (r"別表", "table"),
    (r"別添", "attachment"),
)
_OTHER = "annex"
_NUMBER = re.compile(rf"(?:第\s*|^[^\s\d０-９第]{{2,3}}\s*)((?>{SPACED_NUMERAL}))(?![年月日版条])")


def annex_keys(titles: Sequence[str]) -> list[str]:
    """A key for each title, in order; the parts of a 料金表 follow its first one in their numbers."""
    bases: list[str] = []
    for title in titles:
        found = _base(title)
        bases.append(bases[-1] if found == _OTHER and bases and _part_number(title, "^第") else found)
    counts = Counter(bases)
    used: set[str] = set()
    free: dict[tuple[str, int], int] = {}
    keys = []
    for title, base in zip(titles, bases, strict=True):
        wanted = _part_number(title, "") or (1 if counts[base] > 1 else None)
        key = base if wanted is None else f"{base}-{wanted}"
        number = free.get((base, wanted or 1), wanted or 1)
        while key in used:
            number += 1
            key = f"{base}-{number}"
        free[base, wanted or 1] = number
        used.add(key)
        keys.append(key)
    return keys


def _base(title: str) -> str:
    """The base of the key for the word that comes first in the title."""
    found = [(match.start(), base) for pattern, base in _BASES if (match := re.search(pattern, title))]
    return min(found)[1] if found else _OTHER


def _part_number(title: str, start: str) -> int | None:
    match = _NUMBER.search(title)
    if match is None or not re.match(start, title):
        return None
    try:
        return numeral(match[1]) or None
    except ValueError:
        return None
