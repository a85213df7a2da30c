"""Where a value stands in a TOML text."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-.\"' ]+?)\s*=")
_NAMED = re.compile(r"^\s*key\s*=\s*[\"']([^\"']+)[\"']")


def line_of(source: str, path: str) -> int:
    """The line, counted from 1, in which the value of a path is written, or else what is nearest around it.

    Entries of a list of tables are named by their `key`: `products.seat.maximum`.
    """
    best, found = -1, 1
    table = ""
    for number, line in enumerate(source.split("\n"), start=1):
        if header := _HEADER.match(line):
            here = table = _joined(header[2])
        elif named := _NAMED.match(line):
            table = here = f"{table}.{named[1]}"
        elif key := _KEY.match(line):
            here = ".".join(part for part in (table, _joined(key[1])) if part)
        else:
            continue
        depth = _common(here, path)
        if depth > best:
            best, found = depth, number
    return found


def _joined(name: str) -> str:
    return ".".join(part.strip(" \"'") for part in name.split("."))


def _common(here: str, path: str) -> int:
    """How far a place leads to a path; -1 where it leads elsewhere."""
    if f"{path}.".startswith(f"{here}.") or f"{here}.".startswith(f"{path}."):
        return min(here.count("."), path.count(".")) + 1
    return -1
