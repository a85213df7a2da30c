"""What a row states otherwise than the one by which its contract was brought in: old and new, by cell."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

Lines = Mapping[str, Sequence[Mapping[str, Any]]]


def changed_cells(before: Lines, after: Lines) -> list[dict[str, Any]]:
    """The cells that differ, with the places where they stand now (or stood), and both values."""
    found: list[dict[str, Any]] = []
    for sheet in dict.fromkeys([*before, *after]):
        for old, new in zip_longest(before.get(sheet, ()), after.get(sheet, ())):
            row = (new or old)["row"]
            was, now = (old or {}).get("values", {}), (new or {}).get("values", {})
            for column in dict.fromkeys([*was, *now]):
                if was.get(column) != now.get(column):
                    cell = {"before": was.get(column), "after": now.get(column)}
                    found.append({"sheet": sheet, "row": row, "column": column, **cell})
    return found
