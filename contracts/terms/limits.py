"""How large a terms text may be: far beyond any that is known, and far below what would take long to read."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.problems.reasons import Reason

MOST_LINES = 20_000
LONGEST_LINE = 20_000
"""Characters."""
DEEPEST_ITEMS = 20


def beyond_limits(text: str) -> Iterator[tuple[int, Reason]]:
    """What of a text is beyond the limits, with the line; the first of it at least."""
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        yield MOST_LINES + 1, Reason("too_many_lines", {"most": MOST_LINES})
    for number, line in enumerate(lines[:MOST_LINES], start=1):
        if len(line) > LONGEST_LINE:
            yield number, Reason("line_too_long", {"most": LONGEST_LINE})
